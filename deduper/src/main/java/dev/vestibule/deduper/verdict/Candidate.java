package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record before its verdict.
 *
 * @param offset position in its partition; memory is per partition
 * @param arrival milliseconds since the epoch at which the raw record was appended
 * @param scheme version of the key scheme; hashes of different versions are not comparable
 * @param transport key of the event within its accepted request
 * @param delivery key of the vendor's delivery, or null
 * @param fact key of the fact, or null
 * @param snapshot state of an object, or null when the record is no snapshot
 * @param identity hash of what makes the fact itself
 * @param revision hash of the attributes
 * @param deliveryWindow how far back transport and delivery keys count
 * @param factWindow how far back fact, snapshot and revision keys count
 */
public record Candidate(
    long offset,
    long arrival,
    int scheme,
    Hash transport,
    @Nullable Hash delivery,
    @Nullable Hash fact,
    @Nullable Snapshot snapshot,
    Hash identity,
    long revision,
    DedupeWindow deliveryWindow,
    DedupeWindow factWindow) {

  /**
   * State of an object as one copy reports it.
   *
   * @param key the object
   * @param fingerprint hash of the canonical content
   * @param facts what has happened for good, by this copy
   */
  public record Snapshot(Hash key, Hash fingerprint, Set<TerminalFact> facts) {
    public Snapshot {
      facts = Set.copyOf(facts);
    }
  }

  boolean usesFactWindow() {
    return fact != null || snapshot != null;
  }
}
