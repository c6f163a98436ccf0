package dev.vestibule.sink.warehouse;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.EventType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Warehouse} in a DuckDB file.
 *
 * <p>A batch goes through a staging table and a few statements over whole sets, because single
 * upserts cost a hundred times as much. Erasure comes before everything else in the transaction:
 * whoever is suppressed is blanked in the staging table already.
 */
final class DuckDbWarehouse implements Warehouse {
  private static final List<String> MIGRATIONS = List.of("V1.sql", "V2.sql");

  private static final LatestWins SUBJECTS =
      new LatestWins(
          "visitor_subject",
          "subject_key",
          List.of("account"),
          List.of("updated_at"),
          List.of("full_name", "first_name", "last_name", "email", "phone", "company"));

  private static final String SUPPRESSED_SUBJECTS =
      "(SELECT key FROM suppression WHERE kind = 'subject')";
  private static final String SUPPRESSED_VISITS =
      "(SELECT key FROM suppression WHERE kind = 'visit')";
  private static final String IS_SUPPRESSED =
      "(subject_key IN %s OR visit_key IN %s)".formatted(SUPPRESSED_SUBJECTS, SUPPRESSED_VISITS);
  private static final String BLANK_CONTENT = "person_id = NULL, purpose = NULL, attributes = NULL";
  private static final String BLANK_PERSON =
      "full_name = NULL, first_name = NULL, last_name = NULL, email = NULL, phone = NULL,"
          + " company = NULL";

  /** Kinds of errors whose messages speak of tables and files only. */
  private static final Set<String> WITHOUT_VALUES =
      Set.of("IO", "Out of Memory", "Parser", "Catalog", "TransactionContext", "FATAL");

  private final DuckDb database;
  private final String sink;
  private final IdentityKey identity;
  private @Nullable DuckDBConnection connection;
  private boolean broken;

  /**
   * A writer on an open database, which stays the caller's to close.
   *
   * @param sink name under which positions are stored
   * @param identity makes the hashes that stand for visits in decisions and alerts
   */
  DuckDbWarehouse(DuckDb database, String sink, IdentityKey identity) {
    this.database = database;
    this.sink = sink;
    this.identity = identity;
  }

  @Override
  public void migrate() {
    inTransaction(
        "migrate",
        statement -> {
          statement.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
          int version =
              (int) number(statement, "SELECT coalesce(max(version), 0) FROM schema_version");
          if (version > MIGRATIONS.size()) {
            throw new WarehouseException(
                "the warehouse has version "
                    + version
                    + ", written by a newer release; this one knows versions up to "
                    + MIGRATIONS.size());
          }
          for (int next = version; next < MIGRATIONS.size(); next++) {
            statement.execute(resource(MIGRATIONS.get(next)));
            statement.execute("INSERT INTO schema_version VALUES (" + (next + 1) + ")");
          }
          return true;
        });
  }

  @Override
  public Map<TopicPartition, Long> loadOffsets() {
    try (PreparedStatement select =
        connection()
            .prepareStatement("SELECT topic, part, next_offset FROM sink_offset WHERE sink = ?")) {
      select.setString(1, sink);
      Map<TopicPartition, Long> offsets = new HashMap<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          offsets.put(new TopicPartition(rows.getString(1), rows.getInt(2)), rows.getLong(3));
        }
      }
      return offsets;
    } catch (SQLException e) {
      throw failure("load offsets", e);
    }
  }

  @Override
  public WriteResult writeBatch(Batch batch) {
    return inTransaction("write batch", statement -> write(batch, statement));
  }

  private WriteResult write(Batch batch, Statement statement) throws SQLException {
    Optional<TopicPartition> stale = moveOffsets(batch);
    if (stale.isPresent()) {
      return new WriteResult.Stale(stale.get());
    }
    int stored = batch.events().isEmpty() ? 0 : writeEvents(batch, statement);
    for (RecordTable table : RecordTable.values()) {
      stored += writeRecords(table, batch, statement);
    }
    storeRejected(batch);
    int storable = batch.events().size() + batch.records().size();
    return new WriteResult.Committed(stored, storable - stored, batch.rejected().size());
  }

  /** Inserts what is new of one table; returns how many rows those are. */
  private int writeRecords(RecordTable table, Batch batch, Statement statement)
      throws SQLException {
    Map<List<String>, RecordRow> first = new LinkedHashMap<>();
    for (RecordRow row : batch.records()) {
      if (row.table() == table) {
        first.putIfAbsent(row.key(), row);
      }
    }
    if (first.isEmpty()) {
      return 0;
    }
    statement.execute(
        "CREATE OR REPLACE TEMP TABLE record_stage AS SELECT * FROM " + table.table() + " LIMIT 0");
    try (Columns columns = new Columns(connection(), "record_stage")) {
      for (RecordRow row : first.values()) {
        columns.beginRow();
        for (int field = 0; field < row.value().getSchema().getFields().size(); field++) {
          columns.value(row.value().get(field));
        }
        columns.time(batch.loadedAt());
        columns.number(row.schemaId());
        columns.text(row.source().topic());
        columns.number(row.source().partition());
        columns.number(row.offset());
        columns.endRow();
      }
    }
    return statement.executeUpdate(
        "INSERT INTO " + table.table() + " SELECT * FROM record_stage ON CONFLICT DO NOTHING");
  }

  private int writeEvents(Batch batch, Statement statement) throws SQLException {
    int staged = stage(batch, statement);
    boolean erases =
        batch.events().stream().anyMatch(row -> row.event().getType() == EventType.ERASED);
    if (erases || number(statement, "SELECT count(*) FROM suppression") > 0) {
      suppress(batch.loadedAt(), statement);
    }
    List<EventKey> stored = storeEvents(statement);
    if (stored.isEmpty()) {
      return 0;
    }
    // Only what is new counts below, so that the history alone explains the other tables.
    String fresh = stored.size() == staged ? "FROM stage" : storedOnly(stored, statement);
    if (erases) {
      statement.execute(logErasures(fresh));
    }
    statement.execute(VisitCurrent.merge(fresh));
    statement.execute(SUBJECTS.merge(persons(fresh)));
    return stored.size();
  }

  /** Compare-and-set on every partition: the fence against a writer with an old view. */
  private Optional<TopicPartition> moveOffsets(Batch batch) throws SQLException {
    DuckDBConnection writer = connection();
    try (PreparedStatement first =
            writer.prepareStatement(
                "INSERT INTO sink_offset VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        PreparedStatement move =
            writer.prepareStatement(
                """
                UPDATE sink_offset SET next_offset = ?, updated_at = ?
                WHERE sink = ? AND topic = ? AND part = ? AND next_offset = ?\
                """)) {
      OffsetDateTime now = utc(batch.loadedAt());
      for (Map.Entry<TopicPartition, OffsetRange> entry : batch.ranges().entrySet()) {
        TopicPartition partition = entry.getKey();
        OffsetRange range = entry.getValue();
        move.setLong(1, range.end());
        move.setObject(2, now);
        move.setString(3, sink);
        move.setString(4, partition.topic());
        move.setInt(5, partition.partition());
        move.setLong(6, range.start());
        if (move.executeUpdate() == 1) {
          continue;
        }
        first.setString(1, sink);
        first.setString(2, partition.topic());
        first.setInt(3, partition.partition());
        first.setLong(4, range.end());
        first.setObject(5, now);
        if (first.executeUpdate() != 1) {
          return Optional.of(partition);
        }
      }
      return Optional.empty();
    }
  }

  /** Fills table {@code stage} with the first copy of each event; returns how many those are. */
  private int stage(Batch batch, Statement statement) throws SQLException {
    Map<EventKey, EventRow> first = new LinkedHashMap<>();
    for (EventRow row : batch.events()) {
      first.putIfAbsent(EventKey.of(row), row);
    }
    statement.execute(EventAppender.CREATE_STAGE);
    try (EventAppender appender = new EventAppender(connection(), identity, batch.loadedAt())) {
      for (EventRow row : first.values()) {
        appender.append(row);
      }
    }
    return first.size();
  }

  /**
   * Notes whom this batch erases, blanks what is stored of them and what the batch brings. An
   * erasure names a subject, a visit or both; the subject of an erased visit is erased too,
   * whenever it becomes known.
   */
  private void suppress(Instant now, Statement statement) throws SQLException {
    long visits = suppressed(now, "visit", "SELECT visit_key FROM stage WHERE type = 'ERASED'");
    long subjects =
        suppressed(now, "subject", "SELECT subject_key FROM stage WHERE type = 'ERASED'")
            + suppressed(
                now,
                "subject",
                "SELECT subject_key FROM stage WHERE visit_key IN " + SUPPRESSED_VISITS);
    if (visits > 0) {
      subjects +=
          suppressed(
              now,
              "subject",
              "SELECT subject_key FROM visitor_event WHERE visit_key IN " + SUPPRESSED_VISITS);
    }
    if (visits + subjects > 0) {
      statement.execute("DELETE FROM visitor_subject WHERE subject_key IN " + SUPPRESSED_SUBJECTS);
      statement.execute("UPDATE visitor_event SET " + BLANK_CONTENT + " WHERE " + IS_SUPPRESSED);
    }
    statement.execute(
        "UPDATE stage SET " + BLANK_CONTENT + ", " + BLANK_PERSON + " WHERE " + IS_SUPPRESSED);
  }

  private long suppressed(Instant now, String kind, String keys) throws SQLException {
    String insert =
        "INSERT INTO suppression SELECT DISTINCT ?, key, ?::TIMESTAMPTZ FROM ("
            + keys
            + ") AS keys(key) WHERE key IS NOT NULL ON CONFLICT DO NOTHING";
    try (PreparedStatement statement = connection().prepareStatement(insert)) {
      statement.setString(1, kind);
      statement.setObject(2, utc(now));
      return statement.executeUpdate();
    }
  }

  /** Inserts what is new; returns its keys. */
  private static List<EventKey> storeEvents(Statement statement) throws SQLException {
    List<EventKey> stored = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            """
            INSERT INTO visitor_event
            SELECT * EXCLUDE (full_name, first_name, last_name, email, phone, company)
            FROM stage ON CONFLICT DO NOTHING RETURNING event_id, revision\
            """)) {
      while (rows.next()) {
        stored.add(new EventKey(rows.getString(1), rows.getString(2)));
      }
    }
    return stored;
  }

  /** The rows of {@code stage} with these keys, as SQL. */
  private String storedOnly(List<EventKey> stored, Statement statement) throws SQLException {
    statement.execute(
        "CREATE OR REPLACE TEMP TABLE stored_key (event_id VARCHAR, revision VARCHAR)");
    try (DuckDBAppender keys = connection().createAppender("temp", "main", "stored_key")) {
      for (EventKey key : stored) {
        keys.beginRow().append(key.eventId()).append(key.revision()).endRow();
      }
    }
    return "SELECT * FROM stage SEMI JOIN stored_key USING (event_id, revision)";
  }

  private static String logErasures(String events) {
    return """
    INSERT INTO erasure_log
    SELECT event_id, revision, subject_key, visit_key, received_at, loaded_at
    FROM (%s) WHERE type = 'ERASED' ON CONFLICT DO NOTHING\
    """
        .formatted(events);
  }

  /** What events state about persons. Whoever is suppressed has been blanked and states nothing. */
  private static String persons(String events) {
    return """
    SELECT *, received_at AS updated_at FROM (%s)
    WHERE NOT late AND subject_key IS NOT NULL
      AND coalesce(full_name, first_name, last_name, email, phone, company) IS NOT NULL\
    """
        .formatted(events);
  }

  private void storeRejected(Batch batch) throws SQLException {
    if (batch.rejected().isEmpty()) {
      return;
    }
    try (PreparedStatement insert =
        connection()
            .prepareStatement(
                "INSERT INTO rejected_event VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      for (RejectedRow row : batch.rejected()) {
        insert.setString(1, row.source().topic());
        insert.setInt(2, row.source().partition());
        insert.setLong(3, row.offset());
        insert.setString(4, row.reason().tag());
        insert.setBytes(5, row.raw());
        insert.setObject(6, utc(batch.loadedAt()));
        insert.executeUpdate();
      }
    }
  }

  /** Commits, unless the work throws or finds the batch stale. */
  private <T> T inTransaction(String what, Work<T> work) {
    try (Statement statement = connection().createStatement()) {
      statement.execute("BEGIN TRANSACTION");
      T result = work.run(statement);
      if (result instanceof WriteResult.Stale) {
        rollback();
      } else {
        statement.execute("COMMIT");
      }
      return result;
    } catch (SQLException e) {
      rollback();
      throw failure(what, e);
    } catch (RuntimeException e) {
      rollback();
      throw e;
    }
  }

  // A failed statement closes its object, so the rollback has one of its own.
  private void rollback() {
    DuckDBConnection open = connection;
    if (open == null) {
      return;
    }
    try (Statement statement = open.createStatement()) {
      statement.execute("ROLLBACK");
    } catch (SQLException e) {
      // No transaction is left to roll back, or the database is out of order: start afresh.
      broken = true;
    }
  }

  private DuckDBConnection connection() throws SQLException {
    if (broken) {
      disconnect();
      database.reopen();
      broken = false;
    }
    if (connection == null) {
      connection = database.connection();
    }
    return connection;
  }

  private void disconnect() throws SQLException {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  private WarehouseException failure(String what, SQLException e) {
    String message = String.valueOf(e.getMessage());
    broken |= message.contains("invalidated") || message.contains("FATAL");
    int end = message.indexOf(" Error:");
    String kind = end < 0 ? e.getClass().getSimpleName() : message.substring(0, end);
    // DuckDB's messages about values quote them, so those are told by their kind alone.
    String told = WITHOUT_VALUES.contains(kind) ? message : kind;
    WarehouseException failure = new WarehouseException("cannot " + what + ": " + told);
    failure.setStackTrace(e.getStackTrace());
    return failure;
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private static long number(Statement statement, String sql) throws SQLException {
    try (ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static String resource(String name) {
    try (InputStream in = DuckDbWarehouse.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + " is missing beside this class");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }

  @Override
  public void close() {
    try {
      disconnect();
    } catch (SQLException e) {
      throw failure("close", e);
    }
  }

  private record EventKey(String eventId, String revision) {
    static EventKey of(EventRow row) {
      return new EventKey(row.event().getEventId(), row.event().getRevision());
    }
  }

  @FunctionalInterface
  private interface Work<T> {
    T run(Statement statement) throws SQLException;
  }
}
