package dev.vestibule.deduper.unscreened;

import java.util.Locale;

/** What is found out about a sign-in. */
enum Finding {
  /** A decision was made about its visit. */
  SCREENED,
  /** None was. */
  UNSCREENED,
  /** None was, and an alert says so already. */
  RAISED_BEFORE,
  /** Fetched or replayed, and of a time of which no decision of its source is known. */
  BEFORE_HOOK,
  /** So long ago that its decision may be forgotten. */
  TOO_OLD;

  /** As in metrics. */
  String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}
