package dev.vestibule.sink.warehouse;

import static dev.vestibule.sink.warehouse.Events.NINE;
import static dev.vestibule.sink.warehouse.Events.aliceSignsIn;
import static dev.vestibule.sink.warehouse.Events.event;
import static dev.vestibule.sink.warehouse.Events.lateRow;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErasureTest {
  @TempDir Path folder;
  private Desk desk;

  @BeforeEach
  void open() {
    desk = new Desk(folder);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private static VisitorEvent erased() {
    return event("erased", EventType.ERASED, "v-alice", NINE.plus(Duration.ofHours(2)));
  }

  /** An erasure that names the visit alone. */
  private static VisitorEvent erasedByVisit() {
    VisitorEvent erased = erased();
    erased.getPerson().setSubjectKey(null);
    return erased;
  }

  /** Alice again, another visit. */
  private static VisitorEvent aliceReturns() {
    VisitorEvent event = aliceSignsIn();
    event.setEventId("return");
    event.getVisit().setId("v-alice-2");
    event.setOccurredAt(NINE.plus(Duration.ofDays(3)));
    event.setReceivedAt(NINE.plus(Duration.ofDays(3)));
    return event;
  }

  private void assertAliceIsGone() {
    assertThat(String.join("\n", desk.everything()))
        .doesNotContain("Alice", "Ærø", "alice@example.com", "p-alice", "+45 1234");
    assertThat(desk.one("SELECT status FROM visit_current WHERE visit_id = 'v-alice'"))
        .isEqualTo("ERASED");
    assertThat(desk.rows("SELECT kind, key FROM suppression ORDER BY kind"))
        .containsExactly("subject|subject-v-alice", "visit|hq:kyberaccess:v-alice");
  }

  @Test
  void erasureBlanksWhatIsStored() {
    // Given
    desk.write(aliceSignsIn());

    // When
    desk.write(erased());

    // Then
    assertAliceIsGone();
    assertThat(desk.one("SELECT subject_key, visit_key, requested_at, done_at FROM erasure_log"))
        .isEqualTo(
            "subject-v-alice|hq:kyberaccess:v-alice|2026-03-02 11:00:02+00|2026-03-02 12:00:00+00");
    assertThat(desk.one("SELECT count(*) FROM visitor_event")).isEqualTo("2");
  }

  @Test
  void erasureInOneBatchWithThePersonLeavesNobody() {
    desk.write(aliceSignsIn(), erased());

    assertAliceIsGone();
  }

  @Test
  void aReplayDoesNotBringThePersonBack() {
    // Given
    List<EventRow> all = List.of(Events.row(aliceSignsIn(), 0), Events.row(erased(), 1));
    desk.write(all);
    List<String> before = desk.everything();

    // When everything is read again from the start, one record at a time
    all.forEach(row -> desk.write(List.of(row)));

    // Then
    assertThat(desk.everything()).isEqualTo(before);
  }

  @Test
  void aBackfillAfterTheErasureDoesNotBringThePersonBack() {
    // Given
    desk.write(erased());

    // When an older fact comes, and a new visit of the same person
    desk.write(aliceSignsIn());
    desk.write(aliceReturns());

    // Then
    assertAliceIsGone();
  }

  @Test
  void anErasureOfAVisitErasesItsSubject() {
    // Given
    desk.write(aliceSignsIn(), aliceReturns());

    // When
    desk.write(erasedByVisit());

    // Then
    assertAliceIsGone();
  }

  @Test
  void anErasureCountsEvenWhenMarkedLate() {
    desk.write(aliceSignsIn());

    desk.write(List.of(lateRow(erased(), desk.next())));

    assertThat(String.join("\n", desk.everything())).doesNotContain("Alice", "Ærø");
  }

  @Test
  void othersKeepTheirData() {
    // Given
    VisitorEvent bob = aliceSignsIn();
    bob.setEventId("bob");
    bob.getVisit().setId("v-bob");
    bob.getPerson().setSubjectKey("subject-bob");
    bob.getPerson().setFullName("Bob Stays");

    // When
    desk.write(aliceSignsIn(), bob);
    desk.write(erased());

    // Then
    assertThat(desk.rows("SELECT full_name FROM visitor_subject")).containsExactly("Bob Stays");
    assertThat(desk.one("SELECT count(*) FROM visitor_event WHERE attributes IS NOT NULL"))
        .isEqualTo("1");
  }

  @Test
  void anErasureWithoutVisitOrSubjectErasesNobody() {
    // Given
    VisitorEvent nobody = erased();
    nobody.getVisit().setId(null);
    nobody.getPerson().setSubjectKey(null);
    VisitorEvent anonymous = aliceSignsIn();
    anonymous.getVisit().setId(null);

    // When
    desk.write(anonymous, nobody);

    // Then
    assertThat(desk.rows("FROM suppression")).isEmpty();
    assertThat(desk.one("SELECT full_name FROM visitor_subject")).isEqualTo("Alice Ærø");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyOrderLeavesTheSame(long seed) {
    // Given
    List<VisitorEvent> events =
        new ArrayList<>(List.of(aliceSignsIn(), erasedByVisit(), aliceReturns(), aliceSignsIn()));
    Random random = new Random(seed);
    Collections.shuffle(events, random);

    // When
    for (VisitorEvent event : events) {
      desk.write(event);
    }

    // Then
    assertAliceIsGone();
    assertThat(desk.rows("FROM visitor_subject")).isEmpty();
  }
}
