package dev.vestibule.sink.lane;

import dev.vestibule.events.AlertSeverity;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What people are told about a destination that takes nothing: once that it refuses everybody or
 * has failed for long, and once that it is over. Outlives sessions, so that none of them tells it
 * anew. Used by one thread.
 */
final class Outage {
  private final Set<Kind> told = EnumSet.noneOf(Kind.class);
  private final Queue<Notice> due = new ArrayDeque<>();
  private @Nullable Instant since;
  private String reason = "";

  /** What is told. */
  enum Kind {
    BLOCKED("destination-blocked", AlertSeverity.CRITICAL),
    FAILING("destination-failing", AlertSeverity.CRITICAL),
    BACK("destination-back", AlertSeverity.INFO);

    private final String word;
    private final AlertSeverity severity;

    Kind(String word, AlertSeverity severity) {
      this.word = word;
      this.severity = severity;
    }

    /** As alerts name it. */
    String word() {
      return word;
    }

    AlertSeverity severity() {
      return severity;
    }
  }

  /**
   * One alert.
   *
   * @param since when the destination was first left alone
   * @param at when this has come about
   * @param reason the fixed word of the handler
   */
  record Notice(Kind kind, Instant since, Instant at, String reason) {}

  /** Looks at the lanes; to be repeated. */
  void look(Lanes<?> lanes, Instant now) {
    String blocked = lanes.blocked();
    boolean waiting = lanes.inFlight() > 0 || lanes.parked() > 0;
    // With few events it takes long until the breaker closes, though nothing waits for it.
    boolean open = lanes.breaker() != State.CLOSED && (waiting || !hasTaken(lanes));
    if (blocked != null || open) {
      Instant began = since == null ? now : since;
      since = began;
      if (blocked != null) {
        tell(Kind.BLOCKED, began, now, blocked);
      } else if (waiting && !now.isBefore(began.plus(LaneSettings.FAILING_LONG))) {
        tell(Kind.FAILING, began, now, lanes.lastFailure());
      }
    } else if (hasTaken(lanes)) {
      over(now);
    }
  }

  /** A new session begins with a closed breaker and knows nothing yet. */
  private boolean hasTaken(Lanes<?> lanes) {
    Instant taken = lanes.takenAt();
    return since != null && taken != null && taken.isAfter(since);
  }

  private void over(Instant now) {
    if (since != null && !told.isEmpty()) {
      due.add(new Notice(Kind.BACK, since, now, reason));
    }
    told.clear();
    since = null;
  }

  private void tell(Kind kind, Instant began, Instant now, String why) {
    if (told.add(kind)) {
      reason = why;
      due.add(new Notice(kind, began, now, why));
    }
  }

  /** The next to be written, the same until it is {@link #told}; null when there is none. */
  @Nullable Notice due() {
    return due.peek();
  }

  /** It is written. */
  void told(Notice notice) {
    due.remove(notice);
  }
}
