package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.vestibule.events.Alert;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.DeliveryResult;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every sink with lanes must do, whatever its destination. A sink's tests extend it. */
public abstract class LaneContract {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Destination destination;
  private LaneRig rig;

  /** A destination of its own for each test; it takes what comes. */
  protected abstract Destination destination();

  @BeforeEach
  void open() {
    destination = destination();
    rig = new LaneRig(destination.handler(), LaneRig.QUICK);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
    destination.close();
  }

  /** Adds the next events of a visit and returns their ids. */
  private List<String> add(String visit, int from, int to) {
    List<String> ids = new ArrayList<>();
    for (int number = from; number < to; number++) {
      VisitorEvent event = destination.event(visit, number);
      rig.add(visit, event);
      ids.add(event.getEventId());
    }
    return ids;
  }

  private static void eventually(ThrowingRunnable assertion) {
    await().atMost(PATIENCE).untilAsserted(assertion);
  }

  @Test
  void eventsOfAVisitArriveInTheirOrder() {
    // Given
    List<String> visits = IntStream.range(0, 20).mapToObj(visit -> "visit-" + visit).toList();
    List<List<String>> added = visits.stream().map(visit -> add(visit, 0, 5)).toList();

    // When
    rig.start();

    // Then
    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    for (int visit = 0; visit < visits.size(); visit++) {
      assertThat(destination.taken(visits.get(visit))).isEqualTo(added.get(visit));
    }
  }

  @Test
  void aVisitThatFailsHoldsUpNoOther() {
    // Given
    destination.answer("stuck", new Answer.Breaks());
    List<String> stuck = add("stuck", 0, 3);
    List<String> first = add("fine", 0, 30);
    rig.start();

    // When, then
    eventually(() -> assertThat(destination.taken("fine")).containsExactlyElementsOf(first));
    assertThat(destination.taken("stuck")).isEmpty();
    assertThat(rig.committed("stuck")).as("committed behind the stuck one").isZero();
    destination.answer("stuck", new Answer.Takes());
    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    assertThat(destination.taken("stuck")).isEqualTo(stuck);
  }

  @Test
  void aCrashLosesNothingAndKeepsTheOrder() {
    // Given
    destination.answer("stuck", new Answer.Breaks());
    List<String> stuck = add("stuck", 0, 3);
    List<String> fine = add("fine", 0, 20);
    rig.start();
    eventually(() -> assertThat(destination.taken("fine")).hasSize(20));

    // When
    rig.crash();
    eventually(() -> assertThat(rig.sessions()).isEqualTo(2));
    destination.answer("stuck", new Answer.Takes());
    fine.addAll(add("fine", 20, 25));

    // Then
    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    assertThat(new LinkedHashSet<>(destination.taken("stuck"))).containsExactlyElementsOf(stuck);
    assertThat(new LinkedHashSet<>(destination.taken("fine"))).containsExactlyElementsOf(fine);
  }

  @Test
  void aRebalanceLosesNothingAndKeepsTheOrder() {
    // Given
    List<String> visits = IntStream.range(0, 6).mapToObj(visit -> "visit-" + visit).toList();
    List<List<String>> added = visits.stream().map(visit -> add(visit, 0, 20)).toList();
    rig.start();
    eventually(() -> assertThat(destination.calls()).isPositive());

    // When
    rig.rebalance();

    // Then
    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    for (int visit = 0; visit < visits.size(); visit++) {
      assertThat(new LinkedHashSet<>(destination.taken(visits.get(visit))))
          .containsExactlyElementsOf(added.get(visit));
    }
  }

  @Test
  void whatIsRefusedForGoodBecomesADeadLetterAndTheNextFollows() {
    // Given
    destination.answer("bad", new Answer.Refuses());
    List<String> bad = add("bad", 0, 1);
    rig.start();

    // When
    eventually(() -> assertThat(rig.deadLetters()).hasSize(1));
    destination.answer("bad", new Answer.Takes());
    List<String> next = add("bad", 1, 2);

    // Then
    eventually(() -> assertThat(destination.taken("bad")).isEqualTo(next));
    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    DeadLetter letter = rig.deadLetters().getFirst();
    assertThat(letter.getStage()).isEqualTo(LaneRig.SINK);
    assertThat(letter.getOriginal()).isNotNull();
    assertThat(letter.getSource()).isEqualTo("hq");
    assertThat(rig.deliveries())
        .filteredOn(delivery -> bad.getFirst().equals(delivery.getEventId()))
        .extracting(Delivery::getResult, Delivery::getAttempt, Delivery::getDestination)
        .containsExactly(tuple(DeliveryResult.REJECTED, 1, LaneRig.SINK));
    assertThat(letter.getReason()).isEqualTo(rig.deliveries().getFirst().getReason());
  }

  @Test
  void whatNobodyCanReadBecomesADeadLetter() {
    rig.addBroken("broken");
    List<String> next = add("broken", 0, 1);
    rig.start();

    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    assertThat(rig.deadLetters())
        .extracting(DeadLetter::getStage, DeadLetter::getReason)
        .containsExactly(tuple(LaneRig.SINK, "undecodable"));
    assertThat(destination.taken("broken")).isEqualTo(next);
  }

  @Test
  void aDestinationIsLeftAloneForAsLongAsItAsks() {
    // Given
    Duration after = Duration.ofSeconds(1);
    destination.answer(null, new Answer.IsBusy(after));
    List<String> ids = add("visit", 0, 1);
    rig.start();
    eventually(() -> assertThat(rig.deliveries()).isNotEmpty());

    // When
    destination.answer(null, new Answer.Takes());

    // Then
    eventually(() -> assertThat(destination.taken("visit")).isEqualTo(ids));
    eventually(() -> assertThat(rig.deliveries()).hasSize(2));
    Delivery busy = rig.deliveries().getFirst();
    Delivery done = rig.deliveries().getLast();
    assertThat(busy.getResult()).isEqualTo(DeliveryResult.RETRY);
    assertThat(done.getResult()).isEqualTo(DeliveryResult.DELIVERED);
    assertThat(done.getAttempt()).isEqualTo(2);
    assertThat(done.getStartedAt())
        .isAfterOrEqualTo(
            busy.getStartedAt()
                .plus(after)
                .plus(busy.getLatencyMicros(), ChronoUnit.MICROS)
                .minusMillis(1));
  }

  @Test
  void aFailingDestinationIsLeftAloneAndNothingIsParkedOrGivenUp() {
    // Given
    destination.answer(null, new Answer.Breaks());
    List<String> visits = IntStream.range(0, 40).mapToObj(visit -> "visit-" + visit).toList();
    List<List<String>> added = visits.stream().map(visit -> add(visit, 0, 3)).toList();

    // When
    rig.start();

    // Then
    eventually(() -> assertThat(rig.gauge("breaker")).isPositive());
    assertThat(rig.parked()).isEmpty();
    assertThat(rig.deadLetters()).isEmpty();
    destination.answer(null, new Answer.Takes());
    eventually(() -> assertThat(rig.isCommitted()).isTrue());
    for (int visit = 0; visit < visits.size(); visit++) {
      assertThat(destination.taken(visits.get(visit))).isEqualTo(added.get(visit));
    }
    eventually(() -> assertThat(rig.gauge("breaker")).isZero());
  }

  @Test
  void aStuckVisitIsParkedWithItsFollowersAndComesBackInOrder() {
    // Given
    rig = new LaneRig(destination.handler(), LaneRig.PARKING);
    destination.answer("stuck", new Answer.Breaks());
    List<String> stuck = add("stuck", 0, 3);
    rig.start();
    eventually(() -> assertThat(rig.parked()).hasSize(3));
    stuck.addAll(add("stuck", 3, 5));

    // When
    eventually(() -> assertThat(rig.isCommitted()).as("offsets move on").isTrue());
    rig.crash();
    eventually(() -> assertThat(rig.sessions()).isEqualTo(2));
    stuck.addAll(add("stuck", 5, 6));
    eventually(() -> assertThat(rig.parked()).hasSize(6));
    destination.answer("stuck", new Answer.Takes());

    // Then
    eventually(() -> assertThat(rig.parked()).isEmpty());
    assertThat(destination.taken("stuck")).isEqualTo(stuck);
    assertThat(rig.deadLetters()).isEmpty();
    eventually(() -> assertThat(rig.gauge("parked")).isZero());
  }

  @Test
  void aDestinationThatLocksUsOutWaitsForAPersonAndNothingIsGivenUp() {
    // Given
    destination.answer(null, new Answer.LocksOut());
    List<String> ids = add("visit", 0, 3);
    rig.start();

    // When
    eventually(() -> assertThat(rig.gauge("blocked")).isEqualTo(1));
    eventually(() -> assertThat(rig.alerts()).hasSize(1));
    assertThat(rig.alerts().getFirst().getKind()).isEqualTo("destination-blocked");
    assertThat(rig.deadLetters()).isEmpty();
    assertThat(rig.committed("visit")).isZero();
    destination.answer(null, new Answer.Takes());

    // Then
    eventually(() -> assertThat(destination.taken("visit")).isEqualTo(ids));
    eventually(() -> assertThat(rig.gauge("blocked")).isZero());
    eventually(() ->
        assertThat(rig.alerts())
            .extracting(Alert::getKind)
            .containsExactly("destination-blocked", "destination-back"));
    assertThat(rig.deliveries().getFirst().getResult()).isEqualTo(DeliveryResult.BLOCKED);
  }
}
