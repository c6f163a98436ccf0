package dev.vestibule.ingress.decision.watchlist;

/**
 * What one record of the watchlist's topic means. A later one about an id replaces earlier ones.
 */
public sealed interface Change {
  /** The entry's id; of a malformed record, its key as far as there was one. */
  String id();

  /** The entry is in force from now on. */
  record Put(Entry entry) implements Change {
    @Override
    public String id() {
      return entry.id();
    }
  }

  /** The entry is no longer in force; nothing happens if there is none. */
  record Remove(String id) implements Change {}

  /**
   * A record that cannot be read. It changes nothing: an earlier entry of this id stays in force,
   * and whoever reads the topic reports it.
   *
   * @param field what is wrong, e.g. {@code names[2]}; {@code record} when it is the whole
   * @param problem what is wrong with it and what it should be, without the value
   */
  record Malformed(String id, String field, String problem) implements Change {}
}
