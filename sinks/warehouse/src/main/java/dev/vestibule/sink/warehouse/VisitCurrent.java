package dev.vestibule.sink.warehouse;

import java.util.List;

/**
 * How {@code visit_current} follows from events: one row for each visit, from every event of the
 * visit that is not marked late. It can be kept up batch by batch or derived from the whole
 * history; both give the same.
 */
final class VisitCurrent {
  private static final LatestWins TABLE =
      new LatestWins(
          "visit_current",
          "visit_key",
          List.of("account", "vendor", "visit_id"),
          List.of("visit_version", "updated_at"),
          List.of(
              "status",
              "type",
              "site_id",
              "site_name",
              "subject_key",
              "expected_at",
              "signed_in_at",
              "signed_out_at"));

  /**
   * What an event states about its visit. Only these types change where a visit stands. A call of a
   * vendor's hook asks whether somebody may come in, so it is no presence.
   */
  private static final String FACTS =
      """
      SELECT visit_key, account, vendor, visit_id, visit_version, received_at AS updated_at, type,
        CASE WHEN type IN ('SIGNED_IN', 'SIGNED_OUT', 'DENIED', 'REVIEW_REQUIRED', 'APPROVED',
            'PRE_REGISTERED', 'PRE_REGISTRATION_CANCELLED', 'UPCOMING', 'ERASED',
            'CHECK_IN_SUCCEEDED', 'CHECK_IN_FAILED')
          THEN type END AS status,
        site_id, site_name, subject_key, expected_at,
        CASE WHEN type <> 'SCREENING_REQUESTED'
          THEN coalesce(signed_in_at, CASE WHEN type = 'SIGNED_IN' THEN occurred_at END)
          END AS signed_in_at,
        CASE WHEN type <> 'SCREENING_REQUESTED'
          THEN coalesce(signed_out_at, CASE WHEN type = 'SIGNED_OUT' THEN occurred_at END)
          END AS signed_out_at
      FROM (%s) WHERE visit_key IS NOT NULL AND NOT late\
      """;

  private VisitCurrent() {}

  /** SQL that brings the events of a relation in. */
  static String merge(String events) {
    return TABLE.merge(FACTS.formatted(events));
  }

  /** SQL of the whole table as the events of a relation determine it. */
  static String derivation(String events) {
    return TABLE.reduction(FACTS.formatted(events));
  }

  /** Columns in the order of {@link #derivation}. */
  static String columns() {
    return TABLE.columns();
  }
}
