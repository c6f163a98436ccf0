package dev.vestibule.sink.access.target.http;

import java.time.Duration;

/**
 * How long a call may take.
 *
 * @param connect until the connection stands
 * @param total until the whole answer is there
 */
public record Timeouts(Duration connect, Duration total) {

  public static Timeouts ofSeconds(int connect, int total) {
    return new Timeouts(Duration.ofSeconds(connect), Duration.ofSeconds(total));
  }
}
