package dev.vestibule.sink.warehouse;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Draws rows for a terminal. */
final class TextTable {
  private TextTable() {}

  static String of(Answer.Rows rows) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(rows.columns().stream().map(TextTable::printable).toList());
    for (List<@Nullable Object> row : rows.rows()) {
      cells.add(row.stream().map(TextTable::cell).toList());
    }
    int[] widths = widths(cells, rows.columns().size());
    StringBuilder text = new StringBuilder();
    line(text, cells.getFirst(), widths);
    line(text, rule(widths), widths);
    cells.stream().skip(1).forEach(row -> line(text, row, widths));
    int count = rows.rows().size();
    text.append('(').append(count).append(count == 1 ? " row" : " rows");
    if (rows.truncated() != null) {
      text.append("; ").append(rows.truncated());
    }
    return text.append(")\n").toString();
  }

  private static List<String> rule(int[] widths) {
    List<String> rule = new ArrayList<>();
    for (int width : widths) {
      rule.add("-".repeat(width));
    }
    return rule;
  }

  private static int[] widths(List<List<String>> cells, int columns) {
    int[] widths = new int[columns];
    for (List<String> row : cells) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], width(row.get(column)));
      }
    }
    return widths;
  }

  private static void line(StringBuilder text, List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      String cell = row.get(column);
      line.append(cell).append(" ".repeat(widths[column] - width(cell) + 2));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  private static String cell(@Nullable Object value) {
    return value == null ? "NULL" : printable(value.toString());
  }

  // Visitors type some of these texts, so none may steer the terminal that shows them.
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder();
    text.codePoints()
        .forEach(point -> {
          if (Character.isISOControl(point)
              || Character.getType(point) == Character.FORMAT
              || Character.getType(point) == Character.LINE_SEPARATOR
              || Character.getType(point) == Character.PARAGRAPH_SEPARATOR) {
            printable.append("\\u%04x".formatted(point));
          } else {
            printable.appendCodePoint(point);
          }
        });
    return printable.toString();
  }
}
