package dev.vestibule.ingress.decision.watchlist;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Entries and visitors to test with, all invented. */
final class Entries {
  static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  private static final List<String> GIVEN =
      List.of(
          "Jane", "John", "Maria", "Marie", "Martin", "Marten", "Jürgen", "Søren", "Юрий", "Li");
  private static final List<String> FAMILY =
      List.of(
          "Doe", "Miller", "Müller", "Mueller", "Meier", "Meyer", "Щербаков", "Kılıç", "O'Brien");
  static final List<String> SITES = List.of("berlin", "paris", "oslo");

  private Entries() {}

  static Entry named(String id, String... names) {
    return new Entry(
        id, List.of(names), List.of(), List.of(), List.of(), Set.of(), null, null, Origin.MANUAL);
  }

  static Person person(@Nullable String name) {
    return new Person(name, null, null, null);
  }

  /** From few words, so that many are alike. */
  static Entry random(String id, Random random) {
    List<String> names = new ArrayList<>();
    List<String> emails = new ArrayList<>();
    List<String> phones = new ArrayList<>();
    List<String> companies = new ArrayList<>();
    do {
      if (random.nextInt(4) > 0) {
        names.add(name(random));
      }
      if (random.nextInt(4) == 0) {
        emails.add(email(random));
      }
      if (random.nextInt(4) == 0) {
        phones.add(phone(random));
      }
      if (random.nextInt(4) == 0) {
        companies.add(company(random));
      }
    } while (names.isEmpty() && emails.isEmpty() && phones.isEmpty() && companies.isEmpty());
    Set<String> sites = new HashSet<>();
    while (random.nextInt(3) == 0) {
      sites.add(pick(SITES, random));
    }
    return new Entry(
        id,
        names,
        emails,
        phones,
        companies,
        sites,
        random.nextInt(3) > 0 ? null : NOW.plusSeconds(random.nextInt(-2, 3)),
        random.nextBoolean() ? null : "reason " + random.nextInt(),
        pick(List.of(Origin.values()), random));
  }

  static Person visitor(Random random) {
    return new Person(
        random.nextInt(8) == 0 ? null : name(random),
        random.nextBoolean() ? null : email(random),
        random.nextBoolean() ? null : phone(random),
        random.nextBoolean() ? null : company(random));
  }

  private static String name(Random random) {
    StringBuilder name = new StringBuilder(pick(GIVEN, random));
    while (random.nextInt(3) == 0) {
      name.append(' ').append(pick(GIVEN, random));
    }
    if (random.nextInt(8) > 0) {
      name.append(' ').append(pick(FAMILY, random));
    }
    while (random.nextInt(3) == 0) {
      slip(name, random);
    }
    return name.toString();
  }

  private static void slip(StringBuilder name, Random random) {
    int at = random.nextInt(name.length());
    switch (random.nextInt(4)) {
      case 0 -> name.insert(at, (char) ('a' + random.nextInt(26)));
      case 1 -> name.setCharAt(at, (char) ('a' + random.nextInt(26)));
      case 2 -> name.append(name.charAt(at)).deleteCharAt(at);
      default -> {
        if (name.length() > 1) {
          name.deleteCharAt(at);
        }
      }
    }
  }

  private static String email(Random random) {
    return pick(List.of("jane", "j.ane", "JANE+x", "john"), random)
        + pick(
            List.of("@gmail.com", "@example.com", "@Bücher.example", "@xn--bcher-kva.example"),
            random);
  }

  private static String phone(Random random) {
    return pick(
        List.of("+49 30 1234567", "0049301234567", "030 123 4567", "+1 212 555 0100"), random);
  }

  private static String company(Random random) {
    return pick(
        List.of("Acme GmbH", "ACME Inc.", "Acme & Sons Ltd", "Müller KG", "Mueller"), random);
  }

  static <T> T pick(List<T> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }
}
