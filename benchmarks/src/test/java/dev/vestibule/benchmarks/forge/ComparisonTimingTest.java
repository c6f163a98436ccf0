package dev.vestibule.benchmarks.forge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.forge.ComparisonTiming.Result;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What the timing test is worth, on made-up times of which the truth is known. */
class ComparisonTimingTest {
  private static final int RUNS = 1_000;
  private static final int SAMPLES = 5_000;
  private static final long SEED = 20_260_302;

  @Test
  void aDifferenceOfTheStatedSizeIsFoundInFourOfFiveRuns() {
    double stated = runs(0).stream().mapToDouble(Result::detectableNanos).average().orElseThrow();

    long found = runs(stated).stream().filter(ComparisonTimingTest::isSuspicious).count();

    assertThat(found).isBetween(RUNS * 76L / 100, RUNS * 84L / 100);
  }

  @Test
  void withoutADifferenceNothingIsSuspicious() {
    List<Result> runs = runs(0);

    assertThat(runs).noneMatch(ComparisonTimingTest::isSuspicious);
    // The statistic is what it claims to be: one in twenty lies beyond 1.96.
    assertThat(runs.stream().filter(run -> Math.abs(run.t()) > 1.96).count())
        .isBetween(RUNS * 35L / 1000, RUNS * 65L / 1000);
  }

  @Test
  void theDifferenceIsToldInItsSizeAndDirection() {
    assertThat(runs(40).stream().mapToDouble(Result::differenceNanos).average().orElseThrow())
        .isBetween(38.0, 42.0);
    assertThat(runs(-40)).allMatch(run -> run.t() < -ComparisonTiming.SUSPICIOUS_T);
  }

  private static boolean isSuspicious(Result run) {
    return Math.abs(run.t()) > ComparisonTiming.SUSPICIOUS_T;
  }

  /** Times as they are on a machine: a narrow peak, and interruptions that last long. */
  private static List<Result> runs(double difference) {
    SplittableRandom seeds = new SplittableRandom(SEED);
    return IntStream.range(0, RUNS).mapToObj(_ -> run(seeds.split(), difference)).toList();
  }

  private static Result run(SplittableRandom random, double difference) {
    long[] nanos = new long[SAMPLES];
    boolean[] last = new boolean[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      last[i] = random.nextBoolean();
      double interruption = random.nextInt(50) == 0 ? random.nextExponential() * 100_000 : 0;
      nanos[i] =
          Math.round(
              1_000 + 60 * random.nextGaussian() + interruption + (last[i] ? difference : 0));
    }
    return ComparisonTiming.compare(nanos, last);
  }
}
