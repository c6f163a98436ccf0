package dev.vestibule.ingress.decision.envoy;

import java.time.Duration;

/**
 * How long Envoy is asked.
 *
 * @param within a registration's end, with all that is asked for it
 * @param each a single request's end
 * @param pause before the second request; doubled before each further one
 */
record Patience(Duration within, Duration each, Duration pause) {
  /** Within five seconds everybody has an answer, who waits for one of ours. */
  static final Patience DEFAULT =
      new Patience(Duration.ofSeconds(4), Duration.ofMillis(1500), Duration.ofMillis(200));
}
