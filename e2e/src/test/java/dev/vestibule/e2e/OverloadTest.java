package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.OverloadBench;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code ./vestibule bench overload}: what holds at any speed. */
class OverloadTest {
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void whatIsOverTheRateIsRefusedAndWhatWasAcceptedIsInKafka() throws Exception {
    OverloadBench.Outcome outcome =
        new OverloadBench(100, Duration.ofSeconds(4), Duration.ofSeconds(2)).run(folder);

    assertThat(outcome.refusals()).isSubsetOf(429, 503).contains(429);
    assertThat(outcome.refused()).isPositive();
    assertThat(outcome.accepted()).isPositive();
    assertThat(outcome.lost()).isZero();
  }
}
