package dev.vestibule.ingress.decision.watchlist;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The three ways in which Cyrillic names are commonly written in Latin letters. Input is lower case
 * and composed; other letters pass through.
 */
final class Cyrillic {
  /** As newspapers write: Yury, Dostoevsky, Alexey. */
  private static final Cyrillic POPULAR = new Cyrillic("", "");

  /** As passports have it (ICAO Doc 9303): Iurii, Dostoevskii, Aleksei. */
  private static final Cyrillic PASSPORT = new Cyrillic("йюяъ", "i iu ia ie");

  /** As maps and libraries have it (BGN/PCGN): Yuriy, Dostoyevskiy, Fyodor, Aleksey. */
  private static final Cyrillic BGN = new Cyrillic("ёїє", "yo yi ye");

  static final List<Cyrillic> WAYS = List.of(POPULAR, PASSPORT, BGN);

  private static final String VOWELS = "аеёиоуыэюяіїє";

  private final Map<Character, String> letters = new HashMap<>();

  private Cyrillic(String letters, String latin) {
    put(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya");
    put("ёіїєґўђјљњћџѓќѕ", "e i i ie g u dj j lj nj c dz g k dz");
    put(letters, latin);
  }

  private void put(String from, String to) {
    String[] latin = to.split(" ");
    for (int i = 0; i < from.length(); i++) {
      letters.put(from.charAt(i), latin[i].equals("-") ? "" : latin[i]);
    }
  }

  String latin(String text) {
    boolean ukrainian = text.chars().anyMatch(c -> "іїєґ".indexOf(c) >= 0);
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (this == POPULAR && endsHere(text, i) && (c == 'и' || c == 'ы')) {
        out.append('y');
        i++;
      } else if (this == POPULAR
          && c == 'к'
          && i + 1 < text.length()
          && text.charAt(i + 1) == 'с') {
        out.append('x');
        i++;
      } else if (this == BGN && c == 'е' && afterVowel(text, i)) {
        out.append("ye");
      } else if (ukrainian && (c == 'г' || c == 'и')) {
        out.append(c == 'г' ? 'h' : 'y');
      } else {
        String latin = letters.get(c);
        if (latin == null) {
          out.append(c);
        } else {
          out.append(latin);
        }
      }
    }
    return out.toString();
  }

  /** Whether й follows and ends the word. */
  private static boolean endsHere(String text, int i) {
    return i + 1 < text.length()
        && text.charAt(i + 1) == 'й'
        && (i + 2 == text.length() || !Character.isLetter(text.charAt(i + 2)));
  }

  private static boolean afterVowel(String text, int i) {
    return i == 0
        || !Character.isLetter(text.charAt(i - 1))
        || VOWELS.indexOf(text.charAt(i - 1)) >= 0;
  }
}
