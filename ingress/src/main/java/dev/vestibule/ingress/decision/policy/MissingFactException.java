package dev.vestibule.ingress.decision.policy;

/** A policy read a fact that is absent. */
final class MissingFactException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String variable;

  MissingFactException(String variable) {
    // Part of the flow of a decision: the stack tells nothing and is dear.
    super(variable + " is missing", null, false, false);
    this.variable = variable;
  }

  String variable() {
    return variable;
  }
}
