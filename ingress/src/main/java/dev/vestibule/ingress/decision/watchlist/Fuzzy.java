package dev.vestibule.ingress.decision.watchlist;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The fuzzy rule for names: <b>every word of the entry's name has a partner of its own among the
 * words of the visitor's</b>. A partner is the same word; or, where both have 5 to 32 letters a to
 * z and begin with the same letter, a word that one slip away: a letter more, less or other, or two
 * neighbours exchanged. The visitor may have further words, such as middle names.
 *
 * <p>An entry's name takes part when it has 2 to 12 words, one of them long enough to be misspelt:
 * a given name alone, or {@code Li Wei}, is only ever compared exactly.
 *
 * <p>Since every word of the entry needs a partner, so do its two longest. Those two are the key of
 * the index: for two words of the visitor, and the known spellings next to them, it gives all names
 * that can fulfil the rule.
 */
final class Fuzzy {
  static final int MOST_WORDS = 12;
  private static final int SHORTEST = 5;
  private static final int LONGEST = 32;
  private static final int LETTERS = 26;
  private static final long[] POWERS = new long[LONGEST + 2];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) {
      POWERS[i] = POWERS[i - 1] * Hash.BASE;
    }
  }

  private Fuzzy() {}

  /** Begin and end of each word of a form: two places for each. */
  static int[] words(byte[] form) {
    int[] bounds = new int[8];
    int count = 0;
    int from = Form.TEXT;
    for (int i = Form.TEXT; i <= form.length; i++) {
      if (i == form.length || form[i] == ' ') {
        if (count + 2 > bounds.length) {
          bounds = Arrays.copyOf(bounds, bounds.length * 2);
        }
        bounds[count++] = from;
        bounds[count++] = i;
        from = i + 1;
      }
    }
    return Arrays.copyOf(bounds, count);
  }

  /** Whether an entry's name takes part. */
  static boolean takesPart(byte[] form) {
    int[] words = words(form);
    if (!Form.isName(form) || words.length < 4 || words.length > 2 * MOST_WORDS) {
      return false;
    }
    for (int w = 0; w < words.length; w += 2) {
      if (canSlip(form, words[w], words[w + 1])) {
        return true;
      }
    }
    return false;
  }

  private static boolean canSlip(byte[] form, int from, int to) {
    if (to - from < SHORTEST || to - from > LONGEST) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (form[i] < 'a' || form[i] > 'z') {
        return false;
      }
    }
    return true;
  }

  /** Hands over the hashes of an entry's two longest words, the first in the form on a tie. */
  static void keyWords(byte[] form, LongConsumer hashes) {
    int[] words = words(form);
    int first = -1;
    int second = -1;
    for (int w = 0; w < words.length; w += 2) {
      if (first < 0 || length(words, w) > length(words, first)) {
        second = first;
        first = w;
      } else if (second < 0 || length(words, w) > length(words, second)) {
        second = w;
      }
    }
    hashes.accept(Hash.of(form, words[first], words[first + 1]));
    hashes.accept(Hash.of(form, words[second], words[second + 1]));
  }

  private static int length(int[] words, int word) {
    return words[word + 1] - words[word];
  }

  /** Whether the rule holds. */
  static boolean alike(byte[] entry, byte[] visitor) {
    int[] wanted = words(entry);
    int[] given = words(visitor);
    int[] partnerOf = new int[given.length / 2];
    Arrays.fill(partnerOf, -1);
    for (int w = 0; w < wanted.length; w += 2) {
      if (!pair(w, entry, wanted, visitor, given, partnerOf, new boolean[partnerOf.length])) {
        return false;
      }
    }
    return true;
  }

  /** Finds a word a partner, if need be by finding another one for a partner's earlier word. */
  private static boolean pair(
      int word,
      byte[] entry,
      int[] wanted,
      byte[] visitor,
      int[] given,
      int[] partnerOf,
      boolean[] asked) {
    for (int g = 0; g < partnerOf.length; g++) {
      if (!asked[g]
          && partners(
              entry, wanted[word], wanted[word + 1], visitor, given[2 * g], given[2 * g + 1])) {
        asked[g] = true;
        if (partnerOf[g] < 0
            || pair(partnerOf[g], entry, wanted, visitor, given, partnerOf, asked)) {
          partnerOf[g] = word;
          return true;
        }
      }
    }
    return false;
  }

  private static boolean partners(byte[] a, int aFrom, int aTo, byte[] b, int bFrom, int bTo) {
    int same = Arrays.mismatch(a, aFrom, aTo, b, bFrom, bTo);
    if (same < 0) {
      return true;
    }
    int difference = (aTo - aFrom) - (bTo - bFrom);
    if (same == 0
        || Math.abs(difference) > 1
        || !canSlip(a, aFrom, aTo)
        || !canSlip(b, bFrom, bTo)) {
      return false;
    }
    int i = aFrom + same;
    int j = bFrom + same;
    return switch (difference) {
      case 1 -> Arrays.equals(a, i + 1, aTo, b, j, bTo);
      case -1 -> Arrays.equals(a, i, aTo, b, j + 1, bTo);
      default ->
          Arrays.equals(a, i + 1, aTo, b, j + 1, bTo)
              || (i + 1 < aTo
                  && a[i] == b[j + 1]
                  && a[i + 1] == b[j]
                  && Arrays.equals(a, i + 2, aTo, b, j + 2, bTo));
    };
  }

  /**
   * Hashes of the words that may be a partner of a word, as far as they are known; itself included.
   * May hold one twice, and now and then one that is not known.
   */
  static long[] partnersOf(byte[] form, int from, int to, WordSet known) {
    Known found = new Known(known);
    found.offer(Hash.of(form, from, to));
    if (canSlip(form, from, to)) {
      neighbours(form, from, to, found);
    }
    return found.hashes();
  }

  /** Hashes that a set knows. */
  private static final class Known implements LongConsumer {
    private final WordSet known;
    private long[] hashes = new long[8];
    private int size;

    Known(WordSet known) {
      this.known = known;
    }

    void offer(long hash) {
      if (known.mayHold(hash)) {
        if (size == hashes.length) {
          hashes = Arrays.copyOf(hashes, size * 2);
        }
        hashes[size++] = hash;
      }
    }

    @Override
    public void accept(long raw) {
      offer(Hash.mix(raw));
    }

    long[] hashes() {
      return Arrays.copyOf(hashes, size);
    }
  }

  /** Every spelling one slip away that keeps the first letter, as the polynomials of its bytes. */
  private static void neighbours(byte[] form, int from, int to, LongConsumer raw) {
    int n = to - from;
    long[] suffix = new long[n + 1];
    for (int i = n - 1; i >= 0; i--) {
      suffix[i] = Hash.append(0, form[from + i]) * POWERS[n - 1 - i] + suffix[i + 1];
    }
    long prefix = Hash.append(0, form[from]);
    for (int i = 1; i <= n; i++) {
      if (n < LONGEST) {
        for (int c = 0; c < LETTERS; c++) {
          raw.accept(Hash.append(prefix, (byte) ('a' + c)) * POWERS[n - i] + suffix[i]);
        }
      }
      if (i < n) {
        byte here = form[from + i];
        for (int c = 0; c < LETTERS; c++) {
          if ('a' + c != here) {
            raw.accept(Hash.append(prefix, (byte) ('a' + c)) * POWERS[n - 1 - i] + suffix[i + 1]);
          }
        }
        if (n > SHORTEST) {
          raw.accept(prefix * POWERS[n - 1 - i] + suffix[i + 1]);
        }
        if (i + 1 < n && form[from + i + 1] != here) {
          long swapped = Hash.append(Hash.append(prefix, form[from + i + 1]), here);
          raw.accept(swapped * POWERS[n - 2 - i] + suffix[i + 2]);
        }
        prefix = Hash.append(prefix, here);
      }
    }
  }
}
