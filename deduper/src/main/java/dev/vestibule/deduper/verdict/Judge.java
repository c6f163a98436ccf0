package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Verdict;
import dev.vestibule.deduper.verdict.Candidate.Snapshot;
import dev.vestibule.deduper.verdict.Hash.Derivation;
import dev.vestibule.deduper.verdict.Judgement.Evidence;
import dev.vestibule.deduper.verdict.Judgement.KeyKind;
import dev.vestibule.deduper.verdict.Remembered.FirstCopy;
import dev.vestibule.deduper.verdict.Remembered.Row;
import dev.vestibule.deduper.verdict.Remembered.Snapshots;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a record is the first copy of its fact.
 *
 * <p>The promise: copies that arrive within the window of the first accepted copy produce exactly
 * one event, and no first copy is ever dropped. A remembered position at or after the record's own
 * is what an aborted attempt left behind and counts for nothing, so a record is never a duplicate
 * of itself or of its future.
 *
 * <p>Keys speak in this order. The transport key alone tells our own repetition. A delivery key
 * decides when it shows a conflict or an exact repeat; otherwise the snapshot or the fact does.
 */
public final class Judge {
  private final Coverage coverage;
  private final Memory memory;
  private final Candidate record;
  private final List<Memory.Write> writes = new ArrayList<>(4);

  private Judge(Coverage coverage, Memory memory, Candidate record) {
    this.coverage = coverage;
    this.memory = memory;
    this.record = record;
  }

  /**
   * @param coverage what memory covers, this record's arrival included
   * @param memory what was remembered so far; not changed
   */
  public static Judgement judge(Coverage coverage, Memory memory, Candidate record) {
    return new Judge(coverage, memory, record).judge();
  }

  /**
   * Judges a record that carries the keys of two schemes while one replaces the other. Every record
   * of the window bears the older keys, so they decide; under the newer ones the record is only
   * remembered, until a window later they can stand alone. Hashes of two schemes never meet.
   *
   * @param deciding the record by its older keys
   * @param learning the record by its newer keys, or null
   */
  public static Judgement judge(
      Coverage coverage, Memory memory, Candidate deciding, @Nullable Candidate learning) {
    Judgement judgement = judge(coverage, memory, deciding);
    return learning == null
        ? judgement
        : judgement.remembering(judge(coverage, memory, learning).writes());
  }

  private Judgement judge() {
    FirstCopy replayed = find(record.deliveryWindow(), record.transport());
    if (replayed != null) {
      return judgement(Verdict.REPLAY, evidence(KeyKind.TRANSPORT, replayed));
    }
    remember(record.deliveryWindow(), record.transport(), mark());

    Hash delivery = record.delivery();
    FirstCopy delivered = delivery == null ? null : find(record.deliveryWindow(), delivery);
    if (delivery != null && delivered != null && comparable(delivered)) {
      if (!record.identity().equals(delivered.identity())) {
        return conflict(delivery, delivered);
      }
      if (sameContent(delivered)) {
        return judgement(Verdict.DUPLICATE, evidence(KeyKind.DELIVERY, delivered));
      }
    }
    if (delivery != null && delivered == null) {
      remember(record.deliveryWindow(), delivery, copy(record.identity()));
    }
    Snapshot snapshot = record.snapshot();
    return snapshot == null ? fact(delivered) : snapshot(snapshot);
  }

  /** The key was used for another fact: worth an alarm once, however often the copy is retried. */
  private Judgement conflict(Hash delivery, FirstCopy first) {
    Hash content = content(delivery, Derivation.CONFLICT);
    FirstCopy repeated = find(record.deliveryWindow(), content);
    if (repeated != null) {
      return judgement(Verdict.DUPLICATE, evidence(KeyKind.DELIVERY, repeated));
    }
    remember(record.deliveryWindow(), content, mark());
    return judgement(Verdict.CONFLICT, evidence(KeyKind.DELIVERY, first));
  }

  private Judgement snapshot(Snapshot snapshot) {
    Row last = lastAccepted(snapshot.key());
    if (last != null
        && last.scheme() == record.scheme()
        && last.fingerprint().equals(snapshot.fingerprint())) {
      return judgement(
          Verdict.DUPLICATE, new Evidence(KeyKind.SNAPSHOT, last.offset(), last.arrival(), null));
    }
    if (last != null && !snapshot.facts().containsAll(last.facts())) {
      return new Judgement(Verdict.NEW, null, true, writes);
    }
    accept(snapshot);
    return last == null ? first() : judgement(Verdict.NEW, null);
  }

  /**
   * @param delivered an earlier copy of the same delivery with other attributes, or null
   */
  private Judgement fact(@Nullable FirstCopy delivered) {
    Hash fact = record.fact();
    FirstCopy known = fact == null ? null : find(record.factWindow(), fact);
    if (fact != null && known == null) {
      remember(record.factWindow(), fact, copy(null));
    }
    if (known != null && comparable(known) && sameContent(known)) {
      return judgement(Verdict.DUPLICATE, evidence(KeyKind.FACT, known));
    }
    if (fact != null && known != null) {
      return revision(fact, evidence(KeyKind.FACT, known));
    }
    if (delivered != null && record.delivery() != null) {
      Hash base = fact == null ? record.delivery() : fact;
      return revision(base, evidence(KeyKind.DELIVERY, delivered));
    }
    return first();
  }

  /** Each content of a fact goes out once. */
  private Judgement revision(Hash base, Evidence first) {
    Hash content = content(base, Derivation.REVISION);
    FirstCopy repeated = find(record.factWindow(), content);
    if (repeated != null) {
      return judgement(Verdict.DUPLICATE, evidence(first.kind(), repeated));
    }
    remember(record.factWindow(), content, mark());
    return judgement(Verdict.REVISION, first);
  }

  private Judgement first() {
    boolean unsure =
        coverage.lacks(record.deliveryWindow(), record.arrival())
            || (record.usesFactWindow() && coverage.lacks(record.factWindow(), record.arrival()));
    return judgement(unsure ? Verdict.UNVERIFIED : Verdict.NEW, null);
  }

  private @Nullable FirstCopy find(DedupeWindow window, Hash key) {
    long width = window.bucket().toMillis();
    long oldest = coverage.oldest(window, record.arrival());
    for (long bucket = coverage.newest(window, record.arrival());
        bucket >= oldest;
        bucket -= width) {
      if (memory.get(window, key, bucket) instanceof FirstCopy copy
          && counts(window, copy.offset(), copy.arrival())) {
        return copy;
      }
    }
    return null;
  }

  private @Nullable Row lastAccepted(Hash key) {
    DedupeWindow window = record.factWindow();
    long width = window.bucket().toMillis();
    long oldest = coverage.oldest(window, record.arrival());
    Row last = null;
    for (long bucket = coverage.newest(window, record.arrival());
        bucket >= oldest;
        bucket -= width) {
      if (memory.get(window, key, bucket) instanceof Snapshots snapshots) {
        for (Row row : snapshots.rows()) {
          if (counts(window, row.offset(), row.arrival())
              && (last == null || row.offset() > last.offset())) {
            last = row;
          }
        }
      }
    }
    return last;
  }

  /** Whether a remembered copy lies before the record and within its window. */
  private boolean counts(DedupeWindow window, long offset, long arrival) {
    return offset < record.offset()
        && Math.abs(record.arrival() - arrival) <= window.length().toMillis();
  }

  private void accept(Snapshot snapshot) {
    DedupeWindow window = record.factWindow();
    long bucket = Coverage.bucket(window, record.arrival());
    Row row =
        new Row(
            record.scheme(),
            record.offset(),
            record.arrival(),
            snapshot.fingerprint(),
            snapshot.facts());
    Snapshots before =
        memory.get(window, snapshot.key(), bucket) instanceof Snapshots snapshots
            ? snapshots
            : new Snapshots(List.of());
    remember(window, snapshot.key(), before.with(row));
  }

  private void remember(DedupeWindow window, Hash key, Remembered value) {
    long bucket = Coverage.bucket(window, record.arrival());
    if (coverage.holds(window, bucket)) {
      writes.add(new Memory.Write(window, key, bucket, value));
    }
  }

  /**
   * The key of one content. The identity is part of it: under a delivery key of another scheme two
   * facts may meet that cannot be told apart otherwise.
   */
  private Hash content(Hash base, Derivation derivation) {
    return base.derive(derivation, record.identity(), new Hash(record.scheme(), record.revision()));
  }

  private boolean comparable(FirstCopy copy) {
    return copy.scheme() == record.scheme();
  }

  private boolean sameContent(FirstCopy copy) {
    return copy.revision() != null && copy.revision() == record.revision();
  }

  private FirstCopy mark() {
    return new FirstCopy(record.scheme(), record.offset(), record.arrival(), null, null);
  }

  private FirstCopy copy(@Nullable Hash identity) {
    return new FirstCopy(
        record.scheme(), record.offset(), record.arrival(), identity, record.revision());
  }

  private Judgement judgement(Verdict verdict, @Nullable Evidence evidence) {
    return new Judgement(verdict, evidence, false, writes);
  }

  private static Evidence evidence(KeyKind kind, FirstCopy copy) {
    return new Evidence(kind, copy.offset(), copy.arrival(), copy.identity());
  }
}
