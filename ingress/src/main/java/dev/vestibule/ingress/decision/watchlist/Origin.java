package dev.vestibule.ingress.decision.watchlist;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where an entry comes from. */
public enum Origin {
  /** A row of an imported file. */
  IMPORT,
  /** Added by hand. */
  MANUAL,
  /** A hit that a vendor's own screening reported. */
  SCREENING;

  /** As it is written, e.g. {@code manual}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static @Nullable Origin of(String text) {
    return Arrays.stream(values()).filter(o -> o.text().equals(text)).findFirst().orElse(null);
  }
}
