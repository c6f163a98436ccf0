package dev.vestibule.sink.access;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.VisitAccess.Approvals;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a fact is of the present. What is not may close doors and opens none. */
final class Live {
  private static final Set<String> PATHS = Set.of("webhook", "websocket");

  private Live() {}

  /** Both as it came in and as it lies in the topic: a replay changes the latter. */
  static boolean path(Fact.Reported fact) {
    return PATHS.contains(fact.event().getPath())
        && fact.path() != null
        && PATHS.contains(fact.path());
  }

  /** When a fact is too old to act on; a clock in the future gains nothing. */
  static Instant until(Fact.Reported fact, Duration maxAge) {
    Instant occurred = fact.event().getOccurredAt();
    Instant received = fact.event().getReceivedAt();
    return (occurred.isBefore(received) ? occurred : received).plus(maxAge);
  }

  /** As that, unless a person has vouched for the visit since. */
  static Instant until(Approvals approvals, Instant freshUntil, Duration maxAge) {
    Instant approvedAt = approvals.approvedAt();
    Instant approved = approvedAt == null ? freshUntil : approvedAt.plus(maxAge);
    return approved.isAfter(freshUntil) ? approved : freshUntil;
  }

  /** The rule that keeps a fact from opening anything, or null where none does. */
  static @Nullable Ruling refusal(Fact.Reported fact) {
    Verdict verdict = fact.verdict();
    if (verdict == null) {
      return Ruling.NO_VERDICT;
    }
    return switch (verdict) {
      case CONFLICT -> Ruling.CONFLICT;
      case UNVERIFIED -> Ruling.UNVERIFIED;
      case DUPLICATE, REPLAY -> Ruling.KNOWN;
      case NEW, REVISION -> fact.late() ? Ruling.LATE : path(fact) ? null : Ruling.NOT_LIVE;
    };
  }

  /** Whether a type says that somebody may be dangerous. */
  static boolean doubts(EventType type) {
    return switch (type) {
      case DENIED, REVIEW_REQUIRED, WATCHLIST_HIT, BOLO_ALERT -> true;
      default -> false;
    };
  }

  /** Whether a type says that somebody has looked and found nothing. */
  static boolean clears(EventType type) {
    return type == EventType.APPROVED || type == EventType.SCREENING_CLEARED;
  }
}
