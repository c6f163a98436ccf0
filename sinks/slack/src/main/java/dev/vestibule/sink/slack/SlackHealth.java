package dev.vestibule.sink.slack;

import dev.vestibule.events.AlertSeverity;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.SinkAlerts.Subject;
import dev.vestibule.sink.slack.message.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Tells people how Slack takes what it is sent. Safe for several threads. */
final class SlackHealth {
  private static final Duration FAILING_LONG = Duration.ofMinutes(10);

  private final SinkAlerts alerts;
  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Instant awaySince;
  private boolean toldAway;

  SlackHealth(SinkAlerts alerts, InstantSource clock) {
    this.alerts = alerts;
    this.clock = clock;
  }

  /** What a call for a place came to. */
  void told(Reply reply, String to) {
    if (!(reply instanceof Reply.Failed failed)) {
      over();
      return;
    }
    switch (failed.scope()) {
      case TOKEN -> away("destination-blocked", failed.code(), Duration.ZERO);
      case SLACK -> away("destination-failing", failed.code(), FAILING_LONG);
      case CHANNEL -> refused("slack-channel-refused", to + " " + failed.code(), failed.code(), to);
      case MESSAGE -> {
        if (failed.failure() == Reply.Failure.REFUSED
            || failed.failure() == Reply.Failure.MALFORMED) {
          refused("slack-message-refused", failed.code(), failed.code(), to);
        }
      }
      case METHOD -> {}
    }
  }

  /**
   * Slack does not take something, until somebody has seen to it.
   *
   * @param about the matter
   * @param to what it was for
   */
  void refused(String kind, String about, String reason, String to) {
    alerts.raise(
        kind, AlertSeverity.WARNING, about, Subject.NOBODY, Map.of("reason", reason, "to", to));
  }

  private void away(String kind, String reason, Duration longAfter) {
    Instant now = clock.instant();
    lock.lock();
    try {
      Instant since = awaySince == null ? now : awaySince;
      awaySince = since;
      if (now.isBefore(since.plus(longAfter))) {
        return;
      }
      toldAway = true;
      alerts.raise(
          kind,
          AlertSeverity.CRITICAL,
          since.toString(),
          Subject.NOBODY,
          Map.of("reason", reason, "since", since.toString()));
    } finally {
      lock.unlock();
    }
  }

  private void over() {
    lock.lock();
    try {
      Instant since = awaySince;
      if (since != null && toldAway) {
        alerts.raise(
            "destination-back",
            AlertSeverity.INFO,
            since.toString(),
            Subject.NOBODY,
            Map.of("since", since.toString()));
      }
      awaySince = null;
      toldAway = false;
    } finally {
      lock.unlock();
    }
  }
}
