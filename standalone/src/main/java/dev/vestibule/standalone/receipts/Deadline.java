package dev.vestibule.standalone.receipts;

import java.time.Duration;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The moment at which an answer is due.
 *
 * @param nanos as {@link System#nanoTime()}
 */
record Deadline(long nanos) {

  static Deadline in(Duration patience) {
    return new Deadline(System.nanoTime() + patience.toNanos());
  }

  boolean passed() {
    return System.nanoTime() - nanos >= 0;
  }

  /**
   * What is left, at most so much.
   *
   * @throws TimeoutException when nothing is left
   */
  Duration left(Duration most) {
    Duration left = Duration.ofNanos(nanos - System.nanoTime());
    if (!left.isPositive()) {
      throw new TimeoutException("no answer in time");
    }
    return left.compareTo(most) < 0 ? left : most;
  }
}
