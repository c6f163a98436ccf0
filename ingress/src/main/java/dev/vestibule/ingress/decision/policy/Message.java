package dev.vestibule.ingress.decision.policy;

import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The sentence that the person who reviews reads in the visitor system. Placeholders are few, and
 * none of them can tell why somebody is on a watchlist.
 */
final class Message {
  static final int MAX_TEMPLATE = 200;
  private static final int MAX_VALUE = 60;
  private static final int MAX_LENGTH = 300;
  private static final Map<String, Fact> PLACEHOLDERS =
      Map.of(
          "visitor.name", Fact.VISITOR_NAME,
          "visitor.company", Fact.VISITOR_COMPANY,
          "host.name", Fact.HOST_NAME,
          "site.name", Fact.SITE_NAME,
          "entry.flow", Fact.ENTRY_FLOW,
          "entry.purpose", Fact.ENTRY_PURPOSE);
  private static final Pattern BRACES = Pattern.compile("\\{([^{}]*)}|[{}]");

  private Message() {}

  /** What is wrong with a template, or null. */
  static @Nullable String problem(String template) {
    int length = template.codePointCount(0, template.length());
    if (length > MAX_TEMPLATE) {
      return "is " + length + " characters long; expected at most " + MAX_TEMPLATE;
    }
    Matcher matcher = BRACES.matcher(template);
    while (matcher.find()) {
      if (!PLACEHOLDERS.containsKey(String.valueOf(matcher.group(1)))) {
        return "'"
            + matcher.group()
            + "' is no placeholder; expected "
            + String.join(", ", placeholders());
      }
    }
    return null;
  }

  static List<String> placeholders() {
    return PLACEHOLDERS.keySet().stream().sorted().map(name -> "{" + name + "}").toList();
  }

  /**
   * The finished sentence, beginning with the app's name, on one line and of at most 300 code
   * points.
   */
  static String of(String app, String template, Input input) {
    Matcher matcher = BRACES.matcher(template);
    String text =
        matcher.replaceAll(match -> {
          Fact fact = PLACEHOLDERS.get(String.valueOf(match.group(1)));
          String value = fact == null ? null : input.text(fact);
          return Matcher.quoteReplacement(value == null ? "unknown" : line(value, MAX_VALUE));
        });
    return line(line(app, MAX_VALUE) + ": " + text, MAX_LENGTH);
  }

  /** Foreign text without what could break a line, hide or turn text around; cut at a length. */
  private static String line(String text, int maxLength) {
    StringBuilder line = new StringBuilder();
    int[] points = text.codePoints().map(c -> isPlain(c) ? c : ' ').limit(maxLength + 1L).toArray();
    for (int i = 0; i < Math.min(points.length, maxLength); i++) {
      line.appendCodePoint(i == maxLength - 1 && points.length > maxLength ? '…' : points[i]);
    }
    return line.toString();
  }

  private static boolean isPlain(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
