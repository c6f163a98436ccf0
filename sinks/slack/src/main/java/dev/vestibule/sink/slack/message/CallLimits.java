package dev.vestibule.sink.slack.message;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * When a call may be made: the limits of Slack, kept on our side. What Slack itself asks for goes
 * above all. Not safe for several threads.
 *
 * @see <a href="https://docs.slack.dev/apis/web-api/rate-limits">Rate limits</a>
 */
public final class CallLimits {
  /** The methods that are called for every visit: 200 posts, 50 changes and 50 looks a minute. */
  public enum Method {
    POST(Duration.ofMillis(312), 7),
    UPDATE(Duration.ofMillis(1250), 2),
    HISTORY(Duration.ofMillis(1250), 2);

    @SuppressWarnings("ImmutableEnumChecker") // a record of a duration and a number
    private final Rate rate;

    Method(Duration interval, int burst) {
      this.rate = new Rate(interval, burst);
    }
  }

  /** Evenly spread, after a few at once. */
  private record Rate(Duration interval, int burst) {}

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Rate CHANNEL_POSTS = new Rate(Duration.ofSeconds(1), 3);

  private record Line(Method method, String channel) {}

  /** When the bucket of a line is full again. */
  private final Map<Line, Instant> full = new HashMap<>();

  private final Map<Line, Instant> paused = new HashMap<>();

  /** The earliest time for a call; now, where it may be made at once. */
  public Instant earliest(Method method, String channel, Instant now) {
    Instant earliest = latest(now, room(new Line(method, ""), method.rate, now));
    earliest = latest(earliest, paused.getOrDefault(paused(method, channel), now));
    return method == Method.POST
        ? latest(earliest, room(new Line(method, channel), CHANNEL_POSTS, now))
        : earliest;
  }

  /** A call is made now. */
  public void spend(Method method, String channel, Instant now) {
    fill(new Line(method, ""), method.rate, now);
    if (method == Method.POST) {
      fill(new Line(method, channel), CHANNEL_POSTS, now);
    }
    full.values().removeIf(at -> !at.isAfter(now));
    paused.values().removeIf(at -> !at.isAfter(now));
  }

  /** Slack asks to be left alone: a channel's posts, or a method altogether. */
  public void pause(Method method, String channel, Instant until) {
    paused.merge(paused(method, channel), until, CallLimits::latest);
  }

  private static Line paused(Method method, String channel) {
    return new Line(method, method == Method.POST ? channel : "");
  }

  private Instant room(Line line, Rate rate, Instant now) {
    Instant at = full.getOrDefault(line, now);
    Instant most = now.plus(rate.interval.multipliedBy(rate.burst));
    // A clock that went back must not stop everything for as long.
    at = at.isAfter(most.plus(MINUTE)) ? most : at;
    return at.minus(rate.interval.multipliedBy(rate.burst - 1L));
  }

  private void fill(Line line, Rate rate, Instant now) {
    full.merge(line, now.plus(rate.interval), (at, _) -> latest(at, now).plus(rate.interval));
  }

  private static Instant latest(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
