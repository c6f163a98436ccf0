package dev.vestibule.standalone.demo;

import java.time.Duration;

/** A moment after which nobody waits any longer. */
record Deadline(long nanoTime) {

  static Deadline in(Duration duration) {
    return new Deadline(System.nanoTime() + duration.toNanos());
  }

  boolean passed() {
    return System.nanoTime() - nanoTime >= 0;
  }

  /** Milliseconds to wait: the given time or what is left, and at least one. */
  long atMost(Duration duration) {
    long left = (nanoTime - System.nanoTime()) / 1_000_000;
    return Math.max(1, Math.min(left, duration.toMillis()));
  }
}
