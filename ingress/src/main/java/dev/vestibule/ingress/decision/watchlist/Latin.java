package dev.vestibule.ingress.decision.watchlist;

import com.ibm.icu.lang.UCharacter;
import com.ibm.icu.lang.UProperty;
import com.ibm.icu.lang.UScript;
import com.ibm.icu.text.Normalizer2;
import com.ibm.icu.text.Transliterator;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads text of any script in the letters a to z, lower case. Where one text is commonly written in
 * several ways there are several readings: Müller is muller and mueller.
 *
 * <p>The tables for other scripts take some 700 ms and 12 MB when the class is first used; ICU's
 * transliterators are safe for several threads.
 */
final class Latin {
  private static final Normalizer2 NFKC = Normalizer2.getNFKCInstance();
  private static final Normalizer2 FOLDED = Normalizer2.getNFKCCasefoldInstance();
  private static final Normalizer2 NFD = Normalizer2.getNFDInstance();
  private static final Transliterator ANY = Transliterator.getInstance("Any-Latin");
  private static final Transliterator GREEK = Transliterator.getInstance("Greek-Latin/UNGEGN");
  private static final Transliterator HAN = Transliterator.getInstance("Han-Latin/Names");
  private static final Transliterator REST = Transliterator.getInstance("Latin-ASCII");

  /** Chinese family names of two characters; all others have one. */
  private static final Set<String> DOUBLE_SURNAMES =
      Set.of(
          "欧阳", "歐陽", "司马", "司馬", "诸葛", "諸葛", "上官", "司徒", "东方", "東方", "独孤", "獨孤", "南宫", "南宮", "夏侯",
          "皇甫", "尉迟", "尉遲", "公孙", "公孫", "慕容", "长孙", "長孫", "宇文", "令狐", "端木");

  private static final String APOSTROPHES = "'`´‘’‛′ʹʻʼʾʿ＇";

  private Latin() {}

  /** Does the slow part of the first use, so that no visitor waits for it. */
  static void warmUp() {
    readings("习近平 Щ Χρήστος محمد ł");
  }

  /** At least one reading. Separators stay, apostrophes become {@code '}. */
  static Collection<String> readings(String text) {
    if (text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      return List.of(text.toLowerCase(Locale.ROOT));
    }
    String visible = NFKC.normalize(visible(text));
    boolean someLatin = visible.codePoints().anyMatch(Lookalikes::isLatin);
    Set<String> texts = new LinkedHashSet<>();
    texts.add(Lookalikes.unmask(visible, someLatin));
    if (!someLatin) {
      texts.add(Lookalikes.unmask(visible, true));
    }
    Set<String> readings = new LinkedHashSet<>();
    texts.forEach(one -> read(one, readings));
    return readings;
  }

  /** Without what cannot be seen: zero-width, bidi and control characters, half characters. */
  static String visible(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (APOSTROPHES.indexOf(c) >= 0) {
            out.append('\'');
          } else if (Character.isWhitespace(c)) {
            out.append(' ');
          } else if (!isInvisible(c)) {
            out.appendCodePoint(c);
          }
        });
    return out.toString();
  }

  private static boolean isInvisible(int c) {
    return Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT
        || Character.getType(c) == Character.SURROGATE
        || UCharacter.hasBinaryProperty(c, UProperty.DEFAULT_IGNORABLE_CODE_POINT);
  }

  private static void read(String text, Set<String> readings) {
    String folded = FOLDED.normalize(text).replace('ı', 'i');
    if (holds(folded, UScript.CYRILLIC)) {
      for (Cyrillic way : Cyrillic.WAYS) {
        readOther(way.latin(folded), readings);
      }
    } else {
      readOther(folded, readings);
    }
  }

  private static void readOther(String text, Set<String> readings) {
    String latin = text;
    if (holds(latin, UScript.GREEK)) {
      latin = GREEK.transliterate(latin);
    }
    if (holds(latin, UScript.HAN)) {
      latin = han(latin);
    }
    if (latin.codePoints().anyMatch(c -> Character.isLetter(c) && !isLatinOrNeutral(c))) {
      latin = ANY.transliterate(bare(latin));
    }
    readings.add(ascii(latin));
    if (latin.codePoints().anyMatch(c -> "äöüøå".indexOf(c) >= 0)) {
      readings.add(
          ascii(
              latin
                  .replace("ä", "ae")
                  .replace("ö", "oe")
                  .replace("ü", "ue")
                  .replace("ø", "oe")
                  .replace("å", "aa")));
    }
  }

  private static boolean holds(String text, int script) {
    return text.codePoints().anyMatch(c -> UScript.getScript(c) == script);
  }

  private static boolean isLatinOrNeutral(int c) {
    int script = UScript.getScript(c);
    return script == UScript.LATIN || script == UScript.COMMON || script == UScript.INHERITED;
  }

  /**
   * One run of Han characters is family name and given name, as in Xi Jinping; of several runs each
   * is one word.
   */
  private static String han(String text) {
    long runs = runs(text);
    return mapRuns(
        text,
        run -> {
          String[] syllables = HAN.transliterate(run).strip().split("\\s+");
          int characters = run.codePointCount(0, run.length());
          boolean split = runs == 1 && syllables.length == characters && characters > 1;
          int surname =
              !split ? 0 : characters > 2 && DOUBLE_SURNAMES.contains(run.substring(0, 2)) ? 2 : 1;
          StringBuilder out = new StringBuilder(" ");
          for (int i = 0; i < syllables.length; i++) {
            out.append(i == surname && i > 0 ? " " : "").append(syllables[i]);
          }
          return out.append(' ').toString();
        });
  }

  private static long runs(String text) {
    long[] count = {0};
    mapRuns(
        text,
        run -> {
          count[0]++;
          return run;
        });
    return count[0];
  }

  private static String mapRuns(String text, Function<String, String> mapping) {
    StringBuilder out = new StringBuilder();
    StringBuilder run = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      if (UScript.getScript(c) == UScript.HAN && Character.isLetter(c)) {
        run.appendCodePoint(c);
        continue;
      }
      if (!run.isEmpty()) {
        out.append(mapping.apply(run.toString()));
        run.setLength(0);
      }
      out.appendCodePoint(c);
    }
    return run.isEmpty() ? out.toString() : out.append(mapping.apply(run.toString())).toString();
  }

  /** Arabic and Hebrew without vowel signs, which are rarely written, and with one alef. */
  private static String bare(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (char c : NFD.normalize(text).toCharArray()) {
      boolean sign =
          (c >= '\u0591' && c <= '\u05C7')
              || (c >= '\u064B' && c <= '\u065F')
              || c == '\u0670'
              || c == '\u0640';
      if (!sign) {
        out.append(
            switch (c) {
              case '\u0671' -> '\u0627'; // alef wasla
              case '\u0649', '\u06CC' -> '\u064A'; // alef maksura, Persian yeh
              case '\u06A9' -> '\u0643'; // Persian kaf
              case '\u0629' -> '\u0647'; // teh marbuta
              default -> c;
            });
      }
    }
    return NFKC.normalize(out);
  }

  private static boolean isMark(int c) {
    int type = Character.getType(c);
    return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
  }

  /** Latin letters without accents. */
  private static String ascii(String latin) {
    StringBuilder out = new StringBuilder(latin.length());
    boolean[] rest = {false};
    NFD.normalize(latin)
        .codePoints()
        .filter(c -> !isMark(c))
        .forEach(c -> {
          switch (c) {
            case 'ø' -> out.append('o');
            case 'ł' -> out.append('l');
            case 'đ', 'ð' -> out.append('d');
            case 'þ' -> out.append("th");
            case 'æ' -> out.append("ae");
            case 'œ' -> out.append("oe");
            case 'ı' -> out.append('i');
            case 'ə' -> out.append('a');
            default -> {
              if (APOSTROPHES.indexOf(c) >= 0) {
                out.append('\'');
              } else {
                out.appendCodePoint(c);
                rest[0] |= c > '~';
              }
            }
          }
        });
    String ascii = out.toString();
    return rest[0] ? REST.transliterate(ascii).toLowerCase(Locale.ROOT) : ascii;
  }
}
