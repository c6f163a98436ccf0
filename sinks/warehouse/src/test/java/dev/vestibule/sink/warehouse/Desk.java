package dev.vestibule.sink.warehouse;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.VisitorEvent;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;
import org.duckdb.DuckDBConnection;

/** A warehouse on a file of its own, and short ways to fill and read it. */
final class Desk implements AutoCloseable {
  static final IdentityKey KEY = new IdentityKey(new byte[32]);
  static final Instant LOADED = Instant.parse("2026-03-02T12:00:00Z");

  final DuckDb database;
  final DuckDbWarehouse warehouse;
  private long next;

  Desk(Path folder) {
    this(folder, WarehouseSettings.DEFAULTS.memoryMegabytes());
  }

  Desk(Path folder, int memoryMegabytes) {
    database = DuckDb.open(WarehouseSink.file(folder), memoryMegabytes, Duration.ofSeconds(5));
    warehouse = new DuckDbWarehouse(database, "warehouse", Desk.KEY);
    warehouse.migrate();
    next = warehouse.loadOffsets().getOrDefault(Events.P0, 0L);
  }

  /** Writes events as the next batch of partition 0. */
  WriteResult write(VisitorEvent... events) {
    return write(
        IntStream.range(0, events.length).mapToObj(i -> Events.row(events[i], next + i)).toList());
  }

  WriteResult write(List<EventRow> rows) {
    OffsetRange range = new OffsetRange(next, next + rows.size());
    next = range.end();
    return warehouse.writeBatch(
        new Batch(rows, List.of(), List.of(), Map.of(Events.P0, range), LOADED));
  }

  /** Writes decisions or alerts as the next batch of a partition of their own. */
  WriteResult writeRecords(TopicPartition source, List<RecordRow> rows) {
    long start = warehouse.loadOffsets().getOrDefault(source, 0L);
    return warehouse.writeBatch(
        new Batch(
            List.of(),
            rows,
            List.of(),
            Map.of(source, new OffsetRange(start, start + rows.size())),
            LOADED));
  }

  long next() {
    return next;
  }

  /** Rows as text, columns joined by {@code |}, null as {@code -}. */
  List<String> rows(String sql) {
    try (DuckDBConnection connection = database.connection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT COLUMNS(*)::VARCHAR FROM (%s)".formatted(sql))) {
      List<String> lines = new ArrayList<>();
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        String[] cells = new String[columns];
        for (int column = 0; column < columns; column++) {
          String cell = rows.getString(column + 1);
          cells[column] = cell == null ? "-" : cell;
        }
        lines.add(String.join("|", Arrays.asList(cells)));
      }
      return lines;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  String one(String sql) {
    return String.join("\n", rows(sql));
  }

  /** Everything that a replay must leave as it is. */
  List<String> everything() {
    List<String> all = new ArrayList<>();
    for (String table :
        List.of(
            "visitor_event",
            "visit_current",
            "visitor_subject",
            "suppression",
            "erasure_log",
            "decisions",
            "alerts",
            "rejected_event")) {
      all.add(table);
      all.addAll(rows("SELECT * FROM " + table + " ORDER BY ALL"));
    }
    return all;
  }

  @Override
  public void close() {
    warehouse.close();
    database.close();
  }
}
