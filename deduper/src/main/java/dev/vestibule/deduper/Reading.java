package dev.vestibule.deduper;

import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Hash;
import org.jspecify.annotations.Nullable;

/** What the headers of a normalized record turned out to be. */
sealed interface Reading {

  /**
   * A record that can be judged.
   *
   * @param eventId the event's id, from {@code ce_id}
   * @param hint key of an unsigned delivery header, or null
   */
  record Judgeable(Candidate candidate, String eventId, @Nullable Hash hint) implements Reading {}

  /**
   * A record that cannot be judged.
   *
   * @param field which part of the record
   * @param expected what was expected there
   */
  record Unjudgeable(Reason reason, String field, String expected) implements Reading {}

  /** Why a record cannot be judged; also the tag of the metric. */
  enum Reason {
    MISSING_KEY,
    MISSING_VALUE,
    MISSING_HEADER,
    MALFORMED_HEADER,
    UNKNOWN_KEY_SCHEME,
    UNKNOWN_WINDOW,
    RECORD_TOO_LARGE
  }
}
