package dev.vestibule.ingress.decision.snapshot;

import java.time.Instant;

/**
 * How far a topic has been read.
 *
 * @param value what it amounts to
 * @param offset of the newest record in it; -1 when there is none
 * @param records ids that a record stands for
 * @param malformed ids whose newest record cannot be understood
 * @param freshAt everything that was written before this moment is in it; {@link Instant#EPOCH}
 *     until the topic's end was reached for the first time
 */
record Reading<T>(T value, long offset, int records, int malformed, Instant freshAt) {
  Reading<T> freshAt(Instant later) {
    return new Reading<>(value, offset, records, malformed, later);
  }

  boolean complete() {
    return freshAt.isAfter(Instant.EPOCH);
  }
}
