package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random schedules; a failure names its seed. */
class LanesScheduleTest {
  private static final int SCHEDULES = 10_000;

  @Test
  void orderIsKeptAndNothingIsLostOrCommittedEarly() {
    long first = new Random().nextLong();
    System.out.println("lane schedules begin with seed " + first);
    int crashes = 0;
    int rebalances = 0;
    int parkings = 0;
    int dead = 0;
    for (int i = 0; i < SCHEDULES; i++) {
      World world = new World(first + i);
      try {
        world.run();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed " + (first + i) + ": " + e.getMessage(), e);
      }
      crashes += world.crashes();
      rebalances += world.rebalances();
      parkings += world.parkings();
      dead += world.dead();
    }

    assertThat(crashes).isGreaterThan(SCHEDULES / 2);
    assertThat(rebalances).isGreaterThan(SCHEDULES);
    assertThat(parkings).isGreaterThan(SCHEDULES / 2);
    assertThat(dead).isGreaterThan(SCHEDULES / 2);
  }
}
