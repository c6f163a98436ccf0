package dev.vestibule.ingress.decision;

/** Where decisions get what they rest on. */
public interface Snapshots {
  /** Nothing is ever known, so that every call is a review. */
  Snapshots NONE = () -> Nothing.SNAPSHOT;

  /** What is known now; never waits. */
  Snapshot current();
}
