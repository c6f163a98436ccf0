package dev.vestibule.ingress.decision.watchlist;

import dev.vestibule.ingress.decision.watchlist.Hit.Field;
import dev.vestibule.ingress.decision.watchlist.Hit.Precision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The rules word for word, asked of one entry after the other. */
final class Naive {
  private Naive() {}

  static List<Hit> match(
      Collection<Entry> entries, Normal normal, Person person, @Nullable String site, Instant now) {
    List<Hit> hits = new ArrayList<>();
    for (Entry entry : entries) {
      boolean expired = entry.expires() != null && !now.isBefore(entry.expires());
      boolean elsewhere = site != null && !entry.sites().isEmpty() && !entry.sites().contains(site);
      if (!expired && !elsewhere) {
        compare(entry, normal, person, hits);
      }
    }
    hits.sort(
        Comparator.comparing(Hit::precision).thenComparing(Hit::field).thenComparing(Hit::entry));
    return hits;
  }

  private static void compare(Entry entry, Normal normal, Person person, List<Hit> hits) {
    Set<String> names = new HashSet<>();
    entry.names().forEach(name -> names.addAll(normal.names(name)));
    List<String> given = person.name() == null ? List.of() : normal.names(person.name());
    if (!Collections.disjoint(names, given)) {
      hits.add(new Hit(entry.id(), Field.NAME, Precision.EXACT));
    } else if (names.stream().anyMatch(e -> given.stream().anyMatch(v -> alike(e, v)))) {
      hits.add(new Hit(entry.id(), Field.NAME, Precision.FUZZY));
    }
    if (same(person.email(), entry.emails(), normal::email)) {
      hits.add(new Hit(entry.id(), Field.EMAIL, Precision.EXACT));
    }
    if (same(person.phone(), entry.phones(), normal::phone)) {
      hits.add(new Hit(entry.id(), Field.PHONE, Precision.EXACT));
    }
    boolean company =
        entry.names().isEmpty() && entry.emails().isEmpty() && entry.phones().isEmpty();
    String employer = person.company();
    if (company
        && employer != null
        && entry.companies().stream()
            .anyMatch(
                own -> !Collections.disjoint(normal.companies(own), normal.companies(employer)))) {
      hits.add(new Hit(entry.id(), Field.COMPANY, Precision.EXACT));
    }
  }

  private static boolean same(
      @Nullable String value, List<String> own, Function<String, @Nullable String> normal) {
    String form = value == null ? null : normal.apply(value);
    return form != null && own.stream().anyMatch(other -> form.equals(normal.apply(other)));
  }

  private static boolean alike(String entry, String visitor) {
    List<String> wanted = List.of(entry.split(" "));
    List<String> given = List.of(visitor.split(" "));
    return wanted.size() >= 2
        && wanted.size() <= 12
        && given.size() <= 12
        && wanted.stream().anyMatch(word -> word.matches("[a-z]{5,32}"))
        && assign(wanted, new ArrayList<>(given));
  }

  /** Tries every way of giving each word a partner. */
  private static boolean assign(List<String> wanted, List<String> given) {
    if (wanted.isEmpty()) {
      return true;
    }
    for (int g = 0; g < given.size(); g++) {
      if (partners(wanted.getFirst(), given.get(g))) {
        List<String> left = new ArrayList<>(given);
        left.remove(g);
        if (assign(wanted.subList(1, wanted.size()), left)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean partners(String a, String b) {
    return a.equals(b)
        || (a.matches("[a-z]{5,32}")
            && b.matches("[a-z]{5,32}")
            && a.charAt(0) == b.charAt(0)
            && distance(a, b) <= 1);
  }

  /** Damerau's distance in its restricted form (optimal string alignment). */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + same, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
