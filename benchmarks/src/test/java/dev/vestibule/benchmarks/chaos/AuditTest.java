package dev.vestibule.benchmarks.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.chaos.Evidence.Conflict;
import dev.vestibule.benchmarks.chaos.Evidence.Duplicate;
import dev.vestibule.benchmarks.chaos.Evidence.Event;
import dev.vestibule.benchmarks.chaos.Evidence.Input;
import dev.vestibule.benchmarks.chaos.Evidence.Sent;
import dev.vestibule.contract.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Shows the audit one mishap at a time and wants to read about it, and about nothing else. */
class AuditTest {
  private final List<Sent> sent = new ArrayList<>();
  private final List<Input> inputs = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final List<Duplicate> duplicates = new ArrayList<>();
  private final List<Conflict> conflicts = new ArrayList<>();

  /**
   * One partition in which every verdict occurs: an arrival, its copy, its replay, its revision, a
   * departure, a foreign visit under the arrival's delivery id, and a delivery never accepted.
   */
  AuditTest() {
    sent("a SIGNED_IN NEW", 0);
    sent("a SIGNED_IN NEW", 1);
    sent("a SIGNED_IN REVISION", 2);
    sent("a SIGNED_OUT NEW", 3);
    sent("b SIGNED_IN CONFLICT", 4);
    sent.add(new Sent("c SIGNED_IN NEW", null));
    input(10, "a", "t0", 0);
    input(11, "a", "t1", 1);
    input(12, "a", "t0", 0);
    input(13, "a", "t2", 2);
    input(14, "a", "t3", 3);
    input(15, "b", "t4", 4);
    event(20, "a", "t0", 0, "SIGNED_IN", "NEW", "in-a", "11");
    event(21, "a", "t2", 2, "SIGNED_IN", "REVISION", "in-a.r22", "22");
    event(22, "a", "t3", 3, "SIGNED_OUT", "NEW", "out-a", "33");
    event(23, "b", "t4", 4, "SIGNED_IN", "CONFLICT", "in-b", "44");
    duplicates.add(new Duplicate(new Place(0, 11)));
    conflicts.add(new Conflict(new Place(0, 15)));
  }

  @Test
  void nothingIsSaidAboutAStreamInWhichAllIsWell() {
    assertThat(audit().lines()).isEmpty();
  }

  @Test
  void everyInputIsCountedUnderOneVerdict() {
    assertThat(audit().verdicts())
        .containsOnly(
            Map.entry("NEW", 2),
            Map.entry("REVISION", 1),
            Map.entry("DUPLICATE", 1),
            Map.entry("CONFLICT", 1),
            Map.entry("REPLAY", 1));
    assertThat(audit().verdicts().values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(inputs.size());
  }

  @Test
  void anEventThatIsMissingIsLost() {
    events.remove(2);
    assertThat(audit().lines())
        .containsExactly("lost: normalized 0@14 (a, raw raw-0@3) has no outcome");
  }

  @Test
  void aCopyWithoutAReportIsLost() {
    duplicates.clear();
    assertThat(audit().lines())
        .containsExactly("lost: normalized 0@11 (a, raw raw-0@1) has no outcome");
  }

  @Test
  void anAcceptedDeliveryThatWasNeverNormalizedIsLost() {
    sent("a UPDATED NEW", 9);
    assertThat(audit().lines())
        .containsExactly("lost: a UPDATED NEW, accepted as raw-0@9, was never normalized");
  }

  @Test
  void anAcceptedFactOfWhichOnlyAReportIsThereIsLost() {
    events.remove(2);
    duplicates.add(new Duplicate(new Place(0, 14)));
    assertThat(audit().lines())
        .containsExactly("lost: a SIGNED_OUT NEW was accepted and is not in the events");
  }

  @Test
  void aConflictWithoutAnAlarmIsLost() {
    conflicts.clear();
    assertThat(audit().lines())
        .containsExactly("lost: normalized 0@15 (b, raw raw-0@4) is a conflict without a report");
  }

  @Test
  void theSameRecordTwiceInTheEventsIsDoubled() {
    events.add(
        new Event(
            Topics.EVENTS,
            new Place(0, 24),
            "a",
            "t3",
            "raw-0@3",
            "SIGNED_OUT",
            "NEW",
            "out-a",
            "33"));
    assertThat(audit().lines())
        .containsExactly(
            "doubled: normalized 0@14 (a, raw raw-0@3) has 2 outcomes: visitor.events 0@22"
                + " SIGNED_OUT NEW, visitor.events 0@24 SIGNED_OUT NEW, 0 reports");
  }

  @Test
  void aCopyThatWentOutAsAnEventIsDoubled() {
    duplicates.clear();
    event(24, "a", "t1", 1, "SIGNED_IN", "NEW", "in-a", "11");
    assertThat(audit().doubled())
        .containsExactly(
            "a SIGNED_IN NEW went out 2 times: visitor.events 0@20 SIGNED_IN NEW,"
                + " visitor.events 0@24 SIGNED_IN NEW");
  }

  @Test
  void aRevisionThatHoldsTheContentOfTheFirstCopyIsDoubled() {
    events.remove(1);
    event(24, "a", "t2", 2, "SIGNED_IN", "REVISION", "in-a.r11", "11");
    assertThat(audit().doubled())
        .containsExactly(
            "content in-a 11 went out 2 times: visitor.events 0@20 SIGNED_IN NEW, visitor.events"
                + " 0@24 SIGNED_IN REVISION");
  }

  @Test
  void aReplayThatLeftAReportIsDoubled() {
    duplicates.add(new Duplicate(new Place(0, 12)));
    assertThat(audit().lines())
        .containsExactly(
            "doubled: normalized 0@12 (a, raw raw-0@0) is a replay and was reported as a duplicate");
  }

  @Test
  void aReportThatIsThereTwiceIsDoubled() {
    duplicates.add(new Duplicate(new Place(0, 11)));
    conflicts.add(new Conflict(new Place(0, 15)));
    assertThat(audit().lines())
        .containsExactly(
            "doubled: normalized 0@11 (a, raw raw-0@1) has 2 outcomes: , 2 reports",
            "doubled: normalized 0@15 (b, raw raw-0@4) has 2 conflict reports, expected 1");
  }

  @Test
  void aDepartureBeforeTheArrivalIsSwapped() {
    Event arrival = events.get(0);
    events.set(0, events.get(2));
    events.set(2, arrival);
    assertThat(audit().swapped())
        .contains(
            "a: visitor.events 0@22 SIGNED_OUT NEW came out before visitor.events 0@21 SIGNED_IN"
                + " REVISION, but came in after it (0@14, 0@13)");
    assertThat(audit().lost()).isEmpty();
    assertThat(audit().doubled()).isEmpty();
  }

  @Test
  void anOrderThatTheNormalizerTurnedAroundIsSwapped() {
    inputs.set(3, new Input(new Place(0, 13), "a", "t3", "raw-0@3"));
    inputs.set(4, new Input(new Place(0, 14), "a", "t2", "raw-0@2"));
    Event departure = events.remove(2);
    events.add(1, departure);
    assertThat(audit().lines())
        .containsExactly(
            "swapped: a: visitor.events 0@22 SIGNED_OUT NEW came out before visitor.events 0@21"
                + " SIGNED_IN REVISION, but was accepted after it");
  }

  @Test
  void whatNobodySentIsUnexplained() {
    event(24, "d", "t9", 9, "SIGNED_IN", "NEW", "in-d", "99");
    assertThat(audit().unexplained())
        .anySatisfy(line -> assertThat(line).startsWith("event of no input: "))
        .contains("d SIGNED_IN NEW was never sent: visitor.events 0@24 SIGNED_IN NEW");
  }

  @Test
  void anUnverifiedEventIsUnexplained() {
    Event event = events.get(2);
    events.set(
        2,
        new Event(
            event.topic(),
            event.place(),
            event.key(),
            event.transport(),
            event.raw(),
            event.type(),
            "UNVERIFIED",
            event.id(),
            event.revision()));
    assertThat(audit().unexplained())
        .contains("normalized 0@14 (a, raw raw-0@3) went out as UNVERIFIED");
  }

  @Test
  void whatWasNeverAcceptedMayBeThereOnceButNotTwice() {
    input(16, "c", "t6", 6);
    event(24, "c", "t6", 6, "SIGNED_IN", "NEW", "in-c", "66");
    assertThat(audit().lines()).isEmpty();

    input(17, "c", "t7", 7);
    event(25, "c", "t7", 7, "SIGNED_IN", "NEW", "in-c", "66");
    assertThat(audit().doubled())
        .contains(
            "c SIGNED_IN NEW went out 2 times: visitor.events 0@24 SIGNED_IN NEW,"
                + " visitor.events 0@25 SIGNED_IN NEW");
  }

  @Test
  void aDeadLetterIsUnexplained() {
    assertThat(Audit.of(new Evidence(sent, inputs, events, duplicates, conflicts, 1)).unexplained())
        .containsExactly("1 dead letters");
  }

  private Findings audit() {
    return Audit.of(new Evidence(sent, inputs, events, duplicates, conflicts, 0));
  }

  private void sent(String fact, long raw) {
    sent.add(new Sent(fact, "raw-0@" + raw));
  }

  private void input(long offset, String key, String transport, long raw) {
    inputs.add(new Input(new Place(0, offset), key, transport, "raw-0@" + raw));
  }

  private void event(
      long offset,
      String key,
      String transport,
      long raw,
      String type,
      String verdict,
      String id,
      String revision) {
    events.add(
        new Event(
            Topics.EVENTS,
            new Place(0, offset),
            key,
            transport,
            "raw-0@" + raw,
            type,
            verdict,
            id,
            revision));
  }
}
