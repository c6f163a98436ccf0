package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.Verdict;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The verdict on a record, why, and what to remember of it.
 *
 * @param verdict what the record is
 * @param evidence the earlier copy that told so; null for {@code NEW} and {@code UNVERIFIED}
 * @param late whether the record is a snapshot that would undo a terminal fact
 * @param writes the change of memory
 */
public record Judgement(
    Verdict verdict, @Nullable Evidence evidence, boolean late, List<Memory.Write> writes) {

  public Judgement {
    writes = List.copyOf(writes);
  }

  /** Whether the record goes to the events topics. */
  public boolean emits() {
    return switch (verdict) {
      case NEW, REVISION, CONFLICT, UNVERIFIED -> true;
      case DUPLICATE, REPLAY -> false;
    };
  }

  /**
   * An earlier copy.
   *
   * @param kind which key matched
   * @param offset its position in the partition
   * @param arrival milliseconds since the epoch
   * @param identity its identity where the key keeps one
   */
  public record Evidence(KeyKind kind, long offset, long arrival, @Nullable Hash identity) {}

  /** Which key matched. */
  public enum KeyKind {
    TRANSPORT,
    DELIVERY,
    FACT,
    SNAPSHOT;

    /** The name used in reports. */
    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
