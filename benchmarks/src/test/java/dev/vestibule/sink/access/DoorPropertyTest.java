package dev.vestibule.sink.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * For any interleaving, duplication, delay, crash and replay of grant, revoke, change and lockdown,
 * the door ends as the newest fact wants it, and none is open after a revoke was acknowledged.
 */
class DoorPropertyTest {
  private static final int SCHEDULES = 50_000;

  @Test
  void noDoorIsOpenThatShouldNotBe() {
    long seed = Long.getLong("vestibule.seed", System.nanoTime());

    DoorSchedules.Result result = DoorSchedules.run(seed, SCHEDULES);

    assertThat(result.violations())
        .as(
            "first of the seeds from %s on that goes wrong (-Dvestibule.seed=...): %s",
            seed, result.first().map(DoorSchedules.Violation::text).orElse("none"))
        .isZero();
  }
}
