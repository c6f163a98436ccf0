package dev.vestibule.ingress.decision.watchlist;

import static dev.vestibule.ingress.decision.watchlist.Entries.NOW;
import static dev.vestibule.ingress.decision.watchlist.Entries.named;
import static dev.vestibule.ingress.decision.watchlist.Entries.person;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.ingress.decision.watchlist.Change.Malformed;
import dev.vestibule.ingress.decision.watchlist.Change.Put;
import dev.vestibule.ingress.decision.watchlist.Change.Remove;
import dev.vestibule.ingress.decision.watchlist.Hit.Field;
import dev.vestibule.ingress.decision.watchlist.Hit.Precision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WatchlistTest {
  private static final Normal NORMAL = new Normal("DE");

  private static Watchlist of(Entry... entries) {
    Watchlist.Builder builder = new Watchlist.Builder(NORMAL);
    for (Entry entry : entries) {
      builder.add(new Put(entry));
    }
    return builder.build();
  }

  private static Entry entry(
      String id, Set<String> sites, @Nullable Instant expires, List<String> companies) {
    return new Entry(
        id,
        List.of("Jane Doe"),
        List.of("jane@example.com"),
        List.of("+49301234567"),
        companies,
        sites,
        expires,
        "a reason",
        Origin.IMPORT);
  }

  @Test
  void aHitSaysEntryFieldAndPrecision() {
    Watchlist list = of(entry("a", Set.of(), null, List.of()), named("b", "Janine Doemann"));

    Match match =
        list.match(
            new Person("Janine Doeman", "JANE@example.com", "030 1234567", null), "berlin", NOW);

    assertThat(match.hits())
        .containsExactly(
            new Hit("a", Field.EMAIL, Precision.EXACT),
            new Hit("a", Field.PHONE, Precision.EXACT),
            new Hit("b", Field.NAME, Precision.FUZZY));
    assertThat(match.clear()).isFalse();
  }

  @Test
  void anEntryHoldsUpToTheMomentItExpires() {
    Watchlist list = of(entry("a", Set.of(), NOW, List.of()));

    assertThat(list.match(person("Jane Doe"), "berlin", NOW.minusNanos(1)).hits()).hasSize(1);
    assertThat(list.match(person("Jane Doe"), "berlin", NOW).hits()).isEmpty();
  }

  @Test
  void anEntryHoldsAtItsSitesOnly() {
    Watchlist list = of(entry("a", Set.of("berlin", "paris"), null, List.of()));

    assertThat(list.match(person("Jane Doe"), "paris", NOW).hits()).hasSize(1);
    assertThat(list.match(person("Jane Doe"), "oslo", NOW).hits()).isEmpty();
  }

  @Test
  void whereTheSiteIsNotKnownEveryEntryCounts() {
    Watchlist list = of(entry("a", Set.of("berlin"), null, List.of()));

    assertThat(list.match(person("Jane Doe"), null, NOW).hits()).hasSize(1);
  }

  @Test
  void theEmployerOfSomebodyWatchedForDoesNotStopColleagues() {
    Watchlist list =
        of(
            entry("person", Set.of(), null, List.of("Acme GmbH")),
            new Entry(
                "company",
                List.of(),
                List.of(),
                List.of(),
                List.of("Initech Ltd"),
                Set.of(),
                null,
                null,
                Origin.MANUAL));

    assertThat(list.match(new Person("Max Roe", null, null, "Acme"), null, NOW).clear()).isTrue();
    assertThat(list.match(new Person("Max Roe", null, null, "INITECH"), null, NOW).hits())
        .containsExactly(new Hit("company", Field.COMPANY, Precision.EXACT));
  }

  @Test
  void aValueThatIsCutIsADoubtAndNoClearance() {
    Watchlist list = of(named("a", "Jane Doe"));
    String endless = "x ".repeat(500_000) + "Jane Doe";

    assertThat(list.match(person(endless), null, NOW)).isEqualTo(new Match(List.of(), false));
    assertThat(list.match(person("a b c d e f g h i j k l Jane Doe"), null, NOW).complete())
        .isFalse();
    assertThat(list.match(new Person("Max", "m@" + "x".repeat(400), null, null), null, NOW).clear())
        .isFalse();
  }

  @Test
  void beyondAHundredEntriesTheRestIsADoubt() {
    Watchlist.Builder builder = new Watchlist.Builder(NORMAL);
    for (int i = 0; i <= Match.MOST; i++) {
      builder.add(new Put(named("id-" + i, "Jane Doe")));
    }

    Match match = builder.build().match(person("Jane Doe"), null, NOW);

    assertThat(match.hits()).hasSize(Match.MOST);
    assertThat(match.complete()).isFalse();
  }

  @Test
  void aMalformedRecordLeavesTheEntryInForce() {
    Watchlist before = of(named("a", "Jane Doe"));

    Watchlist after =
        before.with(
            List.of(new Malformed("a", "names", "must be a list"), new Put(named("b", "Max Roe"))));

    assertThat(after.match(person("Jane Doe"), null, NOW).hits()).hasSize(1);
    assertThat(after.match(person("Max Roe"), null, NOW).hits()).hasSize(1);
    assertThat(before.contains("b")).as("a snapshot never changes").isFalse();
  }

  @Test
  void nothingThatIsPrintedTellsWhoOrWhy() {
    Entry entry = entry("id-7", Set.of(), null, List.of("Acme"));
    Match match = of(entry).match(person("Jane Doe"), null, NOW);

    assertThat(List.of(entry, new Put(entry), match, person("Jane Doe")).toString())
        .contains("id-7")
        .doesNotContainIgnoringCase("jane")
        .doesNotContainIgnoringCase("doe")
        .doesNotContainIgnoringCase("reason")
        .doesNotContainIgnoringCase("acme");
  }

  @Test
  void theIndexFindsExactlyWhatComparingEveryEntryFinds() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    int exact = 0;
    int fuzzy = 0;
    for (int round = 0; round < 25; round++) {
      List<Entry> entries = new ArrayList<>();
      Watchlist.Builder builder = new Watchlist.Builder(NORMAL);
      for (int i = random.nextInt(60); i > 0; i--) {
        Entry entry = Entries.random("id-" + i, random);
        entries.add(entry);
        builder.add(new Put(entry));
      }
      Watchlist list = builder.build();
      for (int i = 0; i < 30; i++) {
        Person visitor = Entries.visitor(random);
        String site = random.nextInt(4) == 0 ? null : Entries.pick(Entries.SITES, random);
        Match match = list.match(visitor, site, NOW);
        assertThat(match.hits())
            .as(
                "seed %d, %s, %s",
                seed, visitor.name(), entries.stream().map(Entry::names).toList())
            .isEqualTo(Naive.match(entries, NORMAL, visitor, site, NOW));
        exact += (int) match.hits().stream().filter(h -> h.precision() == Precision.EXACT).count();
        fuzzy += (int) match.hits().stream().filter(h -> h.precision() == Precision.FUZZY).count();
      }
    }
    assertThat(exact).as("exact hits").isGreaterThan(50);
    assertThat(fuzzy).as("fuzzy hits").isGreaterThan(15);
  }

  @Test
  void anyScheduleOfChangesLeavesWhatAMapWouldHold() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 15; round++) {
      int few = random.nextInt(12);
      Map<String, Entry> model = new LinkedHashMap<>();
      Watchlist.Builder builder = new Watchlist.Builder(NORMAL, few);
      for (Change change : changes(random.nextInt(200), random)) {
        builder.add(change);
        apply(change, model);
      }
      Watchlist list = builder.build();
      for (int step = 0; step < 12; step++) {
        assertHolds(list, model, random, seed);
        List<Change> changes = changes(random.nextInt(1, 20), random);
        Watchlist before = list;
        int size = before.size();
        list = list.with(changes);
        assertThat(before.size()).isEqualTo(size);
        changes.forEach(change -> apply(change, model));
      }
      assertHolds(list, model, random, seed);
    }
  }

  private static void assertHolds(
      Watchlist list, Map<String, Entry> model, Random random, long seed) {
    assertThat(list.size()).as("seed %d", seed).isEqualTo(model.size());
    for (int i = 0; i < 40; i++) {
      assertThat(list.contains("id-" + i)).isEqualTo(model.containsKey("id-" + i));
    }
    for (int i = 0; i < 8; i++) {
      Person visitor = Entries.visitor(random);
      String site = Entries.pick(Entries.SITES, random);
      assertThat(list.match(visitor, site, NOW).hits())
          .as("seed %d", seed)
          .isEqualTo(Naive.match(model.values(), NORMAL, visitor, site, NOW));
    }
  }

  private static List<Change> changes(int count, Random random) {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String id = "id-" + random.nextInt(40);
      changes.add(
          switch (random.nextInt(6)) {
            case 0, 1 -> new Remove(id);
            case 2 -> new Malformed(id, "record", "must be JSON");
            default -> new Put(Entries.random(id, random));
          });
    }
    return changes;
  }

  private static void apply(Change change, Map<String, Entry> model) {
    switch (change) {
      case Put(Entry entry) -> model.put(entry.id(), entry);
      case Remove(String id) -> model.remove(id);
      case Malformed malformed -> {}
    }
  }

  @Test
  void anEmptyListIsClear() {
    assertThat(Watchlist.empty(NORMAL).match(person("Jane Doe"), null, NOW).clear()).isTrue();
    assertThat(Watchlist.empty(NORMAL).size()).isZero();
  }

  @Test
  void anEntryTakesLessThanThreeHundredBytes() {
    Watchlist.Builder builder = new Watchlist.Builder(NORMAL);
    Random random = new Random(5);
    int count = 10_000;
    for (int i = 0; i < count; i++) {
      builder.add(new Put(Population.entry(i, random)));
    }

    assertThat(builder.build().heap() / count).isLessThan(300);
  }
}
