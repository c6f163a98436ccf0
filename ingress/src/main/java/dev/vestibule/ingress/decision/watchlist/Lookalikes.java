package dev.vestibule.ingress.decision.watchlist;

import com.ibm.icu.lang.UScript;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/** Undoes words in which letters of one script stand in for those of another. */
final class Lookalikes {
  private static final Map<Integer, Integer> TO_LATIN = new HashMap<>();
  private static final Map<Integer, Integer> TO_CYRILLIC = new HashMap<>();

  static {
    String cyrillic = "АВЕЅІЈКМНОРСТУХҮҺаеорсухѕіјкмтвнһԁԛԝѵгп";
    String asLatin_ = "ABESIJKMHOPCTYXYhaeopcyxsijkmtbnhdqwvrn";
    put(TO_LATIN, cyrillic, asLatin_);
    put(TO_LATIN, "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαγειικνορτυχωηϲ", "ABEZHIKMNOPTYXayeiikvoptuxwnc");
    put(TO_LATIN, "ՕօԱսոհցքյ", "OoUunhgqj");
    put(TO_CYRILLIC, "ABEKMHOPCTXaeopcyxiktm", "АВЕКМНОРСТХаеорсухіктм");
  }

  private Lookalikes() {}

  private static void put(Map<Integer, Integer> map, String from, String to) {
    for (int i = 0; i < from.length(); i++) {
      map.put((int) from.charAt(i), (int) to.charAt(i));
    }
  }

  /**
   * Words of mixed scripts in one script: in Latin when every foreign letter looks like a Latin
   * one, else in Cyrillic.
   *
   * @param whole also takes words for Latin in which no letter is, as long as all look like it
   */
  static String unmask(String text, boolean whole) {
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      int end = i;
      while (end < text.length() && Character.isLetter(text.codePointAt(end))) {
        end += Character.charCount(text.codePointAt(end));
      }
      if (end == i) {
        end += Character.charCount(text.codePointAt(i));
        out.append(text, i, end);
      } else {
        out.append(word(text.substring(i, end), whole));
      }
      i = end;
    }
    return out.toString();
  }

  private static String word(String word, boolean whole) {
    boolean someLatin = word.codePoints().anyMatch(Lookalikes::isLatin);
    if (!someLatin && !whole) {
      return word;
    }
    IntPredicate looksLatin = c -> isLatin(c) || TO_LATIN.containsKey(c);
    if (word.codePoints().allMatch(looksLatin)) {
      return map(word, TO_LATIN);
    }
    boolean someCyrillic =
        word.codePoints().anyMatch(c -> UScript.getScript(c) == UScript.CYRILLIC);
    return someLatin && someCyrillic ? map(word, TO_CYRILLIC) : word;
  }

  static boolean isLatin(int codePoint) {
    return UScript.getScript(codePoint) == UScript.LATIN;
  }

  private static String map(String word, Map<Integer, Integer> table) {
    StringBuilder out = new StringBuilder(word.length());
    word.codePoints().forEach(c -> out.appendCodePoint(table.getOrDefault(c, c)));
    return out.toString();
  }
}
