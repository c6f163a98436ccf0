package dev.vestibule.sink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.VisitorEvent;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prints how fast rows are stored; only the result is asserted, since machines differ. */
class ThroughputTest {
  private static final int EVENTS = 10_000;
  private static final int BATCH = WarehouseSettings.DEFAULTS.batchRows();

  @TempDir Path folder;

  @Test
  void tenThousandEventsAreStoredOnce() {
    try (Desk desk = new Desk(folder)) {
      // Given
      List<EventRow> rows =
          IntStream.range(0, EVENTS).mapToObj(i -> Events.row(event(i), i)).toList();

      // When
      long start = System.nanoTime();
      write(desk, rows);
      long stored = System.nanoTime();
      write(desk, rows);
      long replayed = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        desk.write(event(EVENTS + i));
      }
      long single = System.nanoTime();

      // Then
      System.out.printf(
          "warehouse: %d events stored in %d ms, replayed in %d ms; one event alone %.1f ms%n",
          EVENTS,
          (stored - start) / 1_000_000,
          (replayed - stored) / 1_000_000,
          (single - replayed) / 1e8);
      assertThat(desk.one("SELECT count(*), count(DISTINCT event_id) FROM visitor_event"))
          .isEqualTo("10100|10100");
      assertThat(desk.one("SELECT count(*) FROM visit_current")).isEqualTo("5050");
      assertThat(desk.warehouse.loadOffsets()).isEqualTo(Map.of(Events.P0, desk.next()));
    }
  }

  private static void write(Desk desk, List<EventRow> rows) {
    for (int from = 0; from < rows.size(); from += BATCH) {
      desk.write(rows.subList(from, Math.min(rows.size(), from + BATCH)));
    }
  }

  private static VisitorEvent event(int i) {
    VisitorEvent event = Events.aliceSignsIn();
    event.setEventId("e-" + i);
    event.getVisit().setId("v-" + i / 2);
    event.getPerson().setSubjectKey("subject-" + i / 2);
    event.setOccurredAt(Events.NINE.plusSeconds(i));
    return event;
  }
}
