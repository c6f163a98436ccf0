package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.card;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Desire.Closed;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class CardMachineTest {
  private VisitAccess state = VisitAccess.NONE;
  private final List<String> calls = new ArrayList<>();
  private final List<Report> reports = new ArrayList<>();
  private @Nullable Reply assignment;

  private Ruling take(Fact fact, int minute) {
    return take(MACHINE, fact, minute);
  }

  private Ruling take(AccessMachine machine, Fact fact, int minute) {
    Step step = machine.take(state, fact, at(minute));
    state = step.state();
    reports.addAll(step.reports());
    return step.card() == null ? step.ruling() : step.card();
  }

  private void drive(int minute, boolean locked) {
    for (int i = 0; i < 20; i++) {
      state = MACHINE.tick(state, at(minute), reports);
      Move move = MACHINE.next(state, Facts.KEYS.of(Facts.VISIT), locked, at(minute));
      state = MACHINE.intending(state, move);
      Reply reply = new Reply.Done();
      switch (move) {
        case Move.Rest _ -> {
          return;
        }
        case Move.Give _ -> calls.add("give");
        case Move.Take _ -> calls.add("take");
        case Move.Look _ -> {
          calls.add("look");
          reply = new Reply.Found(Optional.empty());
        }
        case Move.Forget _ -> calls.add("forget");
        case Move.Assign assign -> {
          calls.add("assign " + name(assign.fingerprint()));
          reply = assignment == null ? new Reply.Assigned(assign.fingerprint()) : assignment;
          assignment = null;
        }
        case Move.Return back -> calls.add("return " + name(back.fingerprint()));
      }
      state = MACHINE.answered(state, move, reply, at(minute), reports);
    }
    throw new AssertionError("does not come to rest: " + calls);
  }

  private void drive(int minute) {
    drive(minute, false);
  }

  private static String name(String fingerprint) {
    for (String number : List.of("A", "B")) {
      if (Facts.credential(null, "", number).getFingerprint().equals(fingerprint)) {
        return number;
      }
    }
    throw new AssertionError("unknown card");
  }

  private static Fact.Reported assigned(String id, String number, int minute) {
    return fact(card(id, "c", "assigned", number, minute));
  }

  private static Fact.Reported returned(String id, int minute) {
    return fact(card(id, "c", "returned", "A", minute));
  }

  private void openWithCard() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(assigned("card", "A", 0), 1);
    drive(1);
    assertThat(calls).containsExactly("give", "assign A");
    calls.clear();
  }

  @Test
  void cardIsAssignedOnlyWhileTheVisitIsOpen() {
    assertThat(take(assigned("card", "A", 0), 1)).isEqualTo(Ruling.ASSIGNS);
    drive(1);
    assertThat(calls).isEmpty();

    take(fact("in", EventType.SIGNED_IN, 0), 2);
    drive(2);
    assertThat(calls).containsExactly("give", "assign A");
  }

  @ParameterizedTest
  @CsvSource({
    ", webhook, webhook, false, NO_VERDICT",
    "CONFLICT, webhook, webhook, false, CONFLICT",
    "UNVERIFIED, webhook, webhook, false, UNVERIFIED",
    "DUPLICATE, webhook, webhook, false, KNOWN",
    "NEW, webhook, webhook, true, LATE",
    "NEW, replay, webhook, false, NOT_LIVE",
    "NEW, webhook, replay, false, NOT_LIVE",
    "NEW, backfill, backfill, false, NOT_LIVE",
    "NEW, webhook, , false, NOT_LIVE",
    "REVISION, websocket, websocket, false, ASSIGNS"
  })
  void onlyWhatIsInOrderAssigns(
      @Nullable Verdict verdict,
      String eventPath,
      @Nullable String path,
      boolean late,
      Ruling expected) {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    VisitorEvent event = card("card", "c", "assigned", "A", 0);
    event.setPath(eventPath);

    assertThat(take(new Fact.Reported(event, verdict, late, path), 1)).isEqualTo(expected);
    drive(1);
    assertThat(calls.contains("assign A")).isEqualTo(expected == Ruling.ASSIGNS);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"returned", "removed", "lost", "blocked"})
  void whateverIsNoAssignmentTakesBackHoweverItComesIn(@Nullable String word) {
    openWithCard();
    VisitorEvent event = card("back", "c", "x", "A", -60);
    event.getCredential().setState(word);
    event.getCredential().setKind(null);
    event.setPath("backfill");

    assertThat(take(new Fact.Reported(event, null, true, "replay"), 90)).isEqualTo(Ruling.RETURNS);
    drive(90);
    assertThat(calls).containsExactly("return A");
    assertThat(state.card("c").orElseThrow().given()).isNull();
  }

  @Test
  void lateAssignmentAfterAReturnAssignsNothing() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(returned("back", 2), 2);
    assertThat(take(assigned("card", "A", 1), 3)).isEqualTo(Ruling.OLDER);
    drive(3);
    // Once, since the state may have been lost while the card is out.
    assertThat(calls).containsExactly("return A", "give");
  }

  @Test
  void revisionOfWhatAnOlderReturnTookBackAssignsNothing() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(assigned("card", "A", 3), 3);
    take(returned("back", 2), 4);
    VisitorEvent revision = card("card", "c", "assigned", "A", 3);
    revision.setReceivedAt(at(5));

    assertThat(take(new Fact.Reported(revision, Verdict.REVISION, false, "webhook"), 5))
        .isEqualTo(Ruling.OLDER);
    assertThat(take(assigned("again", "A", 6), 6)).isEqualTo(Ruling.ASSIGNS);
  }

  @Test
  void readingTheTopicAgainChangesNothing() {
    openWithCard();
    take(returned("back", 2), 2);
    take(assigned("again", "A", 3), 3);
    drive(3);
    VisitAccess before = state;

    assertThat(take(assigned("card", "A", 0), 4)).isEqualTo(Ruling.OLDER);
    assertThat(take(returned("back", 2), 4)).isEqualTo(Ruling.KNOWN);
    assertThat(take(assigned("again", "A", 3), 4)).isEqualTo(Ruling.KNOWN);
    assertThat(state).isEqualTo(before);
  }

  @Test
  void repeatedAssignmentIsCalledOnce() {
    openWithCard();

    assertThat(take(assigned("later", "A", 2), 2)).isEqualTo(Ruling.ASSIGNS);
    drive(2);
    assertThat(calls).isEmpty();
  }

  @Test
  void changedCardIsTakenBackBeforeTheNewOneIsAssigned() {
    openWithCard();

    take(fact(card("new", "c", "changed", "B", 2)), 2);
    drive(2);
    assertThat(calls).containsExactly("return A", "assign B");
  }

  @Test
  void changeThatIsNotInOrderTakesTheOldBackAndAssignsNothing() {
    openWithCard();

    VisitorEvent event = card("new", "c", "assigned", "B", 2);
    assertThat(take(new Fact.Reported(event, Verdict.UNVERIFIED, false, "webhook"), 2))
        .isEqualTo(Ruling.RETURNS);
    drive(2);
    assertThat(calls).containsExactly("return A");
  }

  @Test
  void olderAssignmentOfAnotherCardChangesNothing() {
    openWithCard();

    assertThat(take(assigned("old", "B", -1), 2)).isEqualTo(Ruling.OLDER);
    drive(2);
    assertThat(calls).isEmpty();
  }

  @Test
  void closingTakesTheCardsToo() {
    openWithCard();

    take(fact("out", EventType.SIGNED_OUT, 2), 2);
    drive(2);
    assertThat(calls).containsExactly("take");
    assertThat(state.card("c").orElseThrow().isOut()).isFalse();
  }

  @Test
  void cardOfAVisitThatWasClosedNeedsANewFact() {
    openWithCard();
    take(fact("out", EventType.SIGNED_OUT, 2), 2);
    take(fact("again", EventType.SIGNED_IN, 3), 3);
    drive(3);
    assertThat(calls).containsExactly("return A", "give");
    assertThat(take(assigned("before", "A", 1), 3)).isEqualTo(Ruling.REVOKED);

    take(assigned("new", "A", 4), 4);
    drive(4);
    assertThat(calls).endsWith("assign A");
  }

  @Test
  void cardThatWaitsWhenTheVisitIsRevokedIsForgotten() {
    take(assigned("card", "A", 0), 1);
    take(fact("out", EventType.SIGNED_OUT, 1), 1);
    take(fact("in", EventType.SIGNED_IN, 2), 2);
    drive(2);

    assertThat(calls).containsExactly("look", "give");
  }

  @Test
  void refusalOfAPersonTakesTheCards() {
    openWithCard();
    take(new Fact.Reviewed(false, at(2)), 2);
    drive(2);

    assertThat(calls).containsExactly("take");
    assertThat(state.card("c").orElseThrow().isOut()).isFalse();
  }

  @Test
  void endOfTheWindowTakesTheCards() {
    openWithCard();
    drive(8 * 60);

    assertThat(calls).containsExactly("take");
    assertThat(state.card("c").orElseThrow().isOut()).isFalse();
  }

  @Test
  void nothingIsAssignedDuringALockdownAndReturnsAreCalled() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    drive(1);
    take(assigned("card", "A", 1), 1);
    drive(1, true);
    assertThat(calls).containsExactly("give");
    assertThat(MACHINE.next(state, Facts.KEYS.of(Facts.VISIT), true, at(1)))
        .isEqualTo(new Move.Rest(at(16)));

    drive(2);
    take(returned("back", 2), 3);
    drive(3, true);
    assertThat(calls).containsExactly("give", "assign A", "return A");
  }

  @Test
  void assignmentWithoutAnswerIsTakenBackDuringALockdown() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(assigned("card", "A", 1), 1);
    drive(1, false);
    state = CardMachine.doubted(state);

    drive(2, true);
    assertThat(calls).containsExactly("give", "assign A", "return A");
    drive(3);
    assertThat(calls).endsWith("assign A");
  }

  @Test
  void assignmentWithoutAnswerIsTakenBackOnceItIsTooOld() {
    openWithCard();
    state = CardMachine.doubted(state);
    drive(30);

    assertThat(calls).containsExactly("return A");
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_EXPIRED);
  }

  @Test
  void cardThatIsTooOldIsNotAssigned() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    drive(1);

    assertThat(take(assigned("card", "A", 1), 16)).isEqualTo(Ruling.STALE);
  }

  @Test
  void cardThatCouldNotBeAssignedInTimeIsReported() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    drive(1);
    take(assigned("card", "A", 1), 2);
    drive(16);

    assertThat(calls).containsExactly("give");
    assertThat(reports).containsExactly(new Report(Report.Kind.CARD_EXPIRED, "card", null, null));
    assertThat(state.card("c").orElseThrow().isOut()).isFalse();
  }

  @Test
  void cardThatTheTargetRefusesIsReportedAndTakenBack() {
    assignment = new Reply.Failed(new TargetException(Kind.REJECTED, "no"));
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(assigned("card", "A", 0), 1);
    drive(1);

    assertThat(calls).containsExactly("give", "assign A", "return A");
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_REJECTED);
  }

  @Test
  void cardThatCannotBeOpenedIsReportedAndTheVisitStaysOpen() {
    assignment = new Reply.Unopened();
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(assigned("card", "A", 0), 1);
    drive(1);

    assertThat(calls).containsExactly("give", "assign A");
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.CARD_UNREADABLE);
  }

  @Test
  void cardThatCannotBeNamedAnyMoreIsTakenAwayWithTheVisit() {
    openWithCard();
    take(returned("back", 2), 2);
    Move move = MACHINE.next(state, Facts.KEYS.of(Facts.VISIT), false, at(2));

    state =
        MACHINE.answered(
            MACHINE.intending(state, move), move, new Reply.Unopened(), at(2), reports);

    assertThat(state.desire()).isEqualTo(new Closed(Cause.REJECTED, at(2)));
    drive(2);
    assertThat(calls).containsExactly("take");
  }

  @Test
  void withoutTheKeyEveryCardIsReportedAndNoneAssigned() {
    AccessMachine keyless = new AccessMachine(Facts.RULES, Facts.TARGET, Set.of(), true, false);
    take(keyless, fact("in", EventType.SIGNED_IN, 0), 1);

    assertThat(take(keyless, assigned("card", "A", 0), 1)).isEqualTo(Ruling.CARD_UNREADABLE);
    drive(1);
    assertThat(calls).containsExactly("give");
    assertThat(reports)
        .containsExactly(new Report(Report.Kind.CARD_UNREADABLE, "card", "lobby", "hq"));
  }

  @Test
  void cardThatBecomesAKindThatNoRuleNamesIsTakenBack() {
    openWithCard();
    VisitorEvent parking = card("parking", "c", "changed", "A", 1);
    parking.getCredential().setKind("parking");

    assertThat(take(fact(parking), 1)).isEqualTo(Ruling.RETURNS);
    drive(1);
    assertThat(calls).containsExactly("return A");

    assertThat(take(assigned("older", "A", 0), 2)).isEqualTo(Ruling.OLDER);
    assertThat(take(assigned("newer", "A", 2), 2)).isEqualTo(Ruling.ASSIGNS);
  }

  @Test
  void cardThatNoRuleNamesIsNobodysAlarm() {
    VisitorEvent pin = card("pin", "c", "assigned", "A", 0);
    pin.getCredential().setKind("pin");
    VisitorEvent elsewhere = card("else", "c", "assigned", "A", 0);
    elsewhere.getSite().setId("annex");

    assertThat(take(fact(pin), 1)).isEqualTo(Ruling.NO_RULE);
    assertThat(take(fact(elsewhere), 1)).isEqualTo(Ruling.NO_RULE);
    assertThat(reports).isEmpty();
    assertThat(state).isEqualTo(VisitAccess.NONE);
  }

  @Test
  void cardInAReportOfTheVisitIsAssignedAndItsAbsenceTakesItBack() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    VisitorEvent with = report("with", 1);
    with.setCredential(Facts.credential(null, "assigned", "A"));
    with.getCredential().setKind("card+pin");

    assertThat(take(fact(with), 1)).isEqualTo(Ruling.ASSIGNS);
    drive(1);
    assertThat(calls).containsExactly("give", "assign A");

    VisitorEvent older = report("older", 0);
    assertThat(take(fact(older), 2)).isNotEqualTo(Ruling.RETURNS);
    VisitorEvent unsaid = Facts.event("unsaid", EventType.UPDATED, at(3));
    assertThat(take(fact(unsaid), 3)).isNotEqualTo(Ruling.RETURNS);
    VisitorEvent without = report("without", 4);
    without.setPath("backfill");
    assertThat(take(new Fact.Reported(without, null, true, "replay"), 4)).isEqualTo(Ruling.RETURNS);
    drive(4);
    assertThat(calls).endsWith("return A");
  }

  private static VisitorEvent report(String id, int minute) {
    VisitorEvent event = Facts.event(id, EventType.UPDATED, at(minute));
    event.getVisit().setStatus("onsite");
    event.setCredential(AccessCredential.newBuilder().build());
    return event;
  }

  @Test
  void cardFollowsTheWindowOfItsVisit() {
    openWithCard();
    VisitorEvent longer = Facts.event("longer", EventType.UPDATED, at(2));
    longer.getVisit().setExpectedAt(at(30));
    longer.getVisit().setSignedInAt(at(0));
    take(fact(longer), 2);
    drive(2);

    assertThat(calls).containsExactly("give", "assign A");
    assertThat(state.card("c").orElseThrow().isSure()).isTrue();
  }

  @Test
  void returnThatWaitsIsToldForTheAlarm() {
    openWithCard();
    take(returned("back", 2), 3);

    assertThat(AccessMachine.pendingSince(state)).isEqualTo(at(3));
    drive(3);
    assertThat(AccessMachine.pendingSince(state)).isNull();
  }

  @Test
  void noVisitHasCardsWithoutEnd() {
    for (int i = 0; i < 16; i++) {
      assertThat(take(fact(card("e" + i, "c" + i, "assigned", "A", 1)), 1))
          .isEqualTo(Ruling.ASSIGNS);
    }
    assertThat(take(fact(card("one more", "c16", "assigned", "A", 1)), 1))
        .isEqualTo(Ruling.TOO_MANY_CARDS);
  }

  @Test
  void intentIsWrittenBeforeTheCall() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    drive(1);
    take(assigned("card", "A", 0), 1);
    Move move = MACHINE.next(state, Facts.KEYS.of(Facts.VISIT), false, at(1));

    Card.Given intent = MACHINE.intending(state, move).card("c").orElseThrow().given();

    assertThat(intent)
        .isInstanceOfSatisfying(Card.Given.class, given -> assertThat(given.sure()).isFalse());
  }
}
