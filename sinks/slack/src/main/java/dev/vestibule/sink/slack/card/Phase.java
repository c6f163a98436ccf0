package dev.vestibule.sink.slack.card;

import dev.vestibule.events.EventType;
import org.jspecify.annotations.Nullable;

/** Where a visit stands, as a message says it. */
public enum Phase {
  EXPECTED("Visitor expected", "expected", true),
  SIGNED_IN("Visitor signed in", "signed in", true),
  SIGNED_OUT("Visitor signed out", "signed out", true),
  CANCELLED("Visit cancelled", "cancelled", true),
  APPROVED("Visitor approved", "approved", true),
  CLEARED("Screening cleared", "cleared", true),
  DENIED("Visitor denied", "denied", false),
  REVIEW("Visitor needs a review", "waiting for a review", false),
  WATCHLIST_HIT("Watch list hit", "on a watch list", false),
  CHECK_IN_SUCCEEDED("Check-in succeeded", "checked in", true),
  CHECK_IN_FAILED("Check-in failed", "not checked in", true),
  ERASED("Visit erased", "erased", false);

  private final String title;
  private final String inCounts;
  private final boolean digestible;

  Phase(String title, String inCounts, boolean digestible) {
    this.title = title;
    this.inCounts = inCounts;
    this.digestible = digestible;
  }

  String title() {
    return title;
  }

  /** As in "12 signed in". */
  String inCounts() {
    return inCounts;
  }

  /** Whether it may be told as a number among others where there is too much to tell. */
  public boolean isDigestible() {
    return digestible;
  }

  /** Whether nobody is at the door for an answer any more. */
  public boolean endsReview() {
    return switch (this) {
      case SIGNED_OUT, CANCELLED, DENIED, APPROVED, CLEARED, ERASED -> true;
      default -> false;
    };
  }

  /** What an event says, or null where it says nothing about where the visit stands. */
  public static @Nullable Phase of(EventType type) {
    return switch (type) {
      case PRE_REGISTERED, UPCOMING -> EXPECTED;
      case SIGNED_IN -> SIGNED_IN;
      case SIGNED_OUT -> SIGNED_OUT;
      case PRE_REGISTRATION_CANCELLED -> CANCELLED;
      case APPROVED -> APPROVED;
      case SCREENING_CLEARED -> CLEARED;
      case DENIED -> DENIED;
      case REVIEW_REQUIRED -> REVIEW;
      case WATCHLIST_HIT, BOLO_ALERT -> WATCHLIST_HIT;
      case CHECK_IN_SUCCEEDED -> CHECK_IN_SUCCEEDED;
      case CHECK_IN_FAILED -> CHECK_IN_FAILED;
      case ERASED -> ERASED;
      default -> null;
    };
  }
}
