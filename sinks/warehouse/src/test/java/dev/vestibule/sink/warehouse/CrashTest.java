package dev.vestibule.sink.warehouse;

import static dev.vestibule.sink.warehouse.Events.NINE;
import static dev.vestibule.sink.warehouse.Events.P0;
import static dev.vestibule.sink.warehouse.Events.row;
import static dev.vestibule.sink.warehouse.Events.signIn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other processes, above all dead ones, do to the file. */
class CrashTest {
  private static final int ROWS = 50;

  @TempDir Path folder;

  /** Child process: ends in the middle of a transaction, having written one before. */
  static final class HaltsInTransaction {
    private HaltsInTransaction() {}

    public static void main(String[] args) throws SQLException {
      Desk desk = new Desk(Path.of(args[0]));
      desk.write(signIn("v-1", NINE));
      DuckDBConnection connection = desk.database.connection();
      try (Statement statement = connection.createStatement()) {
        statement.execute("BEGIN TRANSACTION");
        statement.execute("UPDATE sink_offset SET next_offset = 99");
        statement.execute(
            "INSERT INTO visitor_event SELECT * REPLACE ('never' AS event_id) FROM visitor_event");
        Runtime.getRuntime().halt(3);
      }
    }
  }

  /** Child process: writes batch after batch until it is killed. */
  static final class WritesForEver {
    private WritesForEver() {}

    public static void main(String[] args) {
      Desk desk = new Desk(Path.of(args[0]));
      System.out.println("writing");
      while (true) {
        desk.write(batch(desk.next()));
      }
    }
  }

  private static List<EventRow> batch(long from) {
    return LongStream.range(from, from + ROWS)
        .mapToObj(offset -> row(signIn("v-" + offset, NINE.plusSeconds(offset)), offset))
        .toList();
  }

  @Test
  void aProcessHaltedInATransactionLeavesNeitherRowsNorOffsets() throws Exception {
    // When
    Process child = start(HaltsInTransaction.class);

    // Then
    assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(child.exitValue()).isEqualTo(3);
    try (Desk desk = new Desk(folder)) {
      assertThat(desk.rows("SELECT event_id FROM visitor_event")).containsExactly("in-v-1");
      assertThat(desk.warehouse.loadOffsets()).isEqualTo(Map.of(P0, 1L));
    }
  }

  @Test
  void aProcessKilledWhileWritingLeavesWholeBatches() throws Exception {
    // Given
    Random random = new Random(20260302);
    for (int round = 0; round < 4; round++) {
      Process child = start(WritesForEver.class);
      BufferedReader output = child.inputReader(StandardCharsets.UTF_8);
      assertThat(output.readLine()).isEqualTo("writing");

      // When
      boolean ended = child.waitFor(random.nextInt(400), TimeUnit.MILLISECONDS);
      child.destroyForcibly().waitFor();

      // Then
      assertThat(ended).isFalse();
      try (Desk desk = new Desk(folder)) {
        long next = desk.warehouse.loadOffsets().getOrDefault(P0, 0L);
        assertThat(next % ROWS).isZero();
        assertThat(
                desk.one(
                    "SELECT count(*), count(DISTINCT event_id), count(DISTINCT src_offset) FROM visitor_event"))
            .isEqualTo(next + "|" + next + "|" + next);
        assertThat(desk.one("SELECT count(*) FROM visit_current")).isEqualTo(Long.toString(next));
      }
    }
  }

  @Test
  void aSecondProcessIsToldThatTheFileIsTaken() throws Exception {
    // Given
    Process child = start(WritesForEver.class);
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      assertThat(output.readLine()).isEqualTo("writing");

      // When, then
      assertThatThrownBy(() -> DuckDb.open(WarehouseSink.file(folder), 160, Duration.ofMillis(300)))
          .isInstanceOf(WarehouseException.class)
          .hasMessageContaining("is open in another process");
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  private Process start(Class<?> main) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName(),
            folder.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
