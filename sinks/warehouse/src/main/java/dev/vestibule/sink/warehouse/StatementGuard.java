package dev.vestibule.sink.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/**
 * Lets only single reading statements through. It judges the tree that DuckDB's own parser makes of
 * the text, never the text, so comments, quotes and semicolons cannot mislead it. This comes before
 * preparing, since the driver executes all but the last of several statements when it prepares
 * them.
 */
final class StatementGuard {
  private static final int LONGEST_SQL = 64 * 1024;

  /** Functions that may stand in FROM. The others read files, change settings or run other SQL. */
  private static final Set<String> TABLE_FUNCTIONS =
      Set.of(
          "range",
          "generate_series",
          "unnest",
          "json_each",
          "json_tree",
          "duckdb_tables",
          "duckdb_views",
          "duckdb_columns",
          "duckdb_constraints",
          "duckdb_indexes",
          "pragma_table_info",
          "pg_timezone_names",
          "histogram",
          "histogram_values");

  /** Functions that look at the process, have effects, or make much memory out of a number. */
  private static final Set<String> FORBIDDEN_FUNCTIONS =
      Set.of(
          "getenv",
          "current_setting",
          "getvariable",
          "write_log",
          "sleep_ms",
          "nextval",
          "currval",
          "setseed",
          "repeat",
          "lpad",
          "rpad",
          "bar",
          "format",
          "printf",
          "to_base",
          "bitstring",
          "range",
          "generate_series",
          "generate_subscripts",
          "list_resize",
          "array_resize",
          "json_execute_serialized_sql");

  private static final ObjectMapper JSON = new ObjectMapper();

  private StatementGuard() {}

  /** Why the statement must not run, or nothing when it may. */
  static Optional<String> objection(DuckDBConnection connection, String sql) throws SQLException {
    if (sql.length() > LONGEST_SQL) {
      return Optional.of("the statement is longer than " + LONGEST_SQL + " characters");
    }
    JsonNode tree;
    try {
      tree = JSON.readTree(parse(connection, sql));
    } catch (JsonProcessingException e) {
      return Optional.of("the statement is nested too deeply");
    }
    if (tree.path("error").asBoolean(true)) {
      return Optional.of(
          tree.path("error_type").asText().equals("parser")
              ? "syntax: " + tree.path("error_message").asText()
              : "only SELECT, WITH, VALUES, DESCRIBE, SHOW and SUMMARIZE are allowed");
    }
    int statements = tree.path("statements").size();
    if (statements != 1) {
      return Optional.of("expected one statement, got " + statements);
    }
    return Optional.ofNullable(forbidden(tree.path("statements"), false))
        .map(function -> "the function " + function + " is not allowed here");
  }

  private static String parse(DuckDBConnection connection, String sql) throws SQLException {
    try (PreparedStatement parse =
        connection.prepareStatement("SELECT json_serialize_sql(?::VARCHAR)")) {
      parse.setString(1, sql);
      try (ResultSet rows = parse.executeQuery()) {
        rows.next();
        return rows.getString(1);
      }
    }
  }

  private static @Nullable String forbidden(JsonNode node, boolean inFrom) {
    if (node.path("class").asText().equals("FUNCTION")) {
      String name = node.path("function_name").asText().toLowerCase(Locale.ROOT);
      boolean allowed =
          inFrom ? TABLE_FUNCTIONS.contains(name) : !FORBIDDEN_FUNCTIONS.contains(name);
      if (!allowed) {
        return name;
      }
    }
    boolean tableFunction = node.path("type").asText().equals("TABLE_FUNCTION");
    for (var child : node.properties()) {
      String found =
          forbidden(child.getValue(), tableFunction && child.getKey().equals("function"));
      if (found != null) {
        return found;
      }
    }
    for (JsonNode child : node.isArray() ? node : JSON.createArrayNode()) {
      String found = forbidden(child, false);
      if (found != null) {
        return found;
      }
    }
    return null;
  }
}
