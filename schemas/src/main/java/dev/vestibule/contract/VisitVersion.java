package dev.vestibule.contract;

import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/**
 * Orders the facts of one visit, the same way in every sink. Later is larger: first the time of the
 * fact (a fact cannot lie more than five minutes after its arrival, so a clock in the future does
 * not win for ever), then the rank of its type with the revoking types on top, then arrival, then
 * the event id.
 *
 * <p>A sink never drops a revoke because of its version, and only a grant newer than the last
 * revoke opens again.
 */
public record VisitVersion(Instant effectiveAt, int rank, Instant arrivedAt, String eventId)
    implements Comparable<VisitVersion> {

  private static final Duration FUTURE_TOLERANCE = Duration.ofMinutes(5);

  private static final Comparator<VisitVersion> ORDER =
      Comparator.comparing(VisitVersion::effectiveAt)
          .thenComparingInt(VisitVersion::rank)
          .thenComparing(VisitVersion::arrivedAt)
          .thenComparing(VisitVersion::eventId);

  public static VisitVersion of(VisitorEvent event) {
    return version(
        event.getType(), event.getOccurredAt(), event.getReceivedAt(), event.getEventId());
  }

  /** Of a decision that sends a visitor to a review, among the facts of the visit. */
  public static VisitVersion review(Instant decidedAt, String decisionId) {
    return new VisitVersion(decidedAt, rank(EventType.REVIEW_REQUIRED), decidedAt, decisionId);
  }

  static VisitVersion version(
      EventType type, Instant occurredAt, Instant receivedAt, String eventId) {
    Instant latest = receivedAt.plus(FUTURE_TOLERANCE);
    Instant effective = occurredAt.isBefore(latest) ? occurredAt : latest;
    return new VisitVersion(effective, rank(type), receivedAt, eventId);
  }

  /** Whether a type takes access away. */
  public static boolean revokes(EventType type) {
    return rank(type) == 3;
  }

  private static int rank(EventType type) {
    return switch (type) {
      case SIGNED_OUT, DENIED, ERASED, PRE_REGISTRATION_CANCELLED -> 3;
      case REVIEW_REQUIRED, WATCHLIST_HIT, BOLO_ALERT -> 2;
      case SIGNED_IN, APPROVED, CHECK_IN_SUCCEEDED -> 1;
      default -> 0;
    };
  }

  @Override
  public int compareTo(VisitVersion other) {
    return ORDER.compare(this, other);
  }
}
