package dev.vestibule.ingress.decision;

import java.time.Instant;

/** Where decisions get what they rest on. */
public interface Snapshots extends AutoCloseable {
  /** Nothing is ever known, so that every call is a review. */
  Snapshots NONE = () -> Nothing.SNAPSHOT;

  /** What is known now; never waits. */
  Snapshot current();

  /** Whether everything has been read up to where it ended at some moment since the start. */
  default boolean caughtUp() {
    return current().freshAt().isAfter(Instant.EPOCH);
  }

  /** Stops reading; the last snapshot stays. */
  @Override
  default void close() {}
}
