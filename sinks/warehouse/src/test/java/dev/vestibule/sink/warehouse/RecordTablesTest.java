package dev.vestibule.sink.warehouse;

import static dev.vestibule.sink.warehouse.Events.NINE;
import static dev.vestibule.sink.warehouse.Events.signIn;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.events.EventType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordTablesTest {
  private static final TopicPartition DECISIONS = new TopicPartition("visitor.decisions", 3);
  private static final TopicPartition ALERTS = new TopicPartition("visitor.alerts", 1);

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

  /** A call about visit v-1, decided so many seconds after nine. */
  private static Decision decided(String request, DecisionOutcome outcome, int seconds) {
    Instant at = NINE.plusSeconds(seconds);
    return Decision.newBuilder()
        .setDecisionId("d-1")
        .setRequestId(request)
        .setPhase(DecisionPhase.DECIDED)
        .setSource("hq-envoy")
        .setVendor("kyberaccess")
        .setAccount("hq")
        .setVisitKey(Desk.KEY.visit("hq", "v-1"))
        .setInputsHash("inputs")
        .setOutcome(outcome)
        .setBasis(DecisionBasis.RULE)
        .setReason(outcome == DecisionOutcome.APPROVE ? "policy" : "hard_deadline")
        .setRuleId("after-hours")
        .setRuleVersion(3)
        .setPolicies(List.of("first v1", "after-hours v3"))
        .setShadows(Map.of("strict v1", "REVIEW"))
        .setPoliciesOffset(7)
        .setWatchlistOffset(9)
        .setSnapshotFreshAt(NINE)
        .setRequestedAt(at)
        .setDecidedAt(at.plusMillis(2))
        .setLatencyMicros(2345)
        .build();
  }

  private static Decision answered(Decision decided, boolean written) {
    return Decision.newBuilder(decided)
        .setPhase(DecisionPhase.ANSWERED)
        .setAnswerStatus(200)
        .setAnswerWritten(written)
        .setAnsweredAt(decided.getDecidedAt().plusMillis(1))
        .build();
  }

  private static Alert alert() {
    return Alert.newBuilder()
        .setAlertId("a-1")
        .setKind("unscreened-entry")
        .setSeverity(AlertSeverity.CRITICAL)
        .setSource("hq-envoy")
        .setVendor("envoy")
        .setAccount("hq")
        .setVisitKey("hash")
        .setEventId("in-v-1")
        .setSiteId("143")
        .setOccurredAt(NINE)
        .setRaisedAt(NINE.plusSeconds(121))
        .setDetails(Map.of("path", "webhook"))
        .build();
  }

  private WriteResult write(Decision... decisions) {
    return write(RecordTable.DECISIONS, DECISIONS, decisions);
  }

  private WriteResult write(RecordTable table, TopicPartition source, SpecificRecord... values) {
    List<RecordRow> rows = new ArrayList<>();
    for (SpecificRecord value : values) {
      rows.add(new RecordRow(table, value, 5, source, rows.size()));
    }
    return desk.writeRecords(source, rows);
  }

  /** A field that is added to a schema needs a migration here. */
  @ParameterizedTest
  @EnumSource
  void aTableHasTheFieldsOfItsSchemaAndWhereTheyComeFrom(RecordTable table) {
    Schema schema = SpecificData.get().getSchema(table.type());

    assertThat(desk.rows("SELECT column_name FROM (DESCRIBE " + table.table() + ")"))
        .containsExactlyElementsOf(
            Stream.concat(
                    schema.getFields().stream().map(RecordTable::column),
                    Stream.of("loaded_at", "schema_id", "src_topic", "src_partition", "src_offset"))
                .toList());
  }

  @Test
  void everyColumnOfADecisionHoldsItsField() {
    write(answered(decided("r-1", DecisionOutcome.APPROVE, 0), true));

    assertThat(desk.rows("UNPIVOT (SELECT COLUMNS(*)::VARCHAR FROM decisions) ON *"))
        .containsExactly(
            "decision_id|d-1",
            "request_id|r-1",
            "phase|ANSWERED",
            "source|hq-envoy",
            "vendor|kyberaccess",
            "account|hq",
            "visit_hash|" + Desk.KEY.visit("hq", "v-1"),
            "inputs_hash|inputs",
            "outcome|APPROVE",
            "basis|RULE",
            "reason|policy",
            "rule_id|after-hours",
            "rule_version|3",
            "policies|[\"first v1\",\"after-hours v3\"]",
            "shadows|{\"strict v1\":\"REVIEW\"}",
            "policies_offset|7",
            "watchlist_offset|9",
            "snapshot_fresh_at|2026-03-02 09:00:00+00",
            "requested_at|2026-03-02 09:00:00+00",
            "decided_at|2026-03-02 09:00:00.002+00",
            "latency_micros|2345",
            "answer_status|200",
            "answer_written|true",
            "answered_at|2026-03-02 09:00:00.003+00",
            "loaded_at|2026-03-02 12:00:00+00",
            "schema_id|5",
            "src_topic|visitor.decisions",
            "src_partition|3",
            "src_offset|0");
  }

  @Test
  void everyColumnOfAnAlertHoldsItsField() {
    write(RecordTable.ALERTS, ALERTS, alert());

    assertThat(desk.rows("UNPIVOT (SELECT COLUMNS(*)::VARCHAR FROM alerts) ON *"))
        .containsExactly(
            "alert_id|a-1",
            "kind|unscreened-entry",
            "severity|CRITICAL",
            "source|hq-envoy",
            "vendor|envoy",
            "account|hq",
            "visit_hash|hash",
            "event_id|in-v-1",
            "site_id|143",
            "occurred_at|2026-03-02 09:00:00+00",
            "raised_at|2026-03-02 09:02:01+00",
            "details|{\"path\":\"webhook\"}",
            "loaded_at|2026-03-02 12:00:00+00",
            "schema_id|5",
            "src_topic|visitor.alerts",
            "src_partition|1",
            "src_offset|0");
  }

  @Test
  void copiesOfARecordAreOneRow() {
    Decision decided = decided("r-1", DecisionOutcome.APPROVE, 0);

    assertThat(write(decided, answered(decided, true), decided))
        .isEqualTo(new WriteResult.Committed(2, 1, 0));
    assertThat(write(decided)).isEqualTo(new WriteResult.Committed(0, 1, 0));
    assertThat(write(RecordTable.ALERTS, ALERTS, alert(), alert()))
        .isEqualTo(new WriteResult.Committed(1, 1, 0));

    assertThat(desk.rows("SELECT request_id, phase, src_offset FROM decisions ORDER BY src_offset"))
        .containsExactly("r-1|DECIDED|0", "r-1|ANSWERED|1");
    assertThat(desk.one("SELECT count(*) FROM alerts")).isEqualTo("1");
    assertThat(desk.warehouse.loadOffsets()).isEqualTo(Map.of(DECISIONS, 4L, ALERTS, 2L));
  }

  @Test
  void nothingIsWrittenWhenAnotherWriterHasMovedThePosition() {
    write(decided("r-1", DecisionOutcome.APPROVE, 0));

    WriteResult stale =
        desk.warehouse.writeBatch(
            new Batch(
                List.of(),
                List.of(
                    new RecordRow(
                        RecordTable.DECISIONS,
                        decided("r-2", DecisionOutcome.REVIEW, 0),
                        5,
                        DECISIONS,
                        0)),
                List.of(),
                Map.of(DECISIONS, new OffsetRange(0, 1)),
                Desk.LOADED));

    assertThat(stale).isEqualTo(new WriteResult.Stale(DECISIONS));
    assertThat(desk.rows("SELECT request_id FROM decisions")).containsExactly("r-1");
  }

  @Test
  void anApprovalCountsWhileNoRecordOfItsDecisionSaysReview() {
    String sql =
        "SELECT visit_key, outcome, reason, second(decided_at), calls, answered"
            + " FROM decision_of_visit";
    desk.write(signIn("v-1", NINE));
    Decision approved = decided("r-1", DecisionOutcome.APPROVE, 5);
    write(approved, answered(approved, false));
    assertThat(desk.rows(sql)).containsExactly("hq:kyberaccess:v-1|APPROVE|policy|5|1|false");

    // A copy that Kafka took too late, and was answered 412
    write(answered(decided("r-2", DecisionOutcome.REVIEW, 9), true));
    assertThat(desk.rows(sql)).containsExactly("hq:kyberaccess:v-1|REVIEW|hard_deadline|9|2|true");

    write(decided("r-3", DecisionOutcome.APPROVE, 20));
    assertThat(desk.rows(sql)).containsExactly("hq:kyberaccess:v-1|REVIEW|hard_deadline|9|3|true");
  }

  @Test
  void aDecisionIsThereBeforeAnyEventOfItsVisitAndOncePerEntry() {
    Decision other = decided("r-9", DecisionOutcome.REVIEW, 0);
    other.setDecisionId("d-2");
    other.setVisitKey(null);
    write(decided("r-1", DecisionOutcome.APPROVE, 0), other);

    assertThat(
            desk.rows("SELECT decision_id, visit_key, outcome FROM decision_of_visit ORDER BY ALL"))
        .containsExactly("d-1|-|APPROVE", "d-2|-|REVIEW");
  }

  @Test
  void questionsReachTablesAndView() {
    write(decided("r-1", DecisionOutcome.APPROVE, 0));
    try (Query query = new Query(desk.database, Duration.ofSeconds(5), 100)) {
      for (String sql :
          List.of(
              "SELECT * FROM decisions",
              "SELECT * FROM alerts",
              "SELECT outcome FROM decision_of_visit",
              "DESCRIBE decision_of_visit")) {
        assertThat(query.ask(sql)).as(sql).isInstanceOf(Answer.Rows.class);
      }
    }
  }

  /** They hold pseudonyms, and stay as the record of who was decided about. */
  @Test
  void anErasureTakesTheNameAndLeavesTheDecision() {
    desk.write(Events.aliceSignsIn());
    Decision decision = decided("r-1", DecisionOutcome.APPROVE, 0);
    decision.setVisitKey(Desk.KEY.visit("hq", "v-alice"));
    write(decision);
    write(RecordTable.ALERTS, ALERTS, alert());

    desk.write(Events.event("erased", EventType.ERASED, "v-alice", NINE.plusSeconds(60)));

    assertThat(desk.one("SELECT count(*) FROM visitor_subject")).isEqualTo("0");
    assertThat(desk.one("SELECT visit_key FROM decision_of_visit"))
        .isEqualTo("hq:kyberaccess:v-alice");
    assertThat(desk.one("SELECT count(*) FROM alerts")).isEqualTo("1");
    assertThat(String.join("\n", desk.everything())).doesNotContain("Alice");
  }

  @Test
  void aFileOfTheFirstVersionIsCarriedOver() throws Exception {
    desk.write(signIn("v-1", NINE));
    try (DuckDBConnection connection = desk.database.connection();
        Statement statement = connection.createStatement()) {
      backToVersion1(statement);
    }
    assertThat(desk.rows("SELECT column_name FROM (DESCRIBE visitor_event)"))
        .doesNotContain("visit_hash");

    desk.close();
    desk = new Desk(folder);
    desk.write(signIn("v-2", NINE));

    assertThat(desk.rows("SELECT event_id, visit_hash FROM visitor_event ORDER BY event_id"))
        .containsExactly("in-v-1|-", "in-v-2|" + Desk.KEY.visit("hq", "v-2"));
    assertThat(desk.one("SELECT max(version) FROM schema_version")).isEqualTo("2");
    assertThat(write(decided("r-1", DecisionOutcome.APPROVE, 0)))
        .isEqualTo(new WriteResult.Committed(1, 0, 0));
  }

  /** Makes the file what the first version made, with the events that are in it. */
  private static void backToVersion1(Statement statement) throws SQLException, java.io.IOException {
    for (String table :
        List.of(
            "visit_current",
            "visitor_subject",
            "suppression",
            "erasure_log",
            "sink_offset",
            "rejected_event")) {
      statement.execute("DROP TABLE " + table);
    }
    statement.execute("DROP VIEW decision_of_visit");
    statement.execute("DROP TABLE decisions");
    statement.execute("DROP TABLE alerts");
    statement.execute("CREATE TEMP TABLE kept AS SELECT * EXCLUDE (visit_hash) FROM visitor_event");
    statement.execute("DROP TABLE visitor_event");
    try (var sql = DuckDbWarehouse.class.getResourceAsStream("V1.sql")) {
      statement.execute(
          new String(Objects.requireNonNull(sql).readAllBytes(), StandardCharsets.UTF_8));
    }
    statement.execute("INSERT INTO visitor_event SELECT * FROM kept");
    statement.execute("DELETE FROM schema_version WHERE version = 2");
  }
}
