package dev.vestibule.sink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Verdict;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Person;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever the order, the batches and the repetitions, the tables of visits and persons come out
 * the same, as the history alone determines them, and as a plain model says.
 */
class ArrivalOrderTest {
  private static final List<EventType> TYPES =
      List.of(
          EventType.SIGNED_IN,
          EventType.SIGNED_OUT,
          EventType.SCREENING_REQUESTED,
          EventType.UPDATED,
          EventType.PRE_REGISTERED,
          EventType.DENIED,
          EventType.OTHER,
          EventType.ERASED);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void anyOrderGivesTheSameVisits(long seed) {
    // Given
    Random random = new Random(seed);
    List<EventRow> rows = rows(random);
    List<String> reference;
    List<String> events;
    try (Desk desk = new Desk(folder.resolve("reference"))) {
      desk.write(rows);
      reference = state(desk);
      events = history(desk);
      assertThat(desk.rows("SELECT visit_id, status, signed_in_at FROM visit_current ORDER BY 1"))
          .as("seed %d, against the model", seed)
          .isEqualTo(model(rows));
    }

    for (int attempt = 0; attempt < 3; attempt++) {
      // When
      List<EventRow> arrivals = new ArrayList<>(rows);
      for (EventRow row : rows) {
        if (random.nextInt(3) == 0) {
          arrivals.add(row);
        }
      }
      Collections.shuffle(arrivals, random);
      try (Desk desk = new Desk(folder.resolve("shuffled" + attempt))) {
        for (int from = 0; from < arrivals.size(); ) {
          int to = Math.min(arrivals.size(), from + 1 + random.nextInt(40));
          desk.write(arrivals.subList(from, to));
          from = to;
        }

        // Then
        assertThat(state(desk)).as("seed %d", seed).isEqualTo(reference);
        assertThat(history(desk)).as("seed %d", seed).isEqualTo(events);
        assertThat(desk.rows(differences())).as("seed %d, derived from history", seed).isEmpty();
      }
    }
  }

  private static List<String> state(Desk desk) {
    List<String> state = new ArrayList<>(desk.rows("FROM visit_current ORDER BY ALL"));
    state.addAll(desk.rows("FROM visitor_subject ORDER BY ALL"));
    state.addAll(desk.rows("FROM suppression ORDER BY ALL"));
    return state;
  }

  private static List<String> history(Desk desk) {
    return desk.rows("FROM visitor_event ORDER BY ALL");
  }

  private static String differences() {
    String kept = "SELECT " + VisitCurrent.columns() + " FROM visit_current";
    String derived = VisitCurrent.derivation("FROM visitor_event");
    return "(%1$s EXCEPT %2$s) UNION ALL (%2$s EXCEPT %1$s)".formatted(kept, derived);
  }

  /** The rules once more, as a fold in plain Java over the order that the contract defines. */
  private static List<String> model(List<EventRow> rows) {
    return rows.stream()
        .filter(row -> !row.decoded().late())
        .collect(Collectors.groupingBy(row -> row.event().getVisit().getId()))
        .entrySet()
        .stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .map(visit ->
            visit.getKey()
                + "|"
                + latest(visit.getValue(), ArrivalOrderTest::status)
                + "|"
                + latest(visit.getValue(), ArrivalOrderTest::signedInAt))
        .toList();
  }

  private static String latest(List<EventRow> rows, Function<VisitorEvent, @Nullable String> fact) {
    return rows.stream()
        .map(EventRow::event)
        .filter(event -> fact.apply(event) != null)
        .max(
            Comparator.comparing((VisitorEvent event) -> VisitVersion.of(event))
                .thenComparing(VisitorEvent::getRevision))
        .map(fact)
        .orElse("-");
  }

  private static @Nullable String status(VisitorEvent event) {
    return switch (event.getType()) {
      case SIGNED_IN, SIGNED_OUT, PRE_REGISTERED, DENIED, ERASED -> event.getType().name();
      default -> null;
    };
  }

  private static @Nullable String signedInAt(VisitorEvent event) {
    Instant at = event.getVisit().getSignedInAt();
    if (event.getType() == EventType.SCREENING_REQUESTED) {
      return null;
    }
    if (at == null && event.getType() == EventType.SIGNED_IN) {
      at = event.getOccurredAt();
    }
    return at == null ? null : at.toString().replace('T', ' ').replace("Z", "+00");
  }

  private static List<EventRow> rows(Random random) {
    List<EventRow> rows = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>();
    for (int i = 0; i < 300; i++) {
      VisitorEvent event = anyEvent(random, i);
      boolean late = random.nextInt(8) == 0;
      if (keys.add(event.getEventId() + event.getRevision())) {
        rows.add(
            new EventRow(
                new Decoded.Event(event, 1, Verdict.NEW, late, "webhook"), Events.P0, rows.size()));
      }
    }
    return rows;
  }

  private static VisitorEvent anyEvent(Random random, int i) {
    int visit = random.nextInt(25);
    // Erasures are rare, so that most persons have something to compare.
    int type = random.nextInt(TYPES.size() * 3);
    Instant at = Events.NINE.plusSeconds(random.nextInt(6));
    VisitorEvent event =
        Events.event(
            "e-" + i / (1 + random.nextInt(3)),
            TYPES.get(type % (type < TYPES.size() ? TYPES.size() : TYPES.size() - 1)),
            "v-" + visit,
            at);
    event.setRevision("r-" + random.nextInt(3));
    event.setReceivedAt(at.plusSeconds(random.nextInt(4)));
    event.setPerson(
        Person.newBuilder()
            .setSubjectKey(random.nextInt(6) == 0 ? null : "subject-" + visit / 2)
            .setFullName(random.nextBoolean() ? null : "Name " + random.nextInt(4))
            .setEmail(random.nextBoolean() ? null : "mail" + random.nextInt(4) + "@example.com")
            .build());
    event.getSite().setName(random.nextBoolean() ? null : "Site " + random.nextInt(3));
    event.getVisit().setSignedInAt(random.nextInt(3) > 0 ? null : Events.NINE.plusSeconds(i));
    event.getVisit().setExpectedAt(random.nextBoolean() ? null : Events.NINE.plusSeconds(i));
    return event;
  }
}
