package dev.vestibule.ingress.decision.envoy;

import dev.vestibule.ingress.vendor.BodyFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token that cannot print itself.
 *
 * @param renewAt from when a new one is asked for first
 * @param expiresAt from when it is worth nothing
 */
record AccessToken(String value, Instant renewAt, Instant expiresAt) {
  private static final Duration RENEW_BEFORE = Duration.ofMinutes(10);
  private static final long LONGEST_SECONDS = Duration.ofDays(365).toSeconds();
  private static final BodyFacts.Paths FACTS = BodyFacts.Paths.of("access_token", "expires_in");

  /** What may stand in a header. Anything else would be quoted by whoever refuses it there. */
  private static final Pattern VALUE = Pattern.compile("[!-~]{1,16384}");

  /**
   * Reads the answer to a request for a token.
   *
   * @param askedAt before the request was sent: from then on it counts as valid at most
   * @return null when there is no token in it. One that does not say how long it lives is good for
   *     one use
   */
  static @Nullable AccessToken read(byte[] body, Instant askedAt) {
    BodyFacts facts = BodyFacts.scan(body, FACTS);
    String value = facts.text("access_token");
    if (value == null || !VALUE.matcher(value).matches()) {
      return null;
    }
    Duration life = Duration.ofSeconds(seconds(facts.text("expires_in")));
    Duration half = life.dividedBy(2);
    Duration early = half.compareTo(RENEW_BEFORE) < 0 ? half : RENEW_BEFORE;
    return new AccessToken(value, askedAt.plus(life).minus(early), askedAt.plus(life));
  }

  private static long seconds(@Nullable String text) {
    try {
      return text == null ? 0 : Math.clamp(Long.parseLong(text), 0, LONGEST_SECONDS);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  boolean isFresh(Instant now) {
    return now.isBefore(renewAt);
  }

  boolean isValid(Instant now) {
    return now.isBefore(expiresAt);
  }

  @Override
  public String toString() {
    return "AccessToken[redacted, expiresAt=" + expiresAt + "]";
  }
}
