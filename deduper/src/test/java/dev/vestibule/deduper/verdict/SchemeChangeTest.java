package dev.vestibule.deduper.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Verdict;
import dev.vestibule.deduper.verdict.Candidate.Snapshot;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A change of the key scheme over random schedules. First some normalizers write both keys and some
 * still the old ones; then all write both, for the window plus the allowed lag; then some write
 * both and some the new ones alone.
 */
class SchemeChangeTest {
  private static final long FIRST_SEED = Long.getLong("vestibule.seed", 20_261_121L);
  private static final int SCHEDULES = 20_000;
  private static final long WINDOW =
      DedupeWindow.WEEK.length().plus(DedupeWindow.ALLOWED_LAG).toMillis();

  @Test
  void noVerdictChangesWhileOneSchemeReplacesTheOther() {
    System.out.printf("seeds %d to %d%n", FIRST_SEED, FIRST_SEED + SCHEDULES - 1);
    Map<Verdict, Integer> byNewKeysAlone = new EnumMap<>(Verdict.class);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      // Given
      Random random = new Random(seed);
      List<Candidate> records = spread(records(Schedule.draw(seed)));
      long change = records.get(random.nextInt(1 + records.size() / 4)).arrival();
      Task unchanged = new Task();
      Task changed = new Task();

      for (Candidate record : records) {
        // When
        Verdict expected = unchanged.judge(record, null);
        boolean windowLater = record.arrival() > change + WINDOW;
        boolean upgraded = record.arrival() >= change && !windowLater;
        boolean both = upgraded || random.nextBoolean();
        Verdict actual =
            both
                ? changed.judge(record, renewed(record))
                : changed.judge(windowLater ? renewed(record) : record, null);

        // Then
        assertThat(actual).as("seed %d, %s", seed, record).isEqualTo(expected);
        if (windowLater && !both) {
          byNewKeysAlone.merge(actual, 1, Integer::sum);
        }
      }
    }
    System.out.println("verdicts by new keys alone: " + byNewKeysAlone);
    assertThat(byNewKeysAlone)
        .containsKeys(Verdict.NEW, Verdict.DUPLICATE, Verdict.REVISION, Verdict.CONFLICT);
  }

  /** All under one scheme, in a partition without gaps. */
  private static List<Candidate> records(Schedule schedule) {
    List<Candidate> records = new ArrayList<>();
    for (Schedule.Copy copy : schedule.copies()) {
      records.add(under(copy.at(records.size()), 1, 0));
    }
    return records;
  }

  /** Copies of a world again a few days on, so that every phase of a change sees some. */
  private static List<Candidate> spread(List<Candidate> records) {
    List<Candidate> spread = new ArrayList<>();
    long start = records.stream().mapToLong(Candidate::arrival).min().orElse(0);
    long day = DedupeWindow.DAY.length().toMillis();
    for (int round = 0; round < 8; round++) {
      for (Candidate record : records) {
        long arrival = start + 2 * day * round + (record.arrival() - start) % day;
        spread.add(
            new Candidate(
                spread.size(),
                arrival,
                record.scheme(),
                new Hash(record.transport().high() + round, record.transport().low()),
                record.delivery(),
                record.fact(),
                record.snapshot(),
                record.identity(),
                record.revision(),
                record.deliveryWindow(),
                record.factWindow()));
      }
    }
    return spread;
  }

  private static Candidate renewed(Candidate record) {
    return under(record, 2, 0x5EEDL);
  }

  private static Candidate under(Candidate record, int scheme, long salt) {
    Snapshot snapshot = record.snapshot();
    return new Candidate(
        record.offset(),
        record.arrival(),
        scheme,
        salted(record.transport(), salt),
        record.delivery() == null ? null : salted(record.delivery(), salt),
        record.fact() == null ? null : salted(record.fact(), salt),
        snapshot == null
            ? null
            : new Snapshot(
                salted(snapshot.key(), salt),
                salted(snapshot.fingerprint(), salt),
                snapshot.facts()),
        salted(record.identity(), salt),
        record.revision(),
        record.deliveryWindow(),
        record.factWindow());
  }

  private static Hash salted(Hash hash, long salt) {
    return new Hash(hash.high() ^ salt << 32, hash.low() ^ salt);
  }

  private static final class Task {
    private final BucketMemory memory = new BucketMemory();
    private @Nullable Coverage coverage;

    Verdict judge(Candidate deciding, @Nullable Candidate learning) {
      Coverage now =
          coverage == null
              ? Coverage.startingAt(deciding.offset(), deciding.arrival())
              : coverage.seen(deciding.arrival());
      coverage = now;
      Judgement judgement = Judge.judge(now, memory, deciding, learning);
      memory.apply(judgement.writes());
      return judgement.verdict();
    }
  }
}
