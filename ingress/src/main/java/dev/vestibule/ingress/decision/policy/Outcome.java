package dev.vestibule.ingress.decision.policy;

/** What is answered about a visitor at the door. */
public enum Outcome {
  /** The visitor may enter. */
  APPROVE,
  /** A person must look first. */
  REVIEW
}
