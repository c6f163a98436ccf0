package dev.vestibule.standalone;

import java.time.Duration;

/** A pause that an interrupt turns into a failure. */
final class Sleep {
  private Sleep() {}

  static void of(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", e);
    }
  }
}
