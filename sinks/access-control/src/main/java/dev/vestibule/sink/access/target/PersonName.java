package dev.vestibule.sink.access.target;

/**
 * A display name in the two parts that most targets insist on; neither is empty.
 *
 * @param first the first word
 * @param last the rest, or a dash
 */
public record PersonName(String first, String last) {
  private static final int LONGEST = 50;

  public static PersonName of(String displayName) {
    String clean = displayName.replaceAll("\\p{Cntrl}", " ").strip().replaceAll("\\s+", " ");
    int space = clean.indexOf(' ');
    String first = space < 0 ? clean : clean.substring(0, space);
    String last = space < 0 ? "" : clean.substring(space + 1);
    return new PersonName(
        first.isEmpty() ? "Visitor" : shortened(first), last.isEmpty() ? "-" : shortened(last));
  }

  private static String shortened(String part) {
    return part.codePointCount(0, part.length()) <= LONGEST
        ? part
        : part.substring(0, part.offsetByCodePoints(0, LONGEST));
  }

  /** Leaves the visitor out. */
  @Override
  public String toString() {
    return "PersonName[redacted]";
  }
}
