package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.lane.Lanes.Flush;
import dev.vestibule.sink.lane.Lanes.Task;
import dev.vestibule.sink.lane.Output.Attempted;
import dev.vestibule.sink.lane.Output.Parked;
import dev.vestibule.sink.lane.Output.Unparked;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LanesTest {
  private static final Source P0 = new Source("visitor.events", 0);
  private static final Outcome DONE = new Outcome.Done("ok");
  private static final Outcome BROKEN = new Outcome.Retry(null, "http_500");

  private Instant now = Instant.parse("2026-03-02T09:00:00Z");
  private final Lanes<String> lanes = lanes(LaneSettings.DEFAULTS);
  private long next;

  private Lanes<String> lanes(LaneSettings settings) {
    Lanes<String> fresh = new Lanes<>("door", settings, () -> now, new Random(1));
    fresh.assign(P0, 0);
    return fresh;
  }

  private static LaneSettings parkingAtMost(int records, long bytes) {
    return new LaneSettings(
        10,
        1 << 20,
        8,
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1),
        Duration.ofMinutes(2),
        Duration.ofMinutes(5),
        records,
        bytes,
        Duration.ofSeconds(5),
        Duration.ofMinutes(1),
        Duration.ofMinutes(1));
  }

  private void offer(Lanes<String> to, String key, boolean urgent) {
    to.offer(new Item<>(P0, next, key, 100, urgent, key + next));
    next++;
  }

  private void offer(String key) {
    offer(lanes, key, false);
  }

  private Task<String> only(Lanes<String> of) {
    List<Task<String>> tasks = of.start();
    assertThat(tasks).hasSize(1);
    return tasks.getFirst();
  }

  /** Answers whatever begins until nothing more does. */
  private static List<String> answerAll(Lanes<String> of, Outcome outcome) {
    List<String> done = new ArrayList<>();
    List<Task<String>> tasks = of.start();
    while (!tasks.isEmpty()) {
      tasks.forEach(task -> {
        done.add(task.item().payload());
        of.complete(task, outcome);
      });
      tasks = of.start();
    }
    return done;
  }

  private @Nullable Long position(Flush<String> flush) {
    return flush.offsets().get(P0);
  }

  @Test
  void offsetsStayBehindTheLowestUnfinished() {
    offer("a");
    offer("b");
    offer("c");
    List<Task<String>> tasks = lanes.start();
    assertThat(tasks).hasSize(3);

    lanes.complete(tasks.get(1), DONE);
    lanes.complete(tasks.get(2), DONE);
    assertThat(position(lanes.flush())).isNull();
    lanes.complete(tasks.get(0), DONE);
    lanes.read(P0, 7);
    assertThat(position(lanes.flush())).as("with what lies behind and is no record").isEqualTo(7);
    assertThat(lanes.flush().isEmpty()).isTrue();
  }

  @Test
  void retryAfterIsALeastWaitWithinReason() {
    // Given
    offer("a");
    lanes.complete(only(lanes), new Outcome.Retry(Duration.ofSeconds(40), "http_429"));

    // When, then
    now = now.plusSeconds(39);
    assertThat(lanes.start()).isEmpty();
    now = now.plusSeconds(2);
    lanes.complete(only(lanes), new Outcome.Retry(Duration.ofDays(365), "http_429"));
    now = now.plus(LaneSettings.DEFAULTS.longestRetryAfter()).minusSeconds(1);
    assertThat(lanes.start()).isEmpty();
    now = now.plusSeconds(2);
    assertThat(only(lanes).attempt()).isEqualTo(3);
  }

  @Test
  void theBackOffDoublesWithFullJitterUpToItsEnd() {
    offer("a");
    Duration ceiling = LaneSettings.DEFAULTS.firstBackoff();
    List<Duration> waits = new ArrayList<>();
    for (int attempt = 1; attempt <= 8; attempt++) {
      List<Task<String>> tasks = lanes.start();
      while (tasks.isEmpty()) {
        now = now.plusMillis(1);
        tasks = lanes.start();
      }
      lanes.complete(tasks.getFirst(), BROKEN);
      Attempted<String> attempted = (Attempted<String>) lanes.flush().outputs().getFirst();
      Duration wait = Duration.between(now, Objects.requireNonNull(attempted.retryAt()));
      assertThat(wait).isBetween(Duration.ZERO, ceiling);
      waits.add(wait);
      Duration doubled = ceiling.multipliedBy(2);
      Duration longest = LaneSettings.DEFAULTS.longestBackoff();
      ceiling = doubled.compareTo(longest) < 0 ? doubled : longest;
    }
    assertThat(waits).as("jitter").doesNotHaveDuplicates();
    assertThat(waits.getLast()).isGreaterThan(LaneSettings.DEFAULTS.firstBackoff());
  }

  @Test
  void anUrgentRecordEndsTheWaitOfTheOneBeforeItAndIsSeen() {
    // Given
    offer("a");
    lanes.complete(only(lanes), new Outcome.Retry(Duration.ofMinutes(10), "http_429"));
    assertThat(lanes.start()).isEmpty();

    // When
    offer(lanes, "a", true);

    // Then
    Task<String> again = only(lanes);
    assertThat(again.attempt()).isEqualTo(2);
    assertThat(again.urgentFollowers()).containsExactly("a1");
    lanes.complete(again, new Outcome.Skip("superseded"));
    assertThat(only(lanes).item().payload()).isEqualTo("a1");
  }

  @Test
  void anUrgentRecordThatComesDuringAnAttemptEndsTheWaitAfterIt() {
    offer("a");
    Task<String> first = only(lanes);
    offer(lanes, "a", true);

    lanes.complete(first, BROKEN);

    assertThat(only(lanes).urgentFollowers()).containsExactly("a1");
  }

  @Test
  void aVisitThatIsStuckForTwoMinutesIsParkedInOrderAndComesBackInOrder() {
    // Given
    offer("a");
    offer("a");
    Instant since = now;
    while (Duration.between(since, now).compareTo(Duration.ofMinutes(2)) < 0) {
      assertThat(lanes.parked()).isZero();
      now = now.plusSeconds(5);
      answerAll(lanes, BROKEN);
    }
    while (lanes.parked() == 0) {
      now = now.plusSeconds(5);
      answerAll(lanes, BROKEN);
    }
    Flush<String> flush = lanes.flush();
    assertThat(flush.outputs())
        .filteredOn(Parked.class::isInstance)
        .extracting(output -> ((Parked<String>) output).item().payload())
        .containsExactly("a0", "a1");
    assertThat(position(flush)).isEqualTo(2);

    // When a follower comes while it still fails
    offer("a");
    assertThat(position(lanes.flush())).as("parked at once").isEqualTo(3);
    assertThat(lanes.inFlight()).isZero();
    now = now.plus(LaneSettings.DEFAULTS.parkedBackoff());

    // Then
    assertThat(answerAll(lanes, DONE)).containsExactly("a0", "a1", "a2");
    assertThat(lanes.flush().outputs())
        .filteredOn(Unparked.class::isInstance)
        .extracting(output -> ((Unparked<String>) output).sequence())
        .containsExactly(0L, 1L, 2L);
    assertThat(lanes.parked()).isZero();
  }

  @Test
  void aFullPartitionParksWhatFailsSoThatTheRestGoesOn() {
    // Given
    offer("stuck");
    for (int attempt = 0; attempt < LaneSettings.COUNTED_FAILURES; attempt++) {
      now = now.plusSeconds(30);
      answerAll(lanes, BROKEN);
    }
    assertThat(lanes.parked()).isZero();

    // When
    for (int record = 0; record < LaneSettings.DEFAULTS.records(); record++) {
      offer("stuck");
    }

    // Then
    assertThat(lanes.parked()).isGreaterThanOrEqualTo(LaneSettings.DEFAULTS.records() - 1);
    offer("fine");
    assertThat(lanes.hasRoom(P0)).isTrue();
    assertThat(only(lanes).item().key()).isEqualTo("fine");
  }

  @Test
  void aFailingDestinationPausesEverybodyAndNobodyIsParked() {
    // Given
    for (int visit = 0; visit < 30; visit++) {
      offer("visit-" + visit);
    }
    answerAll(lanes, BROKEN);
    assertThat(lanes.breaker()).isEqualTo(State.OPEN);
    assertThat(lanes.hasRoom(P0)).isFalse();

    // When it stays away for an hour
    Instant since = now;
    int calls = 0;
    while (now.isBefore(since.plus(Duration.ofHours(1)))) {
      now = now.plusSeconds(5);
      calls += answerAll(lanes, BROKEN).size();
    }

    // Then
    assertThat(lanes.parked()).isZero();
    assertThat(calls).isBetween(60, 400);
    for (int minute = 0; minute < 5; minute++) {
      now = now.plus(Duration.ofMinutes(1));
      answerAll(lanes, DONE);
    }
    assertThat(lanes.inFlight()).isZero();
    assertThat(lanes.breaker()).isEqualTo(State.CLOSED);
    assertThat(lanes.hasRoom(P0)).isTrue();
    assertThat(position(lanes.flush())).isEqualTo(30);
  }

  @Test
  void oneFailingVisitAloneLeavesTheBreakerClosedAndIsParked() {
    offer("a");

    for (int minute = 0; minute < 10; minute++) {
      now = now.plus(Duration.ofMinutes(1));
      answerAll(lanes, BROKEN);
    }

    assertThat(lanes.breaker()).isEqualTo(State.CLOSED);
    assertThat(lanes.parked()).isEqualTo(1);
  }

  @Test
  void whatWasSkippedSaysNothingOfTheDestination() {
    for (int i = 0; i < 200; i++) {
      offer("visit-" + i);
    }

    int asked = 0;
    for (Task<String> task : lanes.start()) {
      lanes.complete(task, asked++ % 4 == 0 ? BROKEN : new Outcome.Skip("nothing"));
    }

    assertThat(lanes.breaker()).isEqualTo(State.OPEN);
  }

  @Test
  void whoIsLockedOutTriesNowAndThenAndGivesNothingUp() {
    // Given
    offer("a");
    offer("b");
    answerAll(lanes, new Outcome.Blocked("http_401"));
    assertThat(lanes.blocked()).isEqualTo("http_401");
    assertThat(lanes.hasRoom(P0)).isFalse();

    // When
    int calls = 0;
    for (int second = 0; second < 600; second++) {
      now = now.plusSeconds(1);
      calls += answerAll(lanes, new Outcome.Blocked("http_401")).size();
    }

    // Then
    assertThat(calls).isBetween(8, 30);
    assertThat(position(lanes.flush())).isNull();
    now = now.plus(LaneSettings.DEFAULTS.blockedWait());
    assertThat(answerAll(lanes, DONE)).containsExactlyInAnyOrder("a0", "b1");
    assertThat(lanes.blocked()).isNull();
  }

  /** Dead letters can open the breaker, and then nothing is left that could try. */
  @Test
  void anOpenBreakerWithNothingInFlightLetsRecordsInAgain() {
    for (int visit = 0; visit < 20; visit++) {
      offer("visit-" + visit);
    }
    answerAll(lanes, new Outcome.Reject("http_400"));
    assertThat(lanes.breaker()).isEqualTo(State.OPEN);
    now = now.plus(LaneSettings.DEFAULTS.longestBreakerWait());
    answerAll(lanes, new Outcome.Reject("http_400"));
    for (int minute = 0; minute < 5 && !lanes.hasRoom(P0); minute++) {
      now = now.plus(Duration.ofMinutes(1));
      assertThat(answerAll(lanes, DONE)).isNotNull();
    }

    assertThat(lanes.hasRoom(P0)).isTrue();
  }

  @Test
  void aPartitionThatIsTakenAwayIsNeitherCommittedNorTriedAgain() {
    // Given
    Source other = new Source("visitor.events", 1);
    lanes.assign(other, 5);
    lanes.offer(new Item<>(other, 5, "a", 1, false, "other"));
    offer("a");
    Task<String> running = only(lanes);

    // When
    lanes.revoke(List.of(other));
    assertThat(lanes.start()).as("one at a time, also for what was taken away").isEmpty();
    lanes.complete(running, DONE);

    // Then
    Flush<String> flush = lanes.flush();
    assertThat(flush.offsets()).doesNotContainKey(other);
    assertThat(flush.outputs()).as("it happened all the same").hasSize(1);
    assertThat(only(lanes).item().payload()).isEqualTo("a0");
  }

  @Test
  void whereNothingMoreCanBeParkedVisitsWaitInPlace() {
    Lanes<String> small = lanes(parkingAtMost(2, 1 << 20));
    for (int record = 0; record < 4; record++) {
      offer(small, "a", false);
    }
    for (int minute = 0; minute < 10; minute++) {
      now = now.plus(Duration.ofMinutes(1));
      answerAll(small, BROKEN);
    }

    assertThat(small.parked()).isEqualTo(2);
    assertThat(small.inFlight()).isEqualTo(2);
    assertThat(position(small.flush())).isEqualTo(2);
    now = now.plus(Duration.ofMinutes(5));
    assertThat(answerAll(small, DONE)).containsExactly("a0", "a1", "a2", "a3");
  }

  /** A small record would still fit, but parked records must be the first ones of their visit. */
  @Test
  void nothingIsParkedBehindARecordForWhichThereIsNoRoom() {
    // Given
    Lanes<String> small = lanes(parkingAtMost(10, 150));
    for (int bytes : new int[] {100, 100, 10}) {
      small.offer(new Item<>(P0, next, "a", bytes, false, "a" + next));
      next++;
    }

    // When
    answerAll(small, BROKEN);
    now = now.plusSeconds(3);
    answerAll(small, BROKEN);
    now = now.plus(Duration.ofMinutes(2));
    answerAll(small, BROKEN);

    // Then
    Flush<String> flush = small.flush();
    assertThat(flush.outputs())
        .filteredOn(Parked.class::isInstance)
        .extracting(output -> ((Parked<String>) output).item().payload())
        .containsExactly("a0");
    assertThat(position(flush)).isEqualTo(1);
    now = now.plus(Duration.ofMinutes(5));
    assertThat(answerAll(small, DONE)).containsExactly("a0", "a1", "a2");
    assertThat(position(small.flush())).isEqualTo(3);
  }
}
