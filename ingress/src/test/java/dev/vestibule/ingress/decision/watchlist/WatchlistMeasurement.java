package dev.vestibule.ingress.decision.watchlist;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Heap and look-up times for a million invented entries: {@code WatchlistMeasurement [entries]}.
 * Run it alone, with {@code -Xmx2g}.
 */
final class WatchlistMeasurement {
  private WatchlistMeasurement() {}

  public static void main(String[] args) {
    int count = args.length == 0 ? 1_000_000 : Integer.parseInt(args[0]);
    Random random = new Random(11);
    long empty = used();
    Normal normal = new Normal("DE");
    System.out.printf("tables for all scripts: %d MB%n", (used() - empty) >> 20);

    List<String> names = new ArrayList<>();
    long before = used();
    long start = System.nanoTime();
    Watchlist list = build(normal, count, random, names);
    System.out.printf("built in %d ms%n", millis(start));
    long after = used();
    System.out.printf(
        "%d entries: %d MB of heap, %d bytes each; arrays alone %d MB%n",
        list.size(), (after - before) >> 20, (after - before) / count, list.heap() >> 20);

    Person[] strangers = new Person[50_000];
    Person[] known = new Person[50_000];
    for (int i = 0; i < known.length; i++) {
      strangers[i] = visitor(Population.name(new Random(1_000_000L + i)), i);
      known[i] = visitor(slip(names.get(i), random), i);
    }
    Person[] hostile = {
      new Person("習".repeat(300), null, null, null),
      new Person("Щё".repeat(150), null, null, null),
      new Person("ﷺ ".repeat(150), null, null, null),
      new Person(
          "Maribel Karinde Salomar Norbeto Lindado Walteri Mariter Berlino Denmark Sonnera Rantera Halvena",
          null,
          null,
          null)
    };
    for (int round = 0; round < 3; round++) {
      time("names, e-mail and phone of random people", list, strangers);
      time("names one slip away", list, known);
    }
    for (Person person : hostile) {
      time(
          "hostile name",
          list,
          new Person[] {
            person, person, person, person, person, person, person, person, person, person
          });
    }
    exact(list, normal, strangers);

    start = System.nanoTime();
    List<Change> one = List.of(new Change.Put(Population.entry(count, random)));
    for (int i = 0; i < 100; i++) {
      list = list.with(one);
    }
    System.out.printf("one change: %d us%n", millis(start) * 10);
    start = System.nanoTime();
    List<Change> many =
        random
            .ints(count / 7, 0, count)
            .<Change>mapToObj(i -> new Change.Put(Population.entry(count + i, random)))
            .toList();
    System.out.printf("made %d changes in %d ms%n", many.size(), millis(start));
    start = System.nanoTime();
    list = list.with(many);
    System.out.printf("merged in %d ms, %d entries%n", millis(start), list.size());
    System.out.printf("%d entries: arrays %d MB%n", list.size(), list.heap() >> 20);
  }

  private static Watchlist build(Normal normal, int count, Random random, List<String> names) {
    Watchlist.Builder builder = new Watchlist.Builder(normal);
    for (int i = 0; i < count; i++) {
      Entry entry = Population.entry(i, random);
      builder.add(new Change.Put(entry));
      if (names.size() < 50_000) {
        names.add(entry.names().getFirst());
      }
    }
    return builder.build();
  }

  private static Person visitor(String name, int i) {
    return new Person(
        name, name.replace(' ', '.') + i + "@example.com", "+49301" + i + "77", "Acme");
  }

  private static String slip(String name, Random random) {
    int at = random.nextInt(name.length());
    return name.substring(0, at) + name.substring(Math.min(name.length(), at + 1));
  }

  private static void time(String what, Watchlist list, Person[] people) {
    long[] nanos = new long[people.length];
    long hits = 0;
    long most = 0;
    for (int i = 0; i < people.length; i++) {
      long start = System.nanoTime();
      int found = list.match(people[i], "site-1", Entries.NOW).hits().size();
      nanos[i] = System.nanoTime() - start;
      hits += found;
      most = Math.max(most, found);
    }
    report(what, nanos, hits, most);
  }

  private static void report(String what, long[] nanos, long hits, long most) {
    Arrays.sort(nanos);
    System.out.printf(
        "%s: p50 %.1f us, p99 %.1f us, p99.9 %.1f us, max %.1f us; %d look-ups, %d hits, most %d%n",
        what,
        nanos[nanos.length / 2] / 1e3,
        nanos[(int) (nanos.length * 0.99)] / 1e3,
        nanos[(int) (nanos.length * 0.999)] / 1e3,
        nanos[nanos.length - 1] / 1e3,
        nanos.length,
        hits,
        most);
  }

  /** E-mail alone is a purely exact look-up; and what the normal forms alone cost. */
  private static void exact(Watchlist list, Normal normal, Person[] people) {
    Person[] addresses =
        Arrays.stream(people)
            .map(person -> new Person(null, person.email(), null, null))
            .toArray(Person[]::new);
    time("e-mail alone", list, addresses);
    time("e-mail alone", list, addresses);
    Supplier<Long> forms =
        () -> {
          long start = System.nanoTime();
          for (Person person : people) {
            normal.query(person);
          }
          return (System.nanoTime() - start) / people.length;
        };
    System.out.printf("normal forms alone: %.1f us%n", Math.min(forms.get(), forms.get()) / 1e3);
  }

  private static long millis(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toMillis();
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
