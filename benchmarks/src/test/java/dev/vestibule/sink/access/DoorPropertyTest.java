package dev.vestibule.sink.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * For any interleaving, duplication, delay, crash and replay of grant, revoke, change and lockdown,
 * the door ends as the newest fact wants it, and none is open after a revoke was acknowledged: at a
 * target in memory, and at each vendor's fake by the adapter that is shipped.
 */
class DoorPropertyTest {
  private static final int SCRIPTED = 50_000;
  private static final int ADAPTERS = 1_000;

  @ParameterizedTest
  @EnumSource
  void noDoorIsOpenThatShouldNotBe(DoorTarget target) {
    long seed = Long.getLong("vestibule.seed", System.nanoTime());

    DoorSchedules.Result result =
        DoorSchedules.run(target, seed, target == DoorTarget.SCRIPTED ? SCRIPTED : ADAPTERS);

    assertThat(result.violations())
        .as(
            "first of the seeds from %s on that goes wrong (-Dvestibule.seed=...): %s",
            seed, result.first().map(DoorSchedules.Violation::text).orElse("none"))
        .isZero();
  }
}
