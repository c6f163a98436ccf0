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
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a record is the first copy of its fact.
 *
 * <p>The promise: copies that arrive within the window of the first accepted copy produce exactly
 * one event, and no first copy is ever dropped. A remembered position at or after the record's own
 * is what an aborted attempt left behind and counts for nothing, so a record is never a duplicate
 * of itself or of its future.
 *
 * <p>Keys speak in this order. The transport key tells our own repetition. A delivery key decides
 * when it shows a conflict or an exact repeat; otherwise the snapshot or the fact does.
 */
public final class Judge {
  private final Coverage coverage;
  private final Memory memory;
  private final Candidate record;
  private final @Nullable Candidate renewed;
  private final List<Memory.Write> writes = new ArrayList<>(4);

  private Judge(Coverage coverage, Memory memory, Candidate record, @Nullable Candidate renewed) {
    this.coverage = coverage;
    this.memory = memory;
    this.record = record;
    this.renewed = renewed;
  }

  /**
   * @param coverage what memory covers, this record's arrival included
   * @param memory what was remembered so far; not changed
   */
  public static Judgement judge(Coverage coverage, Memory memory, Candidate record) {
    return judge(coverage, memory, record, null);
  }

  /**
   * Judges a record that carries the keys of two schemes while one replaces the other. What is
   * remembered under one is remembered under both, and an earlier copy is found by either, so
   * verdicts are those of one scheme alone, in whatever order services are upgraded. Hashes of two
   * schemes never meet.
   *
   * @param record by its older keys
   * @param renewed the same record by its newer keys, or null
   */
  public static Judgement judge(
      Coverage coverage, Memory memory, Candidate record, @Nullable Candidate renewed) {
    return new Judge(coverage, memory, record, renewed).judge();
  }

  private Judgement judge() {
    FirstCopy replayed = replayed();
    if (replayed != null) {
      return judgement(Verdict.REPLAY, evidence(KeyKind.TRANSPORT, replayed));
    }
    FirstCopy delivered = find(record.deliveryWindow(), Candidate::delivery);
    if (delivered != null || !isDelivery()) {
      remember(record.deliveryWindow(), Candidate::transport, Judge::mark);
    }
    // An entry without identity is one of another kind: hashes of two kinds were made equal.
    if (delivered != null && delivered.identity() != null && comparable(delivered)) {
      if (!like(delivered).identity().equals(delivered.identity())) {
        return conflict(delivered);
      }
      if (sameContent(delivered)) {
        return judgement(Verdict.DUPLICATE, evidence(KeyKind.DELIVERY, delivered));
      }
    }
    if (delivered == null) {
      remember(record.deliveryWindow(), Candidate::delivery, Judge::firstOfDelivery);
    }
    return record.snapshot() == null ? fact(delivered) : snapshot();
  }

  /**
   * The first copy of a delivery says beside its delivery key which request it came by, and every
   * other copy leaves a mark under its transport key.
   */
  private @Nullable FirstCopy replayed() {
    FirstCopy first = find(record.deliveryWindow(), Candidate::delivery, this::isOfThisRequest);
    return first == null ? find(record.deliveryWindow(), Candidate::transport) : first;
  }

  private boolean isOfThisRequest(FirstCopy copy) {
    return comparable(copy) && copy.isOf(like(copy).transport());
  }

  /** Whether a delivery key tells all copies, whichever scheme's keys they carry. */
  private boolean isDelivery() {
    return record.delivery() != null && (renewed == null || renewed.delivery() != null);
  }

  /** The key was used for another fact: worth an alarm once, however often the copy is retried. */
  private Judgement conflict(FirstCopy first) {
    Key content = copy -> content(copy, copy.delivery(), Derivation.CONFLICT);
    FirstCopy repeated = find(record.deliveryWindow(), content);
    if (repeated != null) {
      return judgement(Verdict.DUPLICATE, evidence(KeyKind.DELIVERY, repeated));
    }
    remember(record.deliveryWindow(), content, Judge::mark);
    return judgement(Verdict.CONFLICT, evidence(KeyKind.DELIVERY, first));
  }

  private Judgement snapshot() {
    Row last = lastAccepted();
    if (last != null) {
      Snapshot now = like(last.scheme()).snapshot();
      if (now != null
          && last.scheme() == like(last.scheme()).scheme()
          && last.fingerprint().equals(now.fingerprint())) {
        return judgement(
            Verdict.DUPLICATE, new Evidence(KeyKind.SNAPSHOT, last.offset(), last.arrival(), null));
      }
      if (now != null && !now.facts().containsAll(last.facts())) {
        return new Judgement(Verdict.NEW, null, true, writes);
      }
    }
    accept(record);
    if (renewed != null) {
      accept(renewed);
    }
    return last == null ? first() : judgement(Verdict.NEW, null);
  }

  /**
   * @param delivered an earlier copy of the same delivery with other attributes, or null
   */
  private Judgement fact(@Nullable FirstCopy delivered) {
    FirstCopy known = find(record.factWindow(), Candidate::fact);
    if (known == null) {
      remember(record.factWindow(), Candidate::fact, Judge::firstOfFact);
    }
    if (known != null && comparable(known) && sameContent(known)) {
      return judgement(Verdict.DUPLICATE, evidence(KeyKind.FACT, known));
    }
    if (known != null) {
      return revision(Candidate::fact, evidence(KeyKind.FACT, known));
    }
    if (delivered != null) {
      Key base = record.fact() == null ? Candidate::delivery : Candidate::fact;
      return revision(base, evidence(KeyKind.DELIVERY, delivered));
    }
    return first();
  }

  /** Each content of a fact goes out once. */
  private Judgement revision(Key base, Evidence first) {
    Key content = copy -> content(copy, base.of(copy), Derivation.REVISION);
    FirstCopy repeated = find(record.factWindow(), content);
    if (repeated != null) {
      return judgement(Verdict.DUPLICATE, evidence(first.kind(), repeated));
    }
    remember(record.factWindow(), content, Judge::mark);
    return judgement(Verdict.REVISION, first);
  }

  private Judgement first() {
    boolean unsure =
        coverage.lacks(record.deliveryWindow(), record.arrival())
            || (record.usesFactWindow() && coverage.lacks(record.factWindow(), record.arrival()));
    return judgement(unsure ? Verdict.UNVERIFIED : Verdict.NEW, null);
  }

  private @Nullable FirstCopy find(DedupeWindow window, Key key) {
    return find(window, key, copy -> true);
  }

  private @Nullable FirstCopy find(DedupeWindow window, Key key, Predicate<FirstCopy> wanted) {
    FirstCopy found = find(window, key.of(record), wanted);
    return found == null && renewed != null ? find(window, key.of(renewed), wanted) : found;
  }

  private @Nullable FirstCopy find(
      DedupeWindow window, @Nullable Hash key, Predicate<FirstCopy> wanted) {
    if (key == null) {
      return null;
    }
    long width = window.bucket().toMillis();
    long oldest = coverage.oldest(window, record.arrival());
    for (long bucket = coverage.newest(window, record.arrival());
        bucket >= oldest;
        bucket -= width) {
      if (memory.get(window, key, bucket) instanceof FirstCopy copy
          && counts(window, copy.offset(), copy.arrival())
          && wanted.test(copy)) {
        return copy;
      }
    }
    return null;
  }

  private @Nullable Row lastAccepted() {
    Row last = lastAccepted(record, null);
    return renewed == null ? last : lastAccepted(renewed, last);
  }

  private @Nullable Row lastAccepted(Candidate copy, @Nullable Row known) {
    DedupeWindow window = record.factWindow();
    Snapshot snapshot = copy.snapshot();
    if (snapshot == null) {
      return known;
    }
    long width = window.bucket().toMillis();
    long oldest = coverage.oldest(window, record.arrival());
    Row last = known;
    for (long bucket = coverage.newest(window, record.arrival());
        bucket >= oldest;
        bucket -= width) {
      if (memory.get(window, snapshot.key(), bucket) instanceof Snapshots snapshots) {
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

  private void accept(Candidate copy) {
    Snapshot snapshot = copy.snapshot();
    if (snapshot == null) {
      return;
    }
    DedupeWindow window = record.factWindow();
    long bucket = Coverage.bucket(window, record.arrival());
    Row row =
        new Row(
            copy.scheme(), copy.offset(), copy.arrival(), snapshot.fingerprint(), snapshot.facts());
    Snapshots before =
        memory.get(window, snapshot.key(), bucket) instanceof Snapshots snapshots
            ? snapshots
            : new Snapshots(List.of());
    remember(window, snapshot.key(), before.with(row));
  }

  private void remember(DedupeWindow window, Key key, Function<Candidate, Remembered> value) {
    remember(window, key.of(record), value.apply(record));
    if (renewed != null) {
      remember(window, key.of(renewed), value.apply(renewed));
    }
  }

  private void remember(DedupeWindow window, @Nullable Hash key, Remembered value) {
    long bucket = Coverage.bucket(window, record.arrival());
    if (key != null && coverage.holds(window, bucket)) {
      writes.add(new Memory.Write(window, key, bucket, value));
    }
  }

  /**
   * The key of one content. The identity is part of it: under a delivery key of another scheme two
   * facts may meet that cannot be told apart otherwise.
   */
  private static @Nullable Hash content(
      Candidate copy, @Nullable Hash base, Derivation derivation) {
    return base == null
        ? null
        : base.derive(derivation, copy.identity(), new Hash(copy.scheme(), copy.revision()));
  }

  /** The record by the keys that a remembered copy may be compared with. */
  private Candidate like(int scheme) {
    return renewed != null && renewed.scheme() == scheme ? renewed : record;
  }

  private Candidate like(FirstCopy copy) {
    return like(copy.scheme());
  }

  private boolean comparable(FirstCopy copy) {
    return copy.scheme() == like(copy).scheme();
  }

  private boolean sameContent(FirstCopy copy) {
    return copy.revision() != null && copy.revision() == record.revision();
  }

  private static FirstCopy mark(Candidate copy) {
    return new FirstCopy(copy.scheme(), copy.offset(), copy.arrival(), null, null, null);
  }

  private static FirstCopy firstOfFact(Candidate copy) {
    return new FirstCopy(copy.scheme(), copy.offset(), copy.arrival(), null, copy.revision(), null);
  }

  private static FirstCopy firstOfDelivery(Candidate copy) {
    return new FirstCopy(
        copy.scheme(),
        copy.offset(),
        copy.arrival(),
        copy.identity(),
        copy.revision(),
        FirstCopy.request(copy.transport()));
  }

  private Judgement judgement(Verdict verdict, @Nullable Evidence evidence) {
    return new Judgement(verdict, evidence, false, writes);
  }

  private static Evidence evidence(KeyKind kind, FirstCopy copy) {
    return new Evidence(kind, copy.offset(), copy.arrival(), copy.identity());
  }

  /** Which key of a copy, by whatever scheme. */
  @FunctionalInterface
  private interface Key {
    @Nullable Hash of(Candidate copy);
  }
}
