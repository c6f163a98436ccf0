package dev.vestibule.sink.warehouse;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A table with one row for each key, in which every fact holds the value of the newest row that
 * states it. The value of a fact has a version beside it ({@code <fact>_version}), so a row can be
 * merged in whenever it arrives: the result depends on the set of rows alone, not on their order,
 * and a null never erases.
 *
 * <p>Rows come from a relation with the key, the constants, the maxima, the facts and {@code
 * visit_version}. They are reduced to one for each key first: DuckDB lets the older one win when
 * two rows of one statement hit the same key.
 *
 * @param table name of the table
 * @param key name of its primary key
 * @param constants columns that the key determines
 * @param maxima columns that only grow
 * @param facts columns that follow their newest statement
 */
record LatestWins(
    String table, String key, List<String> constants, List<String> maxima, List<String> facts) {

  /** SQL that merges the rows of a relation into the table. */
  String merge(String relation) {
    return "INSERT INTO %s (%s) %s ON CONFLICT (%s) DO UPDATE SET %s"
        .formatted(table, columns(), reduction(relation), key, updates());
  }

  /** SQL of the table as the relation alone determines it, columns as in {@link #columns}. */
  String reduction(String relation) {
    return "SELECT %s FROM (%s) GROUP BY %s".formatted(aggregates(), relation, key);
  }

  /** Names of all columns, comma separated. */
  String columns() {
    return joined(
        Stream.of(
            Stream.of(key),
            constants.stream(),
            maxima.stream(),
            facts.stream(),
            facts.stream().map(LatestWins::versionOf)));
  }

  private String aggregates() {
    return joined(
        Stream.of(
            Stream.of(key),
            constants.stream().map("any_value(%s)"::formatted),
            maxima.stream().map("max(%s)"::formatted),
            facts.stream().map("arg_max(%1$s, visit_version) FILTER (%1$s IS NOT NULL)"::formatted),
            facts.stream().map("max(visit_version) FILTER (%s IS NOT NULL)"::formatted)));
  }

  private String updates() {
    return joined(
        Stream.of(
            maxima.stream().map(this::greatest),
            facts.stream().map(this::newest),
            facts.stream().map(LatestWins::versionOf).map(this::greatest)));
  }

  private String greatest(String column) {
    return "%2$s = greatest(%1$s.%2$s, excluded.%2$s)".formatted(table, column);
  }

  private String newest(String fact) {
    String isNewer = "excluded.%2$s > coalesce(%1$s.%2$s, '')".formatted(table, versionOf(fact));
    return "%2$s = CASE WHEN %3$s THEN excluded.%2$s ELSE %1$s.%2$s END"
        .formatted(table, fact, isNewer);
  }

  private static String versionOf(String fact) {
    return fact + "_version";
  }

  private static String joined(Stream<Stream<String>> parts) {
    return parts.flatMap(part -> part).collect(Collectors.joining(", "));
  }
}
