package dev.vestibule.standalone.receipts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Verdict;
import dev.vestibule.standalone.receipts.Facts.Copy;
import dev.vestibule.standalone.receipts.Facts.Dead;
import dev.vestibule.standalone.receipts.Facts.Outcome;
import dev.vestibule.standalone.receipts.Facts.Outcome.Duplicate;
import dev.vestibule.standalone.receipts.Facts.Outcome.Emitted;
import dev.vestibule.standalone.receipts.Facts.Progress;
import dev.vestibule.standalone.receipts.Facts.Raw;
import dev.vestibule.standalone.receipts.Trace.Delivery;
import dev.vestibule.standalone.receipts.Trace.Letter;
import dev.vestibule.standalone.receipts.Trace.Searched;
import dev.vestibule.standalone.receipts.Trace.State;
import dev.vestibule.standalone.receipts.Trace.Stuck;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class JudgementTest {
  private static final Instant STORED = Instant.parse("2026-03-01T08:00:00Z");
  private static final Place RAW = new Place("visitor.raw.envoy", 1, 40);
  private static final Place NORMALIZED = new Place("visitor.normalized", 2, 7);
  private static final Place EVENT = new Place("visitor.events", 2, 5);
  private static final Searched ALL = new Searched(10, true, null);
  private static final Searched CUT = new Searched(10, false, "no more time");

  @Test
  void whatTheNormalizerHasNotReadWaitsForIt() {
    Trace trace = Judgement.of(facts(normalizer(40, 43), List.of(), List.of(), ALL, ALL));

    assertThat(trace.state()).isEqualTo(State.WAITING);
    assertThat(trace.stuck())
        .isEqualTo(
            new Stuck(
                "normalizer",
                "visitor.raw.envoy-1@40",
                "2026-03-01T08:00:00Z",
                "group-normalizer",
                3,
                0,
                null));
  }

  @Test
  void aNormalizerThatCommitsTheNextOffsetHasReadTheRecord() {
    Trace trace = Judgement.of(facts(normalizer(41, 43), List.of(), List.of(), ALL, ALL));

    assertThat(trace.stuck()).isNull();
    assertThat(trace.state()).isEqualTo(State.IGNORED);
  }

  @Test
  void nothingFoundInASearchThatWasCutShortIsNotNothing() {
    Trace trace = Judgement.of(facts(normalizer(41, 43), List.of(), List.of(), CUT, ALL));

    assertThat(trace.state()).isEqualTo(State.UNCLEAR);
    assertThat(trace.searched()).isEqualTo(new Searched(20, false, "no more time"));
  }

  @Test
  void whatTheNormalizerGaveUpIsADeadLetter() {
    Trace trace =
        Judgement.of(
            facts(normalizer(41, 41), List.of(), List.of(letter("normalizer", RAW)), ALL, ALL));

    assertThat(trace.state()).isEqualTo(State.DEAD_LETTER);
    assertThat(trace.deadLetters()).extracting(Letter::reason).containsExactly("UNREADABLE_BODY");
    assertThat(trace.stuck()).isNull();
  }

  @Test
  void aNormalizedRecordThatTheDeduperHasNotPassedWaitsForIt() {
    Trace trace = Judgement.of(events(copy(NORMALIZED, deduper(7, 9), null)));

    assertThat(trace.state()).isEqualTo(State.WAITING);
    assertThat(stuck(trace).stage()).isEqualTo("deduper");
    assertThat(stuck(trace).waiting()).isEqualTo("visitor.normalized-2@7");
    assertThat(stuck(trace).lag()).isEqualTo(2);
    assertThat(trace.events().getFirst().verdict()).isNull();
  }

  @Test
  void whatTheDeduperPassedWithoutATraceIsAReplay() {
    Trace trace = Judgement.of(events(copy(NORMALIZED, deduper(8, 9), null)));

    assertThat(trace.events().getFirst().verdict()).isEqualTo("REPLAY");
    assertThat(trace.state()).isEqualTo(State.DONE);
  }

  @Test
  void aReplayIsNotConcludedFromASearchThatWasCutShort() {
    Facts facts =
        facts(
            normalizer(41, 41),
            List.of(copy(NORMALIZED, deduper(8, 9), null)),
            List.of(),
            ALL,
            CUT);

    Trace trace = Judgement.of(facts);

    assertThat(trace.events().getFirst().verdict()).isNull();
    assertThat(trace.state()).isEqualTo(State.UNCLEAR);
  }

  @Test
  void aVerdictStandsWhereverThePositionOfTheDeduperIs() {
    Emitted emitted = new Emitted(EVENT, Verdict.CONFLICT, List.of(sink("warehouse", 6, 6)));

    Trace trace = Judgement.of(events(copy(NORMALIZED, deduper(0, 9), emitted)));

    assertThat(trace.state()).isEqualTo(State.DONE);
    assertThat(trace.events().getFirst().verdict()).isEqualTo("CONFLICT");
    assertThat(trace.events().getFirst().position()).isEqualTo("visitor.events-2@5");
  }

  @Test
  void theFirstSinkThatHasNotPassedTheEventIsTheOneThatIsStuck() {
    Emitted emitted =
        new Emitted(
            EVENT,
            Verdict.NEW,
            List.of(sink("archive", 6, 9), sink("warehouse", 5, 9), sink("slack", 0, 9)));

    Trace trace = Judgement.of(events(copy(NORMALIZED, deduper(8, 8), emitted)));

    assertThat(stuck(trace).stage()).isEqualTo("warehouse");
    assertThat(stuck(trace).lag()).isEqualTo(4);
    assertThat(trace.events().getFirst().deliveries())
        .extracting(Delivery::delivered)
        .containsExactly(true, false, false);
  }

  @Test
  void anEarlierStageIsStuckBeforeALaterOne() {
    Emitted emitted = new Emitted(EVENT, Verdict.NEW, List.of(sink("warehouse", 5, 9)));
    Copy delivered = copy(NORMALIZED, deduper(8, 9), emitted);
    Copy unjudged = copy(new Place("visitor.normalized", 2, 8), deduper(8, 9), null);

    Trace trace = Judgement.of(events(delivered, unjudged));

    assertThat(stuck(trace).stage()).isEqualTo("deduper");
  }

  @Test
  void aDuplicateNamesTheFirst() {
    Duplicate duplicate =
        new Duplicate(
            new Place("visitor.duplicates", 0, 3),
            new Place("visitor.normalized", 2, 1),
            "visitor.raw.envoy-1@2");

    Trace trace = Judgement.of(events(copy(NORMALIZED, deduper(8, 8), duplicate)));

    assertThat(trace.state()).isEqualTo(State.DONE);
    assertThat(trace.events().getFirst().verdict()).isEqualTo("DUPLICATE");
    assertThat(trace.events().getFirst().position()).isEqualTo("visitor.duplicates-0@3");
    assertThat(trace.events().getFirst().first())
        .isEqualTo(new Trace.First("visitor.normalized-2@1", "visitor.raw.envoy-1@2"));
  }

  @Test
  void theRepetitionOfARestartIsNotWaitedFor() {
    Emitted emitted = new Emitted(EVENT, Verdict.NEW, List.of());
    Copy repetition =
        new Copy(
            new Place("visitor.normalized", 2, 8),
            "event",
            "SIGNED_IN",
            true,
            deduper(8, 9),
            null,
            List.of());

    Trace trace = Judgement.of(events(copy(NORMALIZED, deduper(8, 9), emitted), repetition));

    assertThat(trace.state()).isEqualTo(State.DONE);
    assertThat(trace.stuck()).isNull();
  }

  @Test
  void whatTheDeduperGaveUpIsNeitherWaitingNorAReplay() {
    Facts facts =
        facts(
            normalizer(41, 41),
            List.of(copy(NORMALIZED, deduper(8, 8), null)),
            List.of(letter("deduper", NORMALIZED)),
            ALL,
            ALL);

    Trace trace = Judgement.of(facts);

    assertThat(trace.state()).isEqualTo(State.DEAD_LETTER);
    assertThat(trace.events().getFirst().verdict()).isNull();
  }

  @Test
  void aStageThatWasToldToStandStillSaysWhatGrows() {
    Progress paused =
        new Progress("normalizer", "group-normalizer", 40, 41, 0, "visitor.normalized");

    Trace trace = Judgement.of(facts(paused, List.of(), List.of(), ALL, ALL));

    assertThat(stuck(trace).pausedFor()).isEqualTo("visitor.normalized");
    assertThat(Timeline.sentence(List.of(trace))).contains("stands still while visitor.normalized");
  }

  @Test
  void theSentenceSaysWhoIsBehindAndWhatToDo() {
    Trace trace = Judgement.of(facts(normalizer(40, 43), List.of(), List.of(), ALL, ALL));

    assertThat(Timeline.sentence(List.of(trace)))
        .isEqualTo(
            "It waits for normalizer, no longer than since 2026-03-01T08:00:00Z; group"
                + " group-normalizer is 3 records behind. No process of it is running: start it.");
  }

  private static Facts events(Copy... copies) {
    return facts(normalizer(41, 41), List.of(copies), List.of(), ALL, ALL);
  }

  private static Facts facts(
      Progress normalizer,
      List<Copy> copies,
      List<Dead> letters,
      Searched normalized,
      Searched judged) {
    return new Facts(
        new Raw(RAW, STORED, Map.of()), normalizer, copies, letters, normalized, judged);
  }

  private static Copy copy(Place place, Progress deduper, @Nullable Outcome outcome) {
    return new Copy(place, "event", "SIGNED_IN", false, deduper, outcome, List.of());
  }

  private static Progress normalizer(long position, long end) {
    return new Progress("normalizer", "group-normalizer", position, end, 0, null);
  }

  private static Progress deduper(long position, long end) {
    return new Progress("deduper", "group-deduper", position, end, 1, null);
  }

  private static Progress sink(String name, long position, long end) {
    return new Progress(name, "group-" + name, position, end, 1, null);
  }

  private static Dead letter(String stage, Place origin) {
    return new Dead(
        new Letter(
            stage, "UNREADABLE_BODY", null, null, STORED.toString(), "visitor.dead-letters-0@1"),
        origin);
  }

  private static Stuck stuck(Trace trace) {
    return Objects.requireNonNull(trace.stuck(), "stuck");
  }
}
