package dev.vestibule.sink.warehouse;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What came of a question to the warehouse. */
public sealed interface Answer {

  /**
   * Rows.
   *
   * @param columns names, as in the result
   * @param types DuckDB's type names, one for each column
   * @param rows values as JSON knows them: text, numbers, booleans, lists, maps, null; times as
   *     ISO-8601 in UTC with microseconds, bytes as base64
   * @param truncated why rows are missing at the end, or null when none are
   */
  record Rows(
      List<String> columns,
      List<String> types,
      List<List<@Nullable Object>> rows,
      @Nullable String truncated)
      implements Answer {

    public Rows {
      columns = List.copyOf(columns);
      types = List.copyOf(types);
      List<List<@Nullable Object>> copy = new ArrayList<>();
      rows.forEach(row -> copy.add(Collections.unmodifiableList(row)));
      rows = Collections.unmodifiableList(copy);
    }

    /** The rows as a table for people, with a line of counts below; control characters escaped. */
    public String text() {
      return TextTable.of(this);
    }
  }

  /**
   * No answer.
   *
   * @param reason what kind of no
   * @param message one or more lines for the person who asked
   */
  record Refused(Reason reason, String message) implements Answer {}

  /** Why there is no answer. */
  enum Reason {
    /** Not one single statement that only reads, or one that uses a function we do not allow. */
    NOT_ALLOWED,
    /** It took too long and was stopped. */
    TIMEOUT,
    /** Too many questions at once. */
    BUSY,
    /** The database could not answer: wrong syntax, unknown table, not enough memory. */
    FAILED
  }
}
