package dev.vestibule.ingress.spool;

import java.time.Instant;

/**
 * What the spool of a source holds.
 *
 * @param drained number of the last record that is in Kafka
 * @param last number of the last record that was accepted
 * @param since when the oldest was put there
 */
public record SpoolStatus(String source, long drained, long last, Instant since) {

  /** How many there are. */
  public long records() {
    return last - drained;
  }

  /** Whether the record of that number was accepted and is not in Kafka. */
  public boolean holds(long number) {
    return number > drained && number <= last;
  }
}
