package dev.vestibule.sink.warehouse;

import static dev.vestibule.sink.warehouse.Events.NINE;
import static dev.vestibule.sink.warehouse.Events.signIn;
import static dev.vestibule.sink.warehouse.Events.signOut;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.sink.warehouse.Answer.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
  private static final String CROSS_JOIN =
      "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range + b.range = -1";

  @TempDir Path folder;
  private Desk desk;
  private Query query;

  @BeforeEach
  void open() {
    desk = new Desk(folder);
    desk.write(signIn("v-1", NINE), signOut("v-1", NINE.plusSeconds(60)));
    query = new Query(desk.database, Duration.ofSeconds(5), 100);
  }

  @AfterEach
  void close() {
    query.close();
    desk.close();
  }

  private Answer.Rows rows(String sql) {
    Answer answer = query.ask(sql);
    assertThat(answer).as(sql).isInstanceOf(Answer.Rows.class);
    return (Answer.Rows) answer;
  }

  private Answer.Refused refused(String sql) {
    Answer answer = query.ask(sql);
    assertThat(answer).as(sql).isInstanceOf(Answer.Refused.class);
    return (Answer.Refused) answer;
  }

  @Test
  void anAnswerHasColumnsTypesAndRows() {
    Answer.Rows answer = rows("SELECT visit_id, status, signed_in_at FROM visit_current");

    assertThat(answer.columns()).containsExactly("visit_id", "status", "signed_in_at");
    assertThat(answer.types()).containsExactly("VARCHAR", "VARCHAR", "TIMESTAMP WITH TIME ZONE");
    assertThat(answer.rows())
        .containsExactly(List.of("v-1", "SIGNED_OUT", "2026-03-02T09:00:00.000000Z"));
    assertThat(answer.truncated()).isNull();
  }

  @Test
  void valuesAreWhatJsonKnows() {
    Answer.Rows answer =
        rows(
            """
            SELECT 1, 2::HUGEINT, 1.50::DECIMAL(9,2), 0.5::DOUBLE, 'nan'::DOUBLE, true, NULL, 'x',
              TIMESTAMP '2026-01-02 03:04:05.6', DATE '2026-01-02', 'ab'::BLOB, [1, NULL],
              {'a': [1]}, MAP {'k': TIMESTAMPTZ '2026-01-02 03:04:05+01'}, '{"a":1}'::JSON\
            """);

    assertThat(answer.rows().getFirst().toString())
        .isEqualTo(
            "[1, 2, 1.50, 0.5, NaN, true, null, x, 2026-01-02T03:04:05.600000Z, 2026-01-02, YWI=,"
                + " [1, null], {a=[1]}, {k=2026-01-02T02:04:05.000000Z}, {\"a\":1}]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1;",
        "SELECT 1 ; -- SELECT 2",
        "-- first\nSELECT 1",
        "/* ; DELETE FROM visitor_event; */ SELECT ';'",
        "WITH x AS (SELECT 1) SELECT * FROM x",
        "FROM visitor_event",
        "VALUES (1)",
        "DESCRIBE visitor_event",
        "SHOW TABLES",
        "SUMMARIZE visit_current",
        "SELECT * FROM duckdb_tables()",
        "SELECT * FROM range(3)",
        "SELECT occurred_at::DATE AS day, count(*) FROM visitor_event GROUP BY ALL",
        "SELECT current_date, now(), date_trunc('day', occurred_at) FROM visitor_event",
        "SELECT attributes->>'$.a' FROM visitor_event"
      })
  void readingStatementsAreAnswered(String sql) {
    assertThat(rows(sql).columns()).isNotEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "refused.csv", delimiter = '|', quoteCharacter = '`')
  void everythingElseIsRefused(String sql, String message) throws IOException {
    // Given
    List<String> before = desk.everything();
    List<Path> filesBefore = files();

    // When
    Answer.Refused answer = refused(sql.replace("\\n", "\n"));

    // Then
    assertThat(answer.message()).contains(message);
    assertThat(desk.everything()).isEqualTo(before);
    assertThat(files()).isEqualTo(filesBefore);
    assertThat(desk.one("SELECT current_setting('threads')")).isEqualTo("2");
  }

  private List<Path> files() throws IOException {
    try (var found = Files.walk(folder)) {
      return found.sorted().toList();
    }
  }

  @Test
  void theTransactionIsReadOnlyEvenWithoutTheGuard() throws Exception {
    try (var connection = desk.database.connection();
        var statement = connection.createStatement()) {
      statement.execute("BEGIN TRANSACTION READ ONLY");
      assertThatThrownBy(() -> statement.execute("DELETE FROM visitor_event"))
          .hasMessageContaining("read-only");
    }
  }

  @Test
  void aQuestionThatTakesTooLongIsStopped() {
    // Given
    try (Query impatient = new Query(desk.database, Duration.ofMillis(300), 100)) {
      // When
      Answer answer = impatient.ask(CROSS_JOIN);

      // Then
      assertThat(answer).isEqualTo(new Answer.Refused(Reason.TIMEOUT, "stopped after 300 ms"));
      assertThat(impatient.ask("SELECT 1")).isInstanceOf(Answer.Rows.class);
    }
  }

  @Test
  void aQuestionWhoseRowsComeTooSlowlyIsStopped() {
    try (Query impatient = new Query(desk.database, Duration.ofMillis(300), 100)) {
      Answer answer =
          impatient.ask(
              "SELECT * FROM range(10000000) a, range(1000000) b WHERE (a.range + b.range) % 9999999 = 9999998");

      assertThat(answer).isEqualTo(new Answer.Refused(Reason.TIMEOUT, "stopped after 300 ms"));
    }
  }

  @Test
  void rowsAreCapped() {
    Answer.Rows answer = rows("SELECT * FROM range(100000000000)");

    assertThat(answer.rows()).hasSize(100);
    assertThat(answer.truncated()).isEqualTo("only the first 100 rows; add LIMIT or aggregate");
    assertThat(rows("SELECT * FROM range(100)").truncated()).isNull();
  }

  @Test
  void aQuestionThatNeedsTooMuchMemoryFailsAlone() {
    // When
    Answer.Refused answer = refused("SELECT list(range) FROM range(100000000)");

    // Then
    assertThat(answer.reason()).isEqualTo(Reason.FAILED);
    assertThat(answer.message()).contains("Out of Memory");
    assertThat(desk.write(signIn("v-2", NINE))).isEqualTo(new WriteResult.Committed(1, 0, 0));
  }

  @Test
  void theWriterDoesNotWaitForAQuestion() throws Exception {
    try (ExecutorService asking = Executors.newSingleThreadExecutor();
        Query slow = new Query(desk.database, Duration.ofSeconds(2), 100)) {
      // Given
      Future<Answer> answer = asking.submit(() -> slow.ask(CROSS_JOIN));

      // When
      int written = 0;
      while (!answer.isDone()) {
        written++;
        desk.write(signIn("w-" + written, NINE));
      }

      // Then
      assertThat(((Answer.Refused) answer.get()).reason()).isEqualTo(Reason.TIMEOUT);
      assertThat(written).isGreaterThan(3);
      assertThat(rows("SELECT count(*) FROM visitor_event").rows())
          .containsExactly(List.of(2L + written));
    }
  }

  @Test
  void aThirdQuestionAtOnceIsToldToComeBack() throws Exception {
    try (ExecutorService asking = Executors.newFixedThreadPool(3);
        Query slow = new Query(desk.database, Duration.ofSeconds(2), 100)) {
      // When
      List<Future<Answer>> answers =
          asking.invokeAll(Collections.nCopies(3, () -> slow.ask(CROSS_JOIN)));

      // Then
      List<Reason> reasons = new ArrayList<>();
      for (Future<Answer> answer : answers) {
        reasons.add(((Answer.Refused) answer.get()).reason());
      }
      assertThat(reasons).containsExactlyInAnyOrder(Reason.BUSY, Reason.TIMEOUT, Reason.TIMEOUT);
    }
  }

  @Test
  void theTextTableShowsRowsAndDisarmsControlCharacters() {
    Answer.Rows answer =
        rows("SELECT 'a' || chr(27) || '[2J' || chr(10) AS name, NULL AS nothing, 'Ærø' AS place");

    assertThat(answer.text())
        .isEqualTo(
            """
            name              nothing  place
            ----------------  -------  -----
            a\\u001b[2J\\u000a  NULL     Ærø
            (1 row)
            """);
  }
}
