package dev.vestibule.ingress.decision.watchlist;

/**
 * One field of a visitor that an entry watches for.
 *
 * @param entry the entry's id
 * @param field what was alike
 * @param precision how alike
 */
public record Hit(String entry, Field field, Precision precision) {

  /** What is compared. */
  public enum Field {
    NAME,
    EMAIL,
    PHONE,
    COMPANY
  }

  /** How alike two values are. */
  public enum Precision {
    /** Their normal forms are equal. */
    EXACT,
    /** Two names that the fuzzy rule takes for one. */
    FUZZY
  }
}
