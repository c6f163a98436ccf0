package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.chaos.DoorKills;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sink of doors is killed while visitors come and go; {@code bench door-kills} is longer. */
class AccessKillTest {
  private static final int KILLS = Endurance.of(3, 8);

  @TempDir Path folder;

  @Test
  void noGrantIsLostAndNoneIsLeftBehindHoweverOftenTheSinkIsKilled() throws Exception {
    DoorKills.Result result =
        new DoorKills(
                KILLS, 40, Long.getLong("vestibule.seed", System.nanoTime()), System.err::println)
            .run(folder);

    assertThat(result.kills()).isEqualTo(KILLS);
    assertThat(result.calls()).isGreaterThan(100);
    assertThat(result.left()).isPositive();
    assertThat(result.lost()).as("closed and wanted open").isZero();
    assertThat(result.leftBehind()).as("open and wanted closed").isZero();
  }
}
