package dev.vestibule.sink.warehouse;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Questions to the warehouse while it is being written. One statement at a time, and only one that
 * reads: it is checked as a parsed tree ({@link StatementGuard}) and then runs in a read-only
 * transaction on a snapshot, so the writer neither waits nor is waited for. Files, network and
 * settings are out of its reach by the settings of the database itself.
 *
 * <p>Time, rows and the size of an answer are bounded. Memory is bounded by the database's limit,
 * which functions on single huge values do not keep; those we know are refused. This protects
 * against accidents, not against somebody who wants to exhaust the process, so whoever may ask must
 * be let in by other means.
 *
 * <p>Safe for several threads.
 */
public final class Query implements AutoCloseable {
  private static final int AT_ONCE = 2;
  private static final long ANSWER_CHARACTERS = 8L * 1024 * 1024;

  private final DuckDb database;
  private final Duration timeout;
  private final int rowLimit;
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("warehouse-query-watchdog").factory());

  Query(DuckDb database, Duration timeout, int rowLimit) {
    this.database = database;
    this.timeout = timeout;
    this.rowLimit = rowLimit;
  }

  /** Answers one statement; never throws for what the statement says. */
  public Answer ask(String sql) {
    if (!slots.tryAcquire()) {
      return new Answer.Refused(
          Answer.Reason.BUSY, "the warehouse is answering " + AT_ONCE + " questions; try again");
    }
    try (DuckDBConnection connection = database.connection()) {
      Optional<String> objection = StatementGuard.objection(connection, sql);
      return objection.isPresent()
          ? new Answer.Refused(Answer.Reason.NOT_ALLOWED, objection.get())
          : run(connection, sql);
    } catch (SQLException e) {
      return new Answer.Refused(Answer.Reason.FAILED, message(e));
    } finally {
      slots.release();
    }
  }

  private Answer run(DuckDBConnection connection, String sql) throws SQLException {
    try (Statement begin = connection.createStatement()) {
      begin.execute("BEGIN TRANSACTION READ ONLY");
    }
    AtomicBoolean late = new AtomicBoolean();
    try (Statement statement = connection.createStatement()) {
      Future<?> alarm =
          watchdog.schedule(
              () -> cancel(statement, late), timeout.toMillis(), TimeUnit.MILLISECONDS);
      try (ResultSet rows = statement.executeQuery(sql)) {
        return read(rows);
      } finally {
        alarm.cancel(false);
      }
    } catch (SQLException e) {
      return late.get()
          ? new Answer.Refused(Answer.Reason.TIMEOUT, "stopped after " + timeout.toMillis() + " ms")
          : new Answer.Refused(Answer.Reason.FAILED, message(e));
    } finally {
      try (Statement end = connection.createStatement()) {
        end.execute("ROLLBACK");
      }
    }
  }

  private static void cancel(Statement statement, AtomicBoolean late) {
    late.set(true);
    try {
      statement.cancel();
    } catch (SQLException e) {
      // It has ended by itself.
    }
  }

  private Answer read(ResultSet rows) throws SQLException {
    ResultSetMetaData meta = rows.getMetaData();
    List<String> columns = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (int column = 1; column <= meta.getColumnCount(); column++) {
      columns.add(meta.getColumnLabel(column));
      types.add(meta.getColumnTypeName(column));
    }
    List<List<@Nullable Object>> read = new ArrayList<>();
    long characters = 0;
    String truncated = null;
    while (truncated == null && rows.next()) {
      List<@Nullable Object> row = new ArrayList<>();
      for (int column = 1; column <= columns.size(); column++) {
        Object value = Cell.value(rows, column, types.get(column - 1));
        characters += value instanceof String text ? text.length() : 16;
        row.add(value);
      }
      if (read.size() == rowLimit) {
        truncated = "only the first " + rowLimit + " rows; add LIMIT or aggregate";
      } else if (characters > ANSWER_CHARACTERS) {
        truncated = "the answer is larger than " + ANSWER_CHARACTERS + " characters; select less";
      } else {
        read.add(row);
      }
    }
    return new Answer.Rows(columns, types, read, truncated);
  }

  // The person who asks sees DuckDB's message; it is theirs and is never logged.
  private static String message(SQLException e) {
    String message = String.valueOf(e.getMessage());
    String wrapper =
        "Attempting to execute an unsuccessful or closed pending query result\nError: ";
    int start = message.indexOf(wrapper);
    return start < 0 ? message : message.substring(start + wrapper.length());
  }

  @Override
  public void close() {
    watchdog.shutdownNow();
  }
}
