package dev.vestibule.deduper.verdict;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a visit cannot take back. */
public enum TerminalFact {
  ARRIVED(1),
  LEFT(2);

  private final int bit;

  TerminalFact(int bit) {
    this.bit = bit;
  }

  /** The bit that stands for it in stored state: never change one. */
  int bit() {
    return bit;
  }

  /** The name used in the header. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<TerminalFact> byId(String id) {
    return Arrays.stream(values()).filter(fact -> fact.id().equals(id)).findFirst();
  }
}
