package dev.vestibule.config;

/** Foreign text inside a one-line message: no control characters, not too long. */
public final class Display {
  private static final int MAX_LENGTH = 80;

  private Display() {}

  public static String of(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(MAX_LENGTH)
        .map(c -> Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? '?' : c)
        .forEach(shown::appendCodePoint);
    return text.codePointCount(0, text.length()) > MAX_LENGTH ? shown + "…" : shown.toString();
  }
}
