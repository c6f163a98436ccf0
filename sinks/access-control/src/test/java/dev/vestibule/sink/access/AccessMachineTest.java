package dev.vestibule.sink.access;

import static dev.vestibule.sink.access.Facts.MACHINE;
import static dev.vestibule.sink.access.Facts.at;
import static dev.vestibule.sink.access.Facts.fact;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Desire.Closed;
import dev.vestibule.sink.access.VisitAccess.Desire.Held;
import dev.vestibule.sink.access.VisitAccess.Desire.Open;
import dev.vestibule.sink.access.VisitAccess.Given;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AccessMachineTest {
  private VisitAccess state = VisitAccess.NONE;

  private Step take(Fact fact, int minute) {
    Step step = MACHINE.take(state, fact, at(minute));
    state = step.state();
    return step;
  }

  @Test
  void signInOpensUntilTheWindowEnds() {
    assertThat(take(fact("in", EventType.SIGNED_IN, 0), 1).ruling()).isEqualTo(Ruling.OPENS);

    assertThat(state.desire())
        .isInstanceOfSatisfying(
            Open.class,
            open -> {
              assertThat(open.terms().until()).isEqualTo(at(8 * 60));
              assertThat(open.notAfter()).isEqualTo(at(15));
            });
  }

  @ParameterizedTest
  @CsvSource({
    ", webhook, webhook, false, NO_VERDICT",
    "CONFLICT, webhook, webhook, false, CONFLICT",
    "UNVERIFIED, webhook, webhook, false, UNVERIFIED",
    "NEW, webhook, webhook, true, LATE",
    "NEW, replay, webhook, false, NOT_LIVE",
    "NEW, webhook, replay, false, NOT_LIVE",
    "NEW, backfill, backfill, false, NOT_LIVE",
    "NEW, hook, hook, false, NOT_LIVE",
    "NEW, webhook, , false, NOT_LIVE",
    "REVISION, websocket, websocket, false, OPENS"
  })
  void onlyWhatIsInOrderOpens(
      @Nullable Verdict verdict,
      String eventPath,
      @Nullable String path,
      boolean late,
      Ruling expected) {
    VisitorEvent event = Facts.event("in", EventType.SIGNED_IN, at(0));
    event.setPath(eventPath);

    assertThat(take(new Fact.Reported(event, verdict, late, path), 1).ruling()).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "SIGNED_OUT",
        "DENIED",
        "ERASED",
        "PRE_REGISTRATION_CANCELLED",
        "REVIEW_REQUIRED",
        "WATCHLIST_HIT",
        "BOLO_ALERT"
      })
  void revokesCloseHoweverTheyComeIn(EventType type) {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    VisitorEvent event = Facts.event("out", type, at(-60));
    event.setPath("backfill");

    assertThat(take(new Fact.Reported(event, null, true, "replay"), 2).ruling())
        .isEqualTo(Ruling.CLOSES);
    assertThat(state.desire()).isEqualTo(new Closed(Cause.REVOKED, at(2)));
  }

  @Test
  void revisionOfWhatAnOlderRevokeClosedDoesNotOpen() {
    take(fact("in", EventType.SIGNED_IN, 3), 4);
    take(fact("out", EventType.SIGNED_OUT, 2), 5);
    VisitorEvent revision = Facts.event("in", EventType.SIGNED_IN, at(3));
    revision.setReceivedAt(at(6));

    assertThat(take(new Fact.Reported(revision, Verdict.REVISION, false, "webhook"), 6).ruling())
        .isEqualTo(Ruling.REVOKED);
    assertThat(take(fact("in2", EventType.SIGNED_IN, 6), 6).ruling()).isEqualTo(Ruling.OPENS);
  }

  @Test
  void readingTheTopicAgainChangesNothing() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(fact("out", EventType.SIGNED_OUT, 2), 3);
    take(fact("again", EventType.SIGNED_IN, 4), 5);
    VisitAccess before = state;

    assertThat(take(fact("in", EventType.SIGNED_IN, 0), 6).ruling()).isEqualTo(Ruling.REVOKED);
    assertThat(take(fact("out", EventType.SIGNED_OUT, 2), 6).ruling()).isEqualTo(Ruling.KNOWN);
    assertThat(take(fact("again", EventType.SIGNED_IN, 4), 6).ruling()).isEqualTo(Ruling.KNOWN);
    assertThat(state).isEqualTo(before);
  }

  @Test
  void staleSignInOpensNothing() {
    assertThat(take(fact("in", EventType.SIGNED_IN, 0), 15).ruling()).isEqualTo(Ruling.STALE);
    assertThat(state.desire()).isInstanceOf(Closed.class);
  }

  @Test
  void unknownSiteIsRefusedAndReported() {
    Step step = take(Facts.from("lobby", "moon", "in", EventType.SIGNED_IN, 0), 1);

    assertThat(step.ruling()).isEqualTo(Ruling.UNKNOWN_SITE);
    assertThat(step.reports())
        .containsExactly(new Report(Report.Kind.UNKNOWN_SITE, "in", "lobby", "moon"));
    assertThat(step.state()).isEqualTo(VisitAccess.NONE);
  }

  @Test
  void anotherTargetsSiteIsNobodysAlarm() {
    Step step = take(Facts.from("lobby", "annex", "in", EventType.SIGNED_IN, 0), 1);

    assertThat(step.ruling()).isEqualTo(Ruling.ELSEWHERE);
    assertThat(step.reports()).isEmpty();
  }

  @Test
  void screenedVisitIsHeldUntilSomebodyApproves() {
    Step step = take(Facts.from("door", "hq", "in", EventType.SIGNED_IN, 0), 1);

    assertThat(step.ruling()).isEqualTo(Ruling.HOLDS_UNAPPROVED);
    assertThat(step.reports()).extracting(Report::kind).containsExactly(Report.Kind.HELD);
    assertThat(take(new Fact.Decided("d", true), 2).ruling()).isEqualTo(Ruling.OPENS);
  }

  @Test
  void whatCameTooLateToWhoCannotBeAskedIsTakenAway() {
    AccessMachine blind = new AccessMachine(Facts.RULES, Facts.TARGET, Set.of(), false, true);
    state = blind.take(state, fact("in", EventType.SIGNED_IN, 0), at(1)).state();
    Move give = blind.next(state, Facts.KEYS.of(Facts.VISIT), false, at(14));
    assertThat(give).isInstanceOf(Move.Give.class);
    state = blind.intending(state, give);

    List<Report> reports = new ArrayList<>();
    state = blind.answered(state, give, new Reply.Done(), at(15), reports);
    state = blind.tick(state, at(15), reports);

    assertThat(blind.next(state, Facts.KEYS.of(Facts.VISIT), false, at(15)))
        .isInstanceOf(Move.Take.class);
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.EXPIRED);
  }

  @Test
  void whoWasReviewedIsHeldAlsoWhereTheSourceIsNotSaidToAsk() {
    take(new Fact.Decided("d", false), 0);

    assertThat(take(fact("in", EventType.SIGNED_IN, 0), 1).ruling())
        .isEqualTo(Ruling.HOLDS_UNAPPROVED);
    assertThat(take(new Fact.Reviewed(true, at(2)), 2).ruling()).isEqualTo(Ruling.OPENS);
  }

  @Test
  void revokeAtAPlaceThatNobodyNamesIsRememberedAndAsksNobody() {
    take(Facts.from("lobby", "nowhere", "out", EventType.SIGNED_OUT, 5), 5);

    assertThat(state.given()).isEqualTo(VisitAccess.Given.NOTHING);
    assertThat(take(fact("in", EventType.SIGNED_IN, 4), 6).ruling()).isEqualTo(Ruling.REVOKED);
  }

  @Test
  void revokeOfASourceWithoutRulesLeavesNoTrace() {
    assertThat(take(Facts.from("elsewhere", "hq", "out", EventType.SIGNED_OUT, 5), 5).ruling())
        .isEqualTo(Ruling.ELSEWHERE);
    assertThat(state).isEqualTo(VisitAccess.NONE);
  }

  @Test
  void approvalCountsOnlyWhileNoRecordOfItsDecisionSaysReview() {
    take(new Fact.Decided("d", true), 0);
    take(Facts.from("door", "hq", "in", EventType.SIGNED_IN, 0), 1);
    assertThat(state.desire()).isInstanceOf(Open.class);

    assertThat(take(new Fact.Decided("d", false), 2).ruling()).isEqualTo(Ruling.CLOSES);
    assertThat(state.desire()).isInstanceOf(Held.class);
    take(new Fact.Decided("d", true), 3);
    assertThat(state.desire()).isInstanceOf(Held.class);
    take(new Fact.Decided("another", true), 4);
    assertThat(state.desire()).isInstanceOf(Open.class);
  }

  @Test
  void peoplesApprovalOpensWhatGrewOldWhileItWasHeld() {
    take(Facts.from("door", "hq", "in", EventType.SIGNED_IN, 0), 1);
    assertThat(take(new Fact.Decided("d", true), 20).ruling()).isEqualTo(Ruling.NOTED);

    assertThat(take(new Fact.Reviewed(true, at(30)), 31).ruling()).isEqualTo(Ruling.OPENS);
    assertThat(state.desire())
        .isInstanceOfSatisfying(Open.class, open -> assertThat(open.notAfter()).isEqualTo(at(45)));
  }

  @Test
  void peoplesRefusalClosesAndTheNewestWordCounts() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(new Fact.Reviewed(false, at(2)), 2);
    assertThat(state.desire()).isEqualTo(new Closed(Cause.REFUSED, at(2)));

    take(new Fact.Reviewed(true, at(1)), 3);
    assertThat(take(fact("in2", EventType.SIGNED_IN, 3), 3).ruling())
        .isEqualTo(Ruling.HOLDS_UNAPPROVED);
  }

  @Test
  void signInAfterAWatchlistHitIsHeldUntilItIsCleared() {
    take(fact("hit", EventType.WATCHLIST_HIT, 0), 0);

    assertThat(take(fact("in", EventType.SIGNED_IN, 1), 1).ruling())
        .isEqualTo(Ruling.HOLDS_DOUBTED);
    assertThat(take(fact("clear", EventType.SCREENING_CLEARED, 2), 2).ruling())
        .isEqualTo(Ruling.OPENS);
  }

  @Test
  void changeOpensNothingThatIsNotOpen() {
    assertThat(take(fact("up", EventType.UPDATED, 0), 0).ruling())
        .isEqualTo(Ruling.NOTHING_TO_CHANGE);
  }

  @Test
  void changeThatEndsTheVisitCloses() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    VisitorEvent over = Facts.event("up", EventType.UPDATED, at(2));
    over.getVisit().setSignedInAt(at(-600));
    over.getVisit().setExpectedAt(at(-8 * 60));

    assertThat(take(fact(over), 3).ruling()).isEqualTo(Ruling.WINDOW_OVER);
    assertThat(state.desire()).isEqualTo(new Closed(Cause.ENDED, at(3)));
  }

  @Test
  void eventWithoutWindowOpensNothing() {
    VisitorEvent event = Facts.event("in", EventType.SIGNED_IN, at(0));
    event.getVisit().setExpectedAt(null);

    assertThat(take(fact(event), 1).ruling()).isEqualTo(Ruling.NO_WINDOW);
  }

  @Test
  void firstHeardRevokeIsCalledAlthoughNothingIsKnown() {
    take(fact("out", EventType.SIGNED_OUT, 0), 1);

    assertThat(MACHINE.next(state, Facts.KEYS.of(Facts.VISIT), false, at(1)))
        .isInstanceOf(Move.Take.class);
  }

  @Test
  void grantThatTheTargetNeverTookExpires() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    var reports = new ArrayList<Report>();

    VisitAccess later = MACHINE.tick(state, at(15), reports);

    assertThat(later.desire()).isEqualTo(new Closed(Cause.EXPIRED, at(15)));
    assertThat(reports).extracting(Report::kind).containsExactly(Report.Kind.EXPIRED);
  }

  @Test
  void givenGrantEndsWithItsWindowAndIsTakenAway() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    VisitAccess given = state.with(Given.as(state.sequence()));

    VisitAccess later = MACHINE.tick(given, at(8 * 60), new ArrayList<>());

    assertThat(later.desire()).isEqualTo(new Closed(Cause.ENDED, at(8 * 60)));
    assertThat(MACHINE.next(later, Facts.KEYS.of(Facts.VISIT), false, at(8 * 60)))
        .isEqualTo(new Move.Take(later.sequence()));
  }

  @Test
  void sequenceRisesAlsoAfterALostState() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    long before = state.sequence();
    state = VisitAccess.NONE;

    take(fact("out", EventType.SIGNED_OUT, 2), 3);

    assertThat(state.sequence()).isGreaterThan(before);
  }

  @Test
  void whatIsErasedIsForgottenAtTheTargetOnceItIsClosed() {
    take(fact("in", EventType.SIGNED_IN, 0), 1);
    take(fact("gone", EventType.ERASED, 2), 3);

    var key = Facts.KEYS.of(Facts.VISIT);
    assertThat(MACHINE.next(state.with(Given.UNSURE), key, false, at(3)))
        .isInstanceOf(Move.Take.class);
    assertThat(MACHINE.next(state, key, false, at(3))).isEqualTo(new Move.Forget());
  }
}
