package dev.vestibule.deduper.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Verdict;
import dev.vestibule.deduper.verdict.Candidate.Snapshot;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The verdict at its exact edges. */
class JudgeTest {
  private static final long MIDNIGHT = 1_800_057_600_000L;
  private static final Hash DELIVERY = new Hash(1, 1);
  private static final Hash FACT = new Hash(2, 2);
  private static final Hash IDENTITY = new Hash(3, 3);
  private static final Hash OBJECT = new Hash(4, 4);

  private final BucketMemory memory = new BucketMemory();
  private Coverage coverage = new Coverage(Coverage.ALWAYS, 0);
  private int requests;

  @ParameterizedTest
  @CsvSource({
    "DAY, -1, DUPLICATE",
    "DAY, 0, DUPLICATE",
    "DAY, 1, NEW",
    "WEEK, -1, DUPLICATE",
    "WEEK, 0, DUPLICATE",
    "WEEK, 1, NEW"
  })
  void copyCountsUpToExactlyTheWindow(DedupeWindow window, long beyond, Verdict expected) {
    // Given: the first copy anywhere in its bucket
    for (long within : new long[] {0, 1, window.bucket().toMillis() - 1}) {
      long first = MIDNIGHT + within;
      judge(0, fact(first, window));

      // When
      Verdict verdict =
          judge(1, fact(first + window.length().toMillis() + beyond, window)).verdict();

      // Then
      assertThat(verdict).as("first copy %d ms into its bucket", within).isEqualTo(expected);
      forget();
    }
  }

  @ParameterizedTest
  @EnumSource(DedupeWindow.class)
  void copyThatArrivedEarlierButComesLaterCountsAsWell(DedupeWindow window) {
    // Given
    long first = MIDNIGHT + window.bucket().toMillis();
    judge(0, fact(first, window));

    // When: the last instant of the bucket before, and two buckets before
    Verdict bucketBefore = judge(1, fact(first - 1, window)).verdict();
    Verdict twoBefore = judge(2, fact(first - window.bucket().toMillis() - 1, window)).verdict();

    // Then
    assertThat(bucketBefore).isEqualTo(Verdict.DUPLICATE);
    assertThat(twoBefore).isEqualTo(Verdict.DUPLICATE);
  }

  @ParameterizedTest
  @CsvSource({"DAY, 0, NEW", "DAY, 1, UNVERIFIED", "WEEK, 0, NEW", "WEEK, 1, UNVERIFIED"})
  void windowThatReachesIntoTheExpiredIsUnverified(
      DedupeWindow window, long bucketsTooFar, Verdict expected) {
    // Given: time has moved on by all that is kept beyond the window, or one bucket more
    Duration slack = window.retention().minus(window.length()).minus(window.bucket());
    long latest = MIDNIGHT + slack.plus(window.bucket().multipliedBy(bucketsTooFar)).toMillis();
    judge(0, fact(latest, window, new Hash(9, 9)));

    // When
    Verdict verdict = judge(1, factOnly(MIDNIGHT, window)).verdict();

    // Then
    assertThat(verdict).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"-1, UNVERIFIED", "0, NEW"})
  void emptyMemoryIsUnverifiedForTheTimeBeforeItKnewAnything(long beyond, Verdict expected) {
    // Given
    coverage = Coverage.startingAt(5_000, MIDNIGHT);

    // When
    long day = DedupeWindow.DAY.length().toMillis();
    Verdict verdict = judge(5_001, fact(MIDNIGHT + day + beyond, DedupeWindow.DAY)).verdict();

    // Then
    assertThat(verdict).isEqualTo(expected);
  }

  @Test
  void emptyMemoryThatStartsWithThePartitionIsComplete() {
    // Given
    coverage = Coverage.startingAt(0, MIDNIGHT);

    // When
    Verdict verdict = judge(0, fact(MIDNIGHT, DedupeWindow.DAY)).verdict();

    // Then
    assertThat(verdict).isEqualTo(Verdict.NEW);
  }

  @Test
  void revisionAppliesAfterCrashEvenWhenItsTraceIsAlreadyThere() {
    // Given: the first attempt at offset 1 was aborted, but its writes stayed
    judge(0, revised(MIDNIGHT, 1));
    Judgement attempt = judge(1, revised(MIDNIGHT, 2));

    // When
    requests--;
    Judgement again = judge(1, revised(MIDNIGHT, 2));

    // Then
    assertThat(attempt.verdict()).isEqualTo(Verdict.REVISION);
    assertThat(again).isEqualTo(attempt);
  }

  @Test
  void deliveryRetriedWithAnEarlierContentOfItsFactIsADuplicate() {
    // Given
    Candidate webhook = candidate(MIDNIGHT, DELIVERY, FACT, null, 1, DedupeWindow.DAY);
    judge(0, webhook);
    judge(1, candidate(MIDNIGHT, new Hash(8, 8), FACT, null, 2, DedupeWindow.DAY));

    // When
    Verdict verdict =
        judge(2, candidate(MIDNIGHT, new Hash(8, 8), FACT, null, 1, DedupeWindow.DAY)).verdict();

    // Then
    assertThat(verdict).isEqualTo(Verdict.DUPLICATE);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 60_000})
  void retriedConflictIsADuplicateOfTheConflict(long delay) {
    // Given
    judge(0, candidate(MIDNIGHT, DELIVERY, FACT, null, 1, DedupeWindow.DAY));
    judge(1, other(MIDNIGHT));

    // When
    Judgement retried = judge(2, other(MIDNIGHT + delay));

    // Then
    assertThat(retried.verdict()).isEqualTo(Verdict.DUPLICATE);
    assertThat(retried.evidence()).isNotNull().extracting("offset").isEqualTo(1L);
  }

  @Test
  void snapshotThatComesBackIsNewAndTheSameTwiceIsNot() {
    // When
    Verdict a = judge(0, snapshot(1)).verdict();
    Verdict b = judge(1, snapshot(2)).verdict();
    Verdict backToA = judge(2, snapshot(1)).verdict();
    Verdict aAgain = judge(3, snapshot(1)).verdict();

    // Then
    assertThat(new Verdict[] {a, b, backToA, aAgain})
        .containsExactly(Verdict.NEW, Verdict.NEW, Verdict.NEW, Verdict.DUPLICATE);
  }

  @Test
  void snapshotThatWouldUndoADepartureIsLateAndChangesNothing() {
    // Given
    judge(0, snapshot(1, TerminalFact.ARRIVED));
    judge(1, snapshot(2, TerminalFact.ARRIVED, TerminalFact.LEFT));

    // When
    Judgement undoing = judge(2, snapshot(1, TerminalFact.ARRIVED));
    Judgement current = judge(3, snapshot(2, TerminalFact.ARRIVED, TerminalFact.LEFT));

    // Then
    assertThat(undoing.verdict()).isEqualTo(Verdict.NEW);
    assertThat(undoing.late()).isTrue();
    assertThat(current.verdict()).isEqualTo(Verdict.DUPLICATE);
  }

  private Candidate fact(long arrival, DedupeWindow window) {
    return fact(arrival, window, FACT);
  }

  private Candidate fact(long arrival, DedupeWindow window, Hash fact) {
    return candidate(arrival, null, fact, null, 1, window);
  }

  /** Both windows the same, so that only this one can be short. */
  private Candidate factOnly(long arrival, DedupeWindow window) {
    Candidate c = fact(arrival, window);
    return new Candidate(
        0, arrival, 1, c.transport(), null, FACT, null, IDENTITY, 1, window, window);
  }

  private Candidate revised(long arrival, long revision) {
    return candidate(arrival, null, FACT, null, revision, DedupeWindow.DAY);
  }

  private Candidate other(long arrival) {
    Candidate c = candidate(arrival, DELIVERY, new Hash(7, 7), null, 1, DedupeWindow.DAY);
    return new Candidate(
        0,
        arrival,
        1,
        c.transport(),
        DELIVERY,
        new Hash(7, 7),
        null,
        new Hash(6, 6),
        1,
        DedupeWindow.DAY,
        DedupeWindow.DAY);
  }

  private Candidate snapshot(int content, TerminalFact... facts) {
    Set<TerminalFact> set = EnumSet.noneOf(TerminalFact.class);
    set.addAll(Set.of(facts));
    return candidate(
        MIDNIGHT,
        null,
        null,
        new Snapshot(OBJECT, new Hash(content, 0), set),
        content,
        DedupeWindow.WEEK);
  }

  private Candidate candidate(
      long arrival,
      @Nullable Hash delivery,
      @Nullable Hash fact,
      @Nullable Snapshot snapshot,
      long revision,
      DedupeWindow window) {
    return new Candidate(
        0,
        arrival,
        1,
        new Hash(5, requests++),
        delivery,
        fact,
        snapshot,
        IDENTITY,
        revision,
        DedupeWindow.DAY,
        window);
  }

  private Judgement judge(long offset, Candidate c) {
    Candidate record =
        new Candidate(
            offset,
            c.arrival(),
            c.scheme(),
            c.transport(),
            c.delivery(),
            c.fact(),
            c.snapshot(),
            c.identity(),
            c.revision(),
            c.deliveryWindow(),
            c.factWindow());
    coverage = coverage.seen(record.arrival());
    Judgement judgement = Judge.judge(coverage, memory, record);
    memory.apply(judgement.writes());
    return judgement;
  }

  private void forget() {
    coverage = new Coverage(Coverage.ALWAYS, 0);
    memory.clear();
  }
}
