package dev.vestibule.standalone.receipts;

import java.time.Instant;
import java.util.List;

/** The spools of an ingress in this process: what was accepted and is not in Kafka yet. */
@FunctionalInterface
public interface Spools {

  /** Where no ingress runs. */
  Spools NONE = List::of;

  /** Every spool, also an empty one. Asks no disk. */
  List<Held> held();

  /**
   * The records of one source.
   *
   * @param drained number of the last that is in Kafka
   * @param last number of the last that was accepted
   * @param since when the oldest was put there
   */
  record Held(String source, long drained, long last, Instant since) {

    /** How many there are. */
    long records() {
      return last - drained;
    }

    boolean holds(Reference.Spooled reference) {
      return source.equals(reference.source())
          && reference.number() > drained
          && reference.number() <= last;
    }
  }
}
