package dev.vestibule.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The end of a message about a word that nobody knows. */
public final class Suggestion {
  private Suggestion() {}

  /** The closest candidate, or all of them when none is close. */
  public static String of(String word, Collection<String> candidates) {
    Optional<String> closest =
        candidates.stream()
            .filter(candidate -> distance(normal(word), normal(candidate)) <= 2)
            .min(Comparator.comparingInt(c -> distance(normal(word), normal(c))));
    return closest
        .map(candidate -> "did you mean '" + candidate + "'?")
        .orElseGet(() -> "expected one of: " + String.join(", ", candidates));
  }

  private static String normal(String word) {
    return word.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
