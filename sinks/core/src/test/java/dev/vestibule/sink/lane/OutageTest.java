package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.vestibule.sink.lane.Outage.Kind;
import dev.vestibule.sink.lane.Outage.Notice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OutageTest {
  private static final Instant NINE = Instant.parse("2026-03-02T09:00:00Z");
  private static final Source P0 = new Source("visitor.events", 0);
  private static final Outcome DONE = new Outcome.Done("ok");
  private static final Outcome BROKEN = new Outcome.Retry(null, "http_500");
  private static final Outcome LOCKED_OUT = new Outcome.Blocked("http_401");

  private Instant now = NINE;
  private final Outage outage = new Outage();
  private Lanes<String> lanes = session(30);

  /** A new one, that has read so many records of as many visits. */
  private Lanes<String> session(int records) {
    Lanes<String> fresh = new Lanes<>("door", LaneSettings.DEFAULTS, () -> now, new Random(1));
    fresh.assign(P0, 0);
    for (int offset = 0; offset < records; offset++) {
      fresh.offer(new Item<>(P0, offset, "visit-" + offset, 100, false, "event-" + offset));
    }
    return fresh;
  }

  /** The destination says the same for some time; returns what people are told meanwhile. */
  private List<Notice> during(Duration time, Outcome outcome) {
    List<Notice> told = new ArrayList<>();
    Instant end = now.plus(time);
    while (now.isBefore(end)) {
      now = now.plusSeconds(1);
      lanes.start().forEach(task -> lanes.complete(task, outcome));
      outage.look(lanes, now);
      for (Notice due = outage.due(); due != null; due = outage.due()) {
        told.add(due);
        outage.told(due);
      }
    }
    return told;
  }

  @Test
  void whoIsLockedOutIsToldOnceAndOnceWhenItIsOver() {
    assertThat(during(Duration.ofHours(2), LOCKED_OUT))
        .containsExactly(
            new Notice(Kind.BLOCKED, NINE.plusSeconds(1), NINE.plusSeconds(1), "http_401"));

    assertThat(during(Duration.ofHours(1), DONE))
        .extracting(Notice::kind, Notice::since, Notice::reason)
        .containsExactly(tuple(Kind.BACK, NINE.plusSeconds(1), "http_401"));
    assertThat(lanes.inFlight()).isZero();
  }

  @Test
  void aDestinationThatFailsIsToldAfterTenMinutesOnce() {
    assertThat(during(LaneSettings.FAILING_LONG.minusSeconds(5), BROKEN)).isEmpty();

    assertThat(during(Duration.ofHours(2), BROKEN))
        .extracting(Notice::kind, Notice::reason)
        .containsExactly(tuple(Kind.FAILING, "http_500"));
    assertThat(during(Duration.ofHours(1), DONE))
        .extracting(Notice::kind)
        .containsExactly(Kind.BACK);
  }

  @Test
  void oneThatFailsForMinutesIsNotWorthAWord() {
    assertThat(during(Duration.ofMinutes(5), BROKEN)).isEmpty();
    assertThat(during(Duration.ofHours(1), DONE)).isEmpty();
    lanes = session(30);
    assertThat(during(Duration.ofMinutes(9), BROKEN)).as("counted anew").isEmpty();
  }

  @Test
  void aNewSessionNeitherTellsItAgainNorThatItIsOver() {
    during(Duration.ofMinutes(1), LOCKED_OUT);

    lanes = session(30);
    outage.look(lanes, now);
    assertThat(outage.due()).isNull();
    assertThat(during(Duration.ofMinutes(10), LOCKED_OUT)).isEmpty();
    assertThat(during(Duration.ofHours(1), DONE))
        .extracting(Notice::kind)
        .containsExactly(Kind.BACK);
  }

  @Test
  void oneEventThatIsTakenIsEnoughWhereNoMoreWait() {
    lanes = session(1);
    during(Duration.ofMinutes(5), LOCKED_OUT);

    assertThat(during(Duration.ofMinutes(20), DONE))
        .extracting(Notice::kind)
        .containsExactly(Kind.BACK);
  }

  @Test
  void anOpenBreakerForWhichNothingWaitsIsNotWorthAWord() {
    assertThat(during(Duration.ofMinutes(10), new Outcome.Reject("http_400"))).isEmpty();
    assertThat(lanes.inFlight()).isZero();
    assertThat(during(Duration.ofHours(2), DONE)).isEmpty();
  }

  @Test
  void itIsToldAgainUntilItIsWritten() {
    lanes.start().forEach(task -> lanes.complete(task, LOCKED_OUT));
    outage.look(lanes, now);
    Notice due = outage.due();

    now = now.plusSeconds(1);
    outage.look(lanes, now);

    assertThat(due).isNotNull();
    assertThat(outage.due()).isSameAs(due);
  }
}
