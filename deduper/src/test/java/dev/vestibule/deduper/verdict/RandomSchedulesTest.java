package dev.vestibule.deduper.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Verdict;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The verdict against an oracle over many small worlds. Run one seed again with {@code
 * -Dvestibule.seed=S -Dvestibule.schedules=1}.
 */
class RandomSchedulesTest {
  private static final long FIRST_SEED = Long.getLong("vestibule.seed", 20_261_120L);
  private static final int SCHEDULES = Integer.getInteger("vestibule.schedules", 300_000);

  @Test
  void everyScheduleKeepsThePromise() {
    // Given
    System.out.printf("seeds %d to %d%n", FIRST_SEED, FIRST_SEED + SCHEDULES - 1);

    for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
      // When
      Schedule schedule = Schedule.draw(seed);
      Optional<String> problem = ScheduleRun.problem(schedule);

      // Then
      if (problem.isPresent()) {
        Schedule smallest = ScheduleRun.shrink(schedule);
        assertThat(ScheduleRun.problem(smallest)).as("%s", smallest).isEmpty();
      }
    }
  }

  /** A generator that never makes conflicts proves nothing about conflicts. */
  @Test
  void schedulesReachEveryVerdict() {
    // Given
    Map<Verdict, Integer> reached = new EnumMap<>(Verdict.class);
    int late = 0;

    // When
    for (long seed = FIRST_SEED; seed < FIRST_SEED + 2_000; seed++) {
      for (Judgement judgement : ScheduleRun.straight(Schedule.draw(seed))) {
        reached.merge(judgement.verdict(), 1, Integer::sum);
        late += judgement.late() ? 1 : 0;
      }
    }

    // Then
    System.out.println("verdicts of 2000 schedules: " + reached + ", late snapshots: " + late);
    assertThat(reached).containsOnlyKeys(Verdict.values());
    assertThat(reached.values()).allMatch(count -> count > 200);
    assertThat(late).isGreaterThan(100);
  }

  @Test
  void aRawPartitionHeldBackSixHoursLeavesNothingUnverified() {
    // Given
    Duration span = Duration.ofHours(54);

    // When
    long unverified =
        java.util.stream.LongStream.range(FIRST_SEED, FIRST_SEED + 20_000)
            .mapToObj(Schedule::draw)
            .filter(schedule -> !schedule.wild() && schedule.firstOffset() == 0)
            .filter(schedule -> span(schedule) <= span.toMillis())
            .flatMap(schedule -> ScheduleRun.straight(schedule).stream())
            .filter(judgement -> judgement.verdict() == Verdict.UNVERIFIED)
            .count();

    // Then
    assertThat(unverified).isZero();
  }

  private static long span(Schedule schedule) {
    var arrivals = schedule.copies().stream().mapToLong(Schedule.Copy::arrival).summaryStatistics();
    return arrivals.getMax() - arrivals.getMin();
  }
}
