package dev.vestibule.benchmarks.chaos;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for conditions, not for times. */
final class Await {
  private static final Duration BETWEEN = Duration.ofMillis(50);

  private Await() {}

  /**
   * @throws IllegalStateException naming what did not happen in time
   */
  static void until(String what, Duration within, BooleanSupplier condition)
      throws InterruptedException {
    long deadline = System.nanoTime() + within.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(what + ": not within " + within.toSeconds() + " s");
      }
      Thread.sleep(BETWEEN);
    }
  }
}
