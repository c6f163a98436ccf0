package dev.vestibule.sink.warehouse;

import static dev.vestibule.sink.warehouse.Events.NINE;
import static dev.vestibule.sink.warehouse.Events.P0;
import static dev.vestibule.sink.warehouse.Events.aliceSignsIn;
import static dev.vestibule.sink.warehouse.Events.event;
import static dev.vestibule.sink.warehouse.Events.lateRow;
import static dev.vestibule.sink.warehouse.Events.row;
import static dev.vestibule.sink.warehouse.Events.signIn;
import static dev.vestibule.sink.warehouse.Events.signOut;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DuckDbWarehouseTest {
  private static final String STATUS =
      "SELECT status, signed_in_at, signed_out_at FROM visit_current";
  private static final Instant TEN = NINE.plus(Duration.ofHours(1));

  @TempDir Path folder;
  private Desk desk;

  @BeforeEach
  void open() {
    desk = new Desk(folder);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  @Test
  void everyColumnHoldsItsField() {
    // Given
    VisitorEvent alice = aliceSignsIn();
    alice.setVendorEventType("visitor.checked_in");
    alice.getVisit().setExpectedAt(NINE.minusSeconds(60));
    alice.getVisit().setSignedInAt(NINE.plusNanos(123_456_000));
    alice.getVisit().setSignedOutAt(TEN);
    alice.getVisit().setStatus("inside");
    alice.getSite().setName("HQ");
    alice.getSite().setTimezone("Europe/Berlin");
    alice.setScreening("cleared");
    alice.getOutcome().setStatus("ok");
    alice.getOutcome().setMethod("OTP");
    alice.getOutcome().setReasonCode("R1");
    alice.getCredential().setKind("card");
    alice.getCredential().setState("assigned");
    alice.getCredential().setFingerprint("f-1");

    // When
    desk.write(alice);

    // Then
    assertThat(
            desk.rows(
                "SELECT * FROM (UNPIVOT (SELECT COLUMNS(*)::VARCHAR FROM visitor_event) ON COLUMNS(*))"))
        .containsExactly(
            "event_id|in-v-alice",
            "revision|00000000000000aa",
            "account|hq",
            "source|hq-kyber",
            "vendor|kyberaccess",
            "vendor_event_type|visitor.checked_in",
            "type|SIGNED_IN",
            "visit_key|hq:kyberaccess:v-alice",
            "visit_id|v-alice",
            "visit_version|2026-03-02T09:00:00.000000Z 1 2026-03-02T09:00:02.000000Z in-v-alice"
                + " 00000000000000aa",
            "occurred_at|2026-03-02 09:00:00+00",
            "occurred_at_basis|VENDOR",
            "received_at|2026-03-02 09:00:02+00",
            "loaded_at|2026-03-02 12:00:00+00",
            "path|webhook",
            "site_id|s-1",
            "site_name|HQ",
            "site_timezone|Europe/Berlin",
            "host_id|h-1",
            "subject_key|subject-v-alice",
            "person_id|p-alice",
            "person_kind|Contractor",
            "expected_at|2026-03-02 08:59:00+00",
            "signed_in_at|2026-03-02 09:00:00.123456+00",
            "signed_out_at|2026-03-02 10:00:00+00",
            "purpose|Interview with Alice",
            "status|inside",
            "screening|cleared",
            "outcome_status|ok",
            "outcome_method|OTP",
            "outcome_reason_code|R1",
            "credential_kind|card",
            "credential_state|assigned",
            "credential_fingerprint|f-1",
            "sensitivity|STANDARD",
            "attributes|{\"answer\":\"I am Alice\",\"lunch\":\"{\\\"vegan\\\":true}\"}",
            "verdict|NEW",
            "late|false",
            "raw_topic|visitor.raw.kyberaccess",
            "raw_partition|1",
            "raw_offset|42",
            "schema_id|7",
            "src_topic|visitor.events",
            "src_partition|0",
            "src_offset|0",
            "visit_hash|" + Desk.KEY.visit("hq", "v-alice"));
  }

  @Test
  void signInAndSignOutInOneBatchEndSignedOut() {
    // Given both orders of one visit's facts, each in a single batch
    VisitorEvent in1 = signIn("v-1", NINE);
    VisitorEvent out1 = signOut("v-1", TEN);
    VisitorEvent in2 = signIn("v-2", NINE);
    VisitorEvent out2 = signOut("v-2", TEN);

    // When
    desk.write(in1, out1, out2, in2);

    // Then
    assertThat(desk.rows(STATUS))
        .containsExactly(
            "SIGNED_OUT|2026-03-02 09:00:00+00|2026-03-02 10:00:00+00",
            "SIGNED_OUT|2026-03-02 09:00:00+00|2026-03-02 10:00:00+00");
  }

  @Test
  void signInAndSignOutInOneBatchEndSignedOutWhenTheVisitIsKnown() {
    // Given
    desk.write(event("pre", EventType.PRE_REGISTERED, "v-1", NINE.minusSeconds(600)));

    // When
    desk.write(signOut("v-1", TEN), signIn("v-1", NINE));

    // Then
    assertThat(desk.rows(STATUS))
        .containsExactly("SIGNED_OUT|2026-03-02 09:00:00+00|2026-03-02 10:00:00+00");
  }

  @Test
  void aRevokeWinsATie() {
    desk.write(signOut("v-1", NINE), signIn("v-1", NINE));

    assertThat(desk.one("SELECT status FROM visit_current")).isEqualTo("SIGNED_OUT");
  }

  @Test
  void aRevisionAddsFactsAndItsNullsEraseNothing() {
    // Given
    VisitorEvent first = signIn("v-1", NINE);
    first.getSite().setName("HQ");
    first.getVisit().setExpectedAt(NINE.minusSeconds(300));
    VisitorEvent revision = signIn("v-1", NINE);
    revision.setRevision("00000000000000bb");
    revision.setReceivedAt(first.getReceivedAt().plusSeconds(60));
    revision.getSite().setName(null);
    revision.getVisit().setExpectedAt(null);
    revision.getVisit().setSignedInAt(NINE.plusSeconds(1));

    // When
    desk.write(first);
    desk.write(revision);

    // Then
    assertThat(desk.one("SELECT count(*) FROM visitor_event")).isEqualTo("2");
    assertThat(desk.one("SELECT site_name, expected_at, signed_in_at FROM visit_current"))
        .isEqualTo("HQ|2026-03-02 08:55:00+00|2026-03-02 09:00:01+00");
  }

  @Test
  void aHookCallIsNoPresence() {
    // Given a call of the vendor's hook that carries a time of arrival
    VisitorEvent call = event("hook", EventType.SCREENING_REQUESTED, "v-1", NINE);
    call.getVisit().setSignedInAt(NINE);

    // When
    desk.write(call);

    // Then
    assertThat(desk.rows("SELECT type, status, signed_in_at FROM visit_current"))
        .containsExactly("SCREENING_REQUESTED|-|-");
  }

  @Test
  void anUpdateDoesNotChangeWhereAVisitStands() {
    desk.write(signIn("v-1", NINE), event("u", EventType.UPDATED, "v-1", TEN));

    assertThat(desk.one("SELECT status, type FROM visit_current")).isEqualTo("SIGNED_IN|UPDATED");
  }

  @Test
  void aLateSnapshotIsRecordedAndChangesNothing() {
    // Given
    desk.write(signOut("v-1", NINE));
    String before = desk.one("SELECT * FROM visit_current");

    // When
    VisitorEvent snapshot = signIn("v-1", TEN);
    snapshot.getPerson().setFullName("Late Name");
    desk.write(List.of(lateRow(snapshot, desk.next())));

    // Then
    assertThat(desk.one("SELECT late FROM visitor_event WHERE event_id = 'in-v-1'"))
        .isEqualTo("true");
    assertThat(desk.one("SELECT * FROM visit_current")).isEqualTo(before);
    assertThat(desk.rows("FROM visitor_subject")).isEmpty();
  }

  @Test
  void anEventWithoutVisitOrVerdictIsStored() {
    // Given
    VisitorEvent lockdown = event("l-1", EventType.LOCKDOWN_ACTIVATED, "x", NINE);
    lockdown.getVisit().setId(null);
    lockdown.getPerson().setSubjectKey(null);

    // When
    desk.write(
        List.of(new EventRow(new Decoded.Event(lockdown, 7, null, false, "webhook"), P0, 0)));

    // Then
    assertThat(desk.one("SELECT visit_key, verdict, attributes FROM visitor_event"))
        .isEqualTo("-|-|-");
    assertThat(desk.rows("FROM visit_current")).isEmpty();
  }

  @Test
  void namesAreInOneTableOnly() {
    // When
    desk.write(aliceSignsIn());

    // Then
    assertThat(
            desk.one(
                "SELECT full_name, first_name, last_name, email, phone, company FROM visitor_subject"))
        .isEqualTo("Alice Ærø|Alice|Ærø|alice@example.com|+45 1234|Ærø & Sons");
    assertThat(desk.one("SELECT * EXCLUDE (attributes, purpose) FROM visitor_event"))
        .doesNotContain("Alice", "Ærø", "alice@example.com", "Henry", "henry@example.com");
    assertThat(desk.one("FROM visit_current")).doesNotContain("Alice", "Henry");
  }

  @Test
  void aPersonKeepsTheNewestNameAndLosesNone() {
    // Given
    VisitorEvent newer = aliceSignsIn();
    newer.setEventId("newer");
    newer.setOccurredAt(TEN);
    newer.getPerson().setFullName("Alice Newname");
    newer.getPerson().setEmail(null);

    // When the newer fact comes first
    desk.write(newer);
    desk.write(aliceSignsIn());

    // Then
    assertThat(desk.one("SELECT full_name, email FROM visitor_subject"))
        .isEqualTo("Alice Newname|alice@example.com");
  }

  @Test
  void countsAddUpAndAReplayChangesNothing() {
    // Given
    List<EventRow> rows =
        List.of(row(aliceSignsIn(), 0), row(signOut("v-alice", TEN), 1), row(aliceSignsIn(), 2));
    WriteResult first = desk.write(rows);
    List<String> before = desk.everything();

    // When everything comes again
    WriteResult second = desk.write(rows);

    // Then
    assertThat(first).isEqualTo(new WriteResult.Committed(2, 1, 0));
    assertThat(second).isEqualTo(new WriteResult.Committed(0, 3, 0));
    assertThat(desk.everything()).isEqualTo(before);
  }

  @Test
  void theFirstStoredCopyOfAnEventCountsEverywhere() {
    // Given
    desk.write(signIn("v-1", NINE));
    String before = desk.one("FROM visit_current");

    // When a copy that came by another path arrives, in a batch that also brings something new
    VisitorEvent copy = signIn("v-1", NINE);
    copy.setPath("backfill");
    copy.setReceivedAt(TEN);
    WriteResult result = desk.write(copy, signIn("v-2", NINE));

    // Then
    assertThat(result).isEqualTo(new WriteResult.Committed(1, 1, 0));
    assertThat(desk.one("SELECT path FROM visitor_event WHERE visit_id = 'v-1'"))
        .isEqualTo("webhook");
    assertThat(desk.one("FROM visit_current WHERE visit_id = 'v-1'")).isEqualTo(before);
  }

  @Test
  void aStaleWriterCommitsNothing() {
    // Given a second writer that took its position before the first one wrote
    try (DuckDbWarehouse zombie = new DuckDbWarehouse(desk.database, "warehouse", Desk.KEY)) {
      desk.write(signIn("v-1", NINE));
      List<String> before = desk.everything();
      TopicPartition free = new TopicPartition("visitor.events", 1);

      // When
      WriteResult result =
          zombie.writeBatch(
              new Batch(
                  List.of(row(signIn("v-2", NINE), 0)),
                  List.of(),
                  List.of(new RejectedRow(free, 3, RejectionReason.UNDECODABLE, null)),
                  Map.of(P0, new OffsetRange(0, 1), free, new OffsetRange(3, 4)),
                  Desk.LOADED));

      // Then
      assertThat(result).isEqualTo(new WriteResult.Stale(P0));
      assertThat(desk.everything()).isEqualTo(before);
      assertThat(zombie.loadOffsets()).isEqualTo(Map.of(P0, 1L));
    }
  }

  @Test
  void positionsOfOtherSinksAreTheirOwn() {
    desk.write(signIn("v-1", NINE));

    try (DuckDbWarehouse other = new DuckDbWarehouse(desk.database, "archive", Desk.KEY)) {
      assertThat(other.loadOffsets()).isEmpty();
    }
  }

  @Test
  void aPositionMayMoveBackWhenATopicWasMadeAnew() {
    // Given
    desk.write(signIn("v-1", NINE), signOut("v-1", TEN));

    // When
    WriteResult result =
        desk.warehouse.writeBatch(
            new Batch(
                List.of(row(signIn("v-2", NINE), 0)),
                List.of(),
                List.of(),
                Map.of(P0, new OffsetRange(2, 1)),
                Desk.LOADED));

    // Then
    assertThat(result).isEqualTo(new WriteResult.Committed(1, 0, 0));
    assertThat(desk.warehouse.loadOffsets()).isEqualTo(Map.of(P0, 1L));
  }

  @Test
  void aRejectedRecordKeepsItsBytesAndReason() {
    // Given
    byte[] raw = "no avro".getBytes(StandardCharsets.UTF_8);
    Batch batch =
        new Batch(
            List.of(),
            List.of(),
            List.of(
                new RejectedRow(P0, 0, RejectionReason.UNDECODABLE, raw),
                new RejectedRow(P0, 1, RejectionReason.NULL_VALUE, null)),
            Map.of(P0, new OffsetRange(0, 2)),
            Desk.LOADED);

    // When
    WriteResult result = desk.warehouse.writeBatch(batch);

    // Then
    assertThat(result).isEqualTo(new WriteResult.Committed(0, 0, 2));
    assertThat(
            desk.rows(
                "SELECT topic, part, off, reason, raw::VARCHAR FROM rejected_event ORDER BY off"))
        .containsExactly(
            "visitor.events|0|0|undecodable|no avro", "visitor.events|0|1|null_value|-");
  }

  @Test
  void oddTextsAndTimesAreStored() {
    // Given
    VisitorEvent odd = signIn("v'\";--\u0000\ud83d\ude00", Instant.parse("-0400-01-01T00:00:00Z"));
    odd.setEventId("odd");
    odd.setAttributes(Map.of("a\"\u0000b", "\u2028'\\"));
    odd.getSite().setName("x".repeat(100_000));

    // When
    desk.write(odd);

    // Then
    assertThat(desk.one("SELECT length(site_name), attributes->>'$.*' FROM visitor_event"))
        .startsWith("100000|");
    assertThat(desk.one("SELECT count(*) FROM visit_current")).isEqualTo("1");
  }

  @Test
  void aVersionSortsAsItsOrderSays() {
    // Given events from lowest to highest version
    VisitorEvent early = signIn("v", NINE.minusSeconds(1));
    VisitorEvent unranked = event("z", EventType.UPDATED, "v", NINE);
    VisitorEvent grant = signIn("v", NINE);
    VisitorEvent revoke = signOut("v", NINE);
    VisitorEvent laterArrival = signOut("v", NINE);
    laterArrival.setReceivedAt(NINE.plusSeconds(60));
    VisitorEvent revision = signOut("v", NINE);
    revision.setReceivedAt(NINE.plusSeconds(60));
    revision.setRevision("00000000000000ff");
    VisitorEvent tomorrow = signIn("v", NINE.plus(Duration.ofDays(1)));
    tomorrow.setReceivedAt(NINE);
    VisitorEvent sixPast = signIn("v", NINE.plus(Duration.ofMinutes(6)));

    // When
    List<String> versions = new ArrayList<>();
    for (VisitorEvent event :
        List.of(early, unranked, grant, revoke, laterArrival, revision, tomorrow, sixPast)) {
      versions.add(row(event, 0).version());
    }

    // Then
    assertThat(versions).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void afterAFailureTheNextBatchIsWritten() throws SQLException {
    // Given a failure inside a transaction
    try (DuckDBConnection other = desk.database.connection();
        Statement statement = other.createStatement()) {
      statement.execute("ALTER TABLE rejected_event RENAME TO gone");
      Batch batch =
          new Batch(
              List.of(row(signIn("v-1", NINE), 0)),
              List.of(),
              List.of(new RejectedRow(P0, 1, RejectionReason.NULL_VALUE, null)),
              Map.of(P0, new OffsetRange(0, 2)),
              Desk.LOADED);
      assertThatThrownBy(() -> desk.warehouse.writeBatch(batch))
          .isInstanceOf(WarehouseException.class)
          .hasMessageStartingWith("cannot write batch: ");
      assertThat(desk.rows("FROM visitor_event")).isEmpty();
      assertThat(desk.warehouse.loadOffsets()).isEmpty();

      // When
      statement.execute("ALTER TABLE gone RENAME TO rejected_event");
      WriteResult result = desk.warehouse.writeBatch(batch);

      // Then
      assertThat(result).isEqualTo(new WriteResult.Committed(1, 0, 1));
    }
  }

  @Test
  void theFileIsRefusedWhenANewerReleaseWroteIt() throws SQLException {
    try (DuckDBConnection connection = desk.database.connection();
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO schema_version VALUES (99)");
    }

    assertThatThrownBy(() -> desk.warehouse.migrate())
        .isInstanceOf(WarehouseException.class)
        .hasMessageContaining("version 99");
  }

  @Test
  void rowsOfAnOlderSessionAreThereAfterReopening() {
    // Given
    desk.write(signIn("v-1", NINE));
    desk.close();

    // When
    desk = new Desk(folder);

    // Then
    assertThat(desk.one("SELECT event_id FROM visitor_event")).isEqualTo("in-v-1");
    assertThat(desk.warehouse.loadOffsets()).isEqualTo(Map.of(P0, 1L));
  }

  @Test
  void sensitivityIsAColumn() {
    VisitorEvent hit = event("w", EventType.WATCHLIST_HIT, "v-1", NINE);
    hit.setSensitivity(Sensitivity.RESTRICTED);

    desk.write(hit);

    assertThat(desk.one("SELECT sensitivity FROM visitor_event")).isEqualTo("RESTRICTED");
  }
}
