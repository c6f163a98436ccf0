package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.chaos.Chaos;
import dev.vestibule.benchmarks.chaos.ChaosResult;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Broker, normalizer and three dedupers in processes of their own, killed, robbed and frozen under
 * traffic. The long form is {@code ./vestibule bench chaos}.
 */
class ChaosTest {
  private static final int VISITS = Endurance.of(600, 1500);

  /** With five rounds every kind of fault occurs but the frozen broker. */
  private static final int ROUNDS = Endurance.of(3, 5);

  /** With the logs of all processes. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void whateverIsKilledOrFrozenEveryAcceptedDeliveryIsJudgedExactlyOnce() throws Exception {
    long seed = Long.getLong("vestibule.seed", System.nanoTime());

    ChaosResult result = new Chaos(VISITS, ROUNDS, seed, System.out).run(folder);

    assertThat(result.findings().lines()).as("seed %d", seed).isEmpty();
    assertThat(result.figures())
        .as("what the run was about did happen")
        .hasEntrySatisfying("accepted", n -> assertThat(n).isGreaterThan(2 * VISITS * 0.9))
        .hasEntrySatisfying("duplicate", n -> assertThat(n).isGreaterThan(VISITS / 10.0))
        .hasEntrySatisfying("revision", n -> assertThat(n).isPositive())
        .hasEntrySatisfying("conflict", n -> assertThat(n).isPositive())
        .hasEntrySatisfying("unverified", n -> assertThat(n).isZero());
    if (Endurance.FULL) {
      assertThat(result.figures())
          .hasEntrySatisfying("fault_freeze_deduper", n -> assertThat(n).isEqualTo(1))
          .hasEntrySatisfying("fault_kill_broker", n -> assertThat(n).isEqualTo(1));
    }
  }
}
