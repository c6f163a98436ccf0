package dev.vestibule.ingress.decision.watchlist;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/**
 * Invented people by the million: words that nobody has, as many given and family names as a
 * country.
 */
final class Population {
  private static final String[] SYLLABLES = {
    "ba", "be", "bo", "da", "de", "di", "do", "fa", "fe", "ga", "go", "ha", "he", "ja", "jo", "ka",
    "ke", "ki", "ko", "la", "le", "li", "lo", "ma", "me", "mi", "mo", "na", "ne", "ni", "no", "pa",
    "pe", "ra", "re", "ri", "ro", "sa", "se", "si", "so", "ta", "te", "ti", "to", "va", "ve", "wi",
    "ber", "den", "gan", "hal", "kar", "lin", "mar", "nor", "ran", "sen", "son", "ter", "tov",
    "wal", "ü", "ö", "é", "ø"
  };

  private Population() {}

  static String word(int number) {
    StringBuilder word = new StringBuilder();
    int rest = number * 7 + 3;
    do {
      word.append(SYLLABLES[rest % SYLLABLES.length]);
      rest /= SYLLABLES.length;
    } while (rest > 0);
    return word.length() < 4 ? word + "ra" : word.toString();
  }

  /** Few words are common, many are rare. */
  private static String word(int count, int from, Random random) {
    double skewed = random.nextDouble() * random.nextDouble() * random.nextDouble();
    return word(from + (int) (skewed * count));
  }

  static String name(Random random) {
    String name = word(20_000, 0, random) + " " + word(300_000, 20_000, random);
    return random.nextInt(5) == 0 ? word(20_000, 0, random) + " " + name : name;
  }

  static Entry entry(int number, Random random) {
    String name = name(random);
    boolean alias = random.nextInt(4) == 0;
    return new Entry(
        new UUID(random.nextLong(), number).toString(),
        alias ? List.of(name, name(random)) : List.of(name),
        random.nextInt(10) < 6
            ? List.of(name.replace(' ', '.') + number + "@example.com")
            : List.of(),
        random.nextInt(10) < 4 ? List.of("+49301" + (1_000_000 + number)) : List.of(),
        random.nextInt(10) < 3 ? List.of(name + " GmbH") : List.of(),
        random.nextInt(3) == 0 ? Set.of("site-" + random.nextInt(200)) : Set.of(),
        random.nextInt(3) == 0 ? Entries.NOW.plusSeconds(number) : null,
        "reason " + number,
        Origin.IMPORT);
  }
}
