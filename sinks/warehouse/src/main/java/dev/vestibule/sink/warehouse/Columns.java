package dev.vestibule.sink.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Appends the columns of a row one after the other to a temporary table. */
final class Columns implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DuckDBAppender appender;

  Columns(DuckDBConnection connection, String table) throws SQLException {
    this.appender = connection.createAppender("temp", "main", table);
  }

  void beginRow() throws SQLException {
    appender.beginRow();
  }

  void endRow() throws SQLException {
    appender.endRow();
  }

  void text(@Nullable String text) throws SQLException {
    if (text == null) {
      appender.appendNull();
    } else {
      appender.append(text);
    }
  }

  void time(@Nullable Instant time) throws SQLException {
    if (time == null) {
      appender.appendNull();
    } else {
      appender.appendEpochMicros(ChronoUnit.MICROS.between(Instant.EPOCH, time));
    }
  }

  void flag(boolean flag) throws SQLException {
    appender.append(flag);
  }

  void number(int number) throws SQLException {
    appender.append(number);
  }

  void number(long number) throws SQLException {
    appender.append(number);
  }

  /** A map or list of texts. */
  void json(Object value) throws SQLException {
    try {
      text(JSON.writeValueAsString(value instanceof Map<?, ?> map ? new TreeMap<>(map) : value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always JSON", e);
    }
  }

  /** The value of a field of a flat Avro record. */
  void value(@Nullable Object value) throws SQLException {
    switch (value) {
      case null -> appender.appendNull();
      case Instant time -> time(time);
      case Boolean flag -> flag(flag);
      case Integer number -> number(number.intValue());
      case Long number -> number(number.longValue());
      case Map<?, ?> map -> json(map);
      case Collection<?> list -> json(list);
      case CharSequence text -> text(text.toString());
      case Enum<?> symbol -> text(symbol.name());
      default ->
          throw new IllegalArgumentException("no column for a " + value.getClass().getSimpleName());
    }
  }

  @Override
  public void close() throws SQLException {
    appender.close();
  }
}
