package dev.vestibule.ingress.decision.watchlist;

/** An entry that cannot be: names the field and what is wrong with it, never its value. */
public final class InvalidEntryException extends IllegalArgumentException {
  private final String field;
  private final String problem;

  InvalidEntryException(String field, String problem) {
    super(field + " " + problem);
    this.field = field;
    this.problem = problem;
  }

  /** The field, e.g. {@code names}. */
  public String field() {
    return field;
  }

  /** What is wrong with it, without the value. */
  public String problem() {
    return problem;
  }
}
