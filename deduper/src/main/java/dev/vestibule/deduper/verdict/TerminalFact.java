package dev.vestibule.deduper.verdict;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a visit cannot take back. */
public enum TerminalFact {
  ARRIVED,
  LEFT;

  /** The name used in the header. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<TerminalFact> byId(String id) {
    return Arrays.stream(values()).filter(fact -> fact.id().equals(id)).findFirst();
  }
}
