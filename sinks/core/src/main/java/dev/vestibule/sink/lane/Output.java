package dev.vestibule.sink.lane;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be written, together with the offsets that rest on it. */
sealed interface Output<T> {

  /**
   * An attempt and what came of it.
   *
   * @param attempt 0 when the record could not be read and nothing was tried
   * @param retryAt when the next attempt is due, if that is known
   */
  record Attempted<T>(
      Item<T> item,
      int attempt,
      Outcome outcome,
      Instant startedAt,
      Duration latency,
      @Nullable Instant retryAt)
      implements Output<T> {}

  /** A record that was given up. */
  record GivenUp<T>(Item<T> item, String reason) implements Output<T> {}

  /** A record that now waits on the parked topic, so that its offset can move on. */
  record Parked<T>(Item<T> item, long sequence) implements Output<T> {}

  /** A parked record that is finished. */
  record Unparked<T>(String key, long sequence) implements Output<T> {}
}
