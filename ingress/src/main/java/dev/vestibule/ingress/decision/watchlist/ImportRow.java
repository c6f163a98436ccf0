package dev.vestibule.ingress.decision.watchlist;

/** What one row of a file means. Lines count from 1, the header's included. */
public sealed interface ImportRow {
  /** Where the row begins. */
  long line();

  /** A row that is an entry. */
  record Accepted(long line, Entry entry, Effect effect) implements ImportRow {}

  /** A row that says the same as an earlier one, and is left out. */
  record Repeated(long line, long firstLine) implements ImportRow {}

  /**
   * A row that is left out because it is wrong. Holds no value of the row, so it may be printed.
   *
   * @param column as in the file format, e.g. {@code email}; {@code row} when it is the whole
   * @param problem what is wrong
   * @param remedy what to do
   */
  record Refused(long line, String column, String problem, String remedy) implements ImportRow {}

  /** What an accepted row does to the list. */
  enum Effect {
    ADDED,
    CHANGED,
    UNCHANGED
  }
}
