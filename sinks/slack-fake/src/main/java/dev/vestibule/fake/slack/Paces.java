package dev.vestibule.fake.slack;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Slack's limits: of each method so many calls in any minute, and of posts one a second in a
 * channel with short bursts.
 *
 * @see <a href="https://docs.slack.dev/apis/web-api/rate-limits">Rate limits</a>
 */
final class Paces {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final int BURST = 5;
  private static final Map<String, Integer> A_MINUTE =
      Map.of(
          "auth.test", 300,
          "chat.postMessage", 300,
          "users.info", 100,
          "usergroups.users.list", 20);
  private static final int TIER_3 = 50;

  private final Map<String, Deque<Instant>> calls = new HashMap<>();

  /** When the bucket of a channel is full again. */
  private final Map<String, Instant> full = new HashMap<>();

  /** Counts a call, unless it is too early: then how long to wait, in whole seconds. */
  Duration count(String method, String channel, Instant now) {
    Deque<Instant> last = calls.computeIfAbsent(method, _ -> new ArrayDeque<>());
    while (!last.isEmpty() && !last.element().plus(MINUTE).isAfter(now)) {
      last.remove();
    }
    if (last.size() >= A_MINUTE.getOrDefault(method, TIER_3)) {
      return seconds(Duration.between(now, last.element().plus(MINUTE)));
    }
    if (method.equals("chat.postMessage")) {
      Instant at = full.getOrDefault(channel, now);
      Instant next = (at.isAfter(now) ? at : now).plusSeconds(1);
      if (next.isAfter(now.plusSeconds(BURST))) {
        return seconds(Duration.between(now.plusSeconds(BURST), next));
      }
      full.put(channel, next);
    }
    last.add(now);
    return Duration.ZERO;
  }

  private static Duration seconds(Duration wait) {
    return Duration.ofSeconds(wait.plusSeconds(1).minusNanos(1).toSeconds());
  }
}
