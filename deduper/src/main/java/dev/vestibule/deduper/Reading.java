package dev.vestibule.deduper;

import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Hash;
import org.jspecify.annotations.Nullable;

/** What the headers of a normalized record turned out to be. */
sealed interface Reading {

  /**
   * A record that can be judged.
   *
   * @param deciding the record by the keys that the verdict rests on
   * @param renewed the record by newer keys, under which it is only remembered, or null
   * @param eventId the event's id, from {@code ce_id}
   */
  record Judgeable(Keyed deciding, @Nullable Keyed renewed, String eventId) implements Reading {
    Candidate candidate() {
      return deciding.candidate();
    }
  }

  /**
   * A record by the keys of one scheme.
   *
   * @param hint key of an unsigned delivery header, or null
   */
  record Keyed(Candidate candidate, @Nullable Hash hint) {}

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
    MISPLACED_SEED,
    RECORD_TOO_LARGE
  }
}
