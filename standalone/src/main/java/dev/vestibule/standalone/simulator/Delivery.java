package dev.vestibule.standalone.simulator;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How one webhook went, over all attempts.
 *
 * @param attempts requests sent
 * @param answer the last answer, or null when the last attempt got none
 */
public record Delivery(int attempts, @Nullable Answer answer) {

  /** Final HTTP status, or 0 when no answer came. */
  public int status() {
    return answer == null ? 0 : answer.status();
  }

  /** Where the record lies, or null when nobody said so. */
  public @Nullable String receipt() {
    return answer == null ? null : answer.receipt();
  }

  /** Time of the last attempt. */
  public Duration latency() {
    return answer == null ? Duration.ZERO : answer.latency();
  }
}
