package dev.vestibule.sink.slack.card;

import org.jspecify.annotations.Nullable;

/**
 * Makes foreign text harmless. Visitors type their names at a kiosk, so every text is an attempt to
 * be a mention, a link, an emoji or a line of its own until it has been here.
 */
final class Text {
  /** Scripts need up to three marks on a letter; more of them write over the lines above. */
  private static final int MOST_MARKS = 4;

  private static final int REPLACEMENT = 0xFFFD;
  private static final String ELLIPSIS = "…";
  private static final String FORMATTING = "*_~`";
  private static final String LINKING = ":@#/.";
  private static final char ZERO_WIDTH_SPACE = '\u200B';

  private Text() {}

  /**
   * One line of visible characters: blanks of all kinds, line ends and controls become one space,
   * what shows nothing or turns the direction of writing is left out, halves of characters and what
   * is no character become U+FFFD. Cleaning twice changes nothing.
   *
   * @param max code points, at least 1; a longer text ends with an ellipsis
   * @return may be empty
   */
  static String clean(@Nullable String raw, int max) {
    if (raw == null) {
      return "";
    }
    StringBuilder text = new StringBuilder();
    int kept = 0;
    int marks = 0;
    boolean blank = false;
    for (int at = 0; at < raw.length() && kept <= max; ) {
      int c = raw.codePointAt(at);
      at += Character.charCount(c);
      if (isBlank(c)) {
        blank = kept > 0;
        continue;
      }
      if (isInvisible(c)) {
        continue;
      }
      marks = isMark(c) ? marks + 1 : 0;
      if (marks > MOST_MARKS || (isMark(c) && (kept == 0 || blank))) {
        continue; // without a letter it would sit on whatever stands before
      }
      if (blank) {
        text.append(' ');
        kept++;
        blank = false;
      }
      text.appendCodePoint(isCharacter(c) ? c : REPLACEMENT);
      kept++;
    }
    if (kept > max) {
      text.setLength(text.offsetByCodePoints(0, max - 1));
      return text.toString().stripTrailing() + ELLIPSIS;
    }
    return text.toString();
  }

  /**
   * A clean text as mrkdwn that shows exactly it. Slack's three escapes defuse mentions and links;
   * a zero-width space behind what formats, names an emoji or makes a bare address defuses the
   * rest.
   */
  static String escape(String clean) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < clean.length(); i++) {
      char c = clean.charAt(i);
      switch (c) {
        case '&' -> text.append("&amp;");
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        default -> text.append(c);
      }
      boolean followed = i + 1 < clean.length() && clean.charAt(i + 1) != ' ';
      if (FORMATTING.indexOf(c) >= 0 || (followed && LINKING.indexOf(c) >= 0)) {
        text.append(ZERO_WIDTH_SPACE);
      }
    }
    return text.toString();
  }

  private static boolean isBlank(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> c == 0x2800; // braille without dots
    };
  }

  /** Format characters, and the letters and marks that Unicode says are to be shown as nothing. */
  private static boolean isInvisible(int c) {
    return Character.getType(c) == Character.FORMAT
        || c == 0x034F
        || c == 0x115F
        || c == 0x1160
        || c == 0x17B4
        || c == 0x17B5
        || (c >= 0x180B && c <= 0x180F)
        || (c >= 0x2060 && c <= 0x206F)
        || c == 0x3164
        || (c >= 0xFE00 && c <= 0xFE0F)
        || c == 0xFFA0
        || (c >= 0xFFF0 && c <= 0xFFFB)
        || (c >= 0x1BCA0 && c <= 0x1BCA3)
        || (c >= 0x1D173 && c <= 0x1D17A)
        || (c >= 0xE0000 && c <= 0xE0FFF);
  }

  private static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK -> true;
      default -> false;
    };
  }

  private static boolean isCharacter(int c) {
    return switch (Character.getType(c)) {
      case Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED -> false;
      default -> true;
    };
  }
}
