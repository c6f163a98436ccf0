package dev.vestibule.sink.slack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Vendor;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.Alert;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.slack.ScriptedHands.Shown;
import dev.vestibule.sink.slack.card.Alerts;
import dev.vestibule.sink.slack.card.VisitCard;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.click.Answer;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Clicker;
import dev.vestibule.sink.slack.click.Question.Over;
import dev.vestibule.sink.slack.click.Question.Reason;
import dev.vestibule.sink.slack.click.Question.Ruling;
import dev.vestibule.sink.slack.click.Question.VendorTold;
import dev.vestibule.sink.slack.message.MessageState;
import dev.vestibule.sink.slack.message.MessageState.Place;
import dev.vestibule.sink.slack.message.Move;
import dev.vestibule.sink.slack.message.Reply;
import dev.vestibule.sink.slack.route.Routes;
import dev.vestibule.sink.slack.route.RoutesFile;
import dev.vestibule.sink.slack.web.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.KafkaException;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages and questions of a sink, with states that are durable when a test says so. */
class DeskTest {
  private static final String TEAM = "T0TEAM";
  private static final String APP = "A0APP";
  private static final String SAM = "U0SAM";
  private static final String ANN = "U0ANN";
  private static final String DESK = "C0DESK";
  private static final String GATE = "C0GATE";
  private static final String ALERTS = "C0ALERTS";
  private static final String VISIT = "visit-key";
  private static final Duration WITHIN = Duration.ofMinutes(15);
  private static final Set<Sensitivity> ALL = Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED);
  private static final List<Desk.Place> PLACES = List.of(place(DESK));
  private static final String RULES =
      """
      routes:
        - { source: lobby, channel: C0DESK, sensitivities: [standard, restricted] }
      reviewers:
        - { source: lobby, users: [U0SAM, U0ANN], within: 15m }
        - { source: plant, users: [U0SAM], approve-transition: Yes, deny-transition: No }
      alerts:
        - { channel: C0ALERTS, at-least: info }
      """;

  private final IdentityKey identity = new IdentityKey(new byte[32]);
  private final SettableClock clock = new SettableClock(Visits.NINE.plusSeconds(2));
  private MemoryLog log = new MemoryLog(new StateFormat(identity));
  private ScriptedHands hands = new ScriptedHands(log);
  private int mostWaiting = 1_000;
  private Desk desk = open(RULES);

  private Desk open(String rules) {
    Routes routes =
        new RoutesFile(Map.of("lobby", Vendor.ENVOY, "plant", Vendor.ESSENTRY)).parse(rules);
    Desk opened =
        new Desk(
            "frontdesk",
            routes,
            identity,
            log.messages(),
            log.questions(),
            log,
            hands,
            clock,
            new Random(7),
            mostWaiting);
    opened.start();
    return opened;
  }

  private void restart(String rules) {
    desk.close();
    log.again();
    desk = open(rules);
  }

  @AfterEach
  void nothingWasCalledBeforeItWasWritten() {
    hands.stuck(false);
    log.release();
    desk.close();
    assertThat(hands.tooEarly()).isEmpty();
  }

  // ---- Parts

  private static Desk.Place place(String channel) {
    return new Desk.Place(channel, true, false, ALL);
  }

  private static Decoded.Event fact(VisitorEvent event) {
    return new Decoded.Event(event, 1, Verdict.NEW, false, "webhook");
  }

  private boolean take(VisitorEvent event, String visit, List<Desk.Place> places)
      throws InterruptedException {
    return desk.take(fact(event), visit, places, null);
  }

  private boolean take(EventType type, int minute) throws InterruptedException {
    return take(Visits.event(type, minute), VISIT, PLACES);
  }

  /** Time passes, and the desk is told so. */
  private void pass(Duration time) throws InterruptedException {
    clock.advance(time);
    boolean _ = take(Visits.event(EventType.UPDATED, 0), "nobody", List.of());
  }

  private void settles(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(() -> {
          pass(Duration.ofMillis(500));
          assertion.run();
        });
  }

  private Shown shown() {
    List<Shown> shown = hands.shown();
    assertThat(shown).isNotEmpty();
    return shown.getFirst();
  }

  private Shown asked(EventType type) throws InterruptedException {
    take(type, 0);
    settles(() -> assertThat(shown().button(VisitCard.DENY)).isNotNull());
    return shown();
  }

  private static Answer click(Shown message, boolean approve, String user, int second) {
    String token = message.button(VisitCard.DENY);
    return new Answer(
        approve,
        token == null ? "v1.none-0123456789abcdef" : token,
        user,
        TEAM,
        TEAM,
        APP,
        message.to(),
        message.ts(),
        "1768467600." + (100_000 + second),
        null);
  }

  private Ruling answer(Answer click) {
    return desk.answer(click, new Clicker(false, Set.of()), TEAM, APP, clock.instant());
  }

  private static Ruling refused(Reason reason) {
    return new Ruling.Refused(reason);
  }

  private Question question() {
    return log.questions().stream()
        .filter(one -> one.visit().equals(VISIT))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no question"));
  }

  private void says(String text) {
    settles(() -> assertThat(shown().text()).startsWith(text));
  }

  // ---- Writing before calling

  @Test
  void noCallIsMadeBeforeItsStateIsDurable() throws Exception {
    log.hold();
    Thread taking = Thread.ofPlatform().start(() -> takeQuietly(VISIT));
    // What was taken, and that it is about to be posted.
    await().until(() -> log.held() >= 2);
    assertThat(hands.moves()).isEmpty();
    assertThat(taking.isAlive()).isTrue();

    log.releaseOne();
    taking.join();
    assertThat(hands.moves()).isEmpty();

    log.releaseOne();
    await().until(() -> hands.posts() == 1);
  }

  private void takeQuietly(String visit) {
    try {
      take(Visits.event(visit, EventType.SIGNED_IN, Visits.NINE), visit, PLACES);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void takingAFactAgainChangesNothing() throws Exception {
    assertThat(take(EventType.SIGNED_IN, 0)).isTrue();
    settles(() -> assertThat(hands.shown()).hasSize(1));

    assertThat(take(EventType.SIGNED_IN, 0)).isFalse();
    assertThat(hands.posts()).isOne();
  }

  @Test
  void afterAWriteThatFailedAnotherDeskGoesOnWithoutPostingTwice() throws Exception {
    hands.next(reply -> {
      log.fail();
      return reply;
    });
    take(EventType.SIGNED_IN, 0);
    await().until(() -> desk.failure() != null);
    assertThatThrownBy(() -> take(EventType.SIGNED_OUT, 1)).isInstanceOf(KafkaException.class);

    restart(RULES);
    assertThat(log.messages())
        .singleElement()
        .extracting(MessageState::place)
        .isInstanceOf(Place.Perhaps.class);
    take(EventType.SIGNED_OUT, 1);

    says("Visitor signed out");
    assertThat(hands.posts()).isOne();
    assertThat(hands.moves()).hasAtLeastOneElementOfType(Move.Find.class);
  }

  @Test
  void aPostOfWhichNobodyKnowsIsPostedAgainOnlyWhereItIsNotFound() throws Exception {
    hands.next(_ -> new Reply.Failed(Reply.Failure.AMBIGUOUS));
    take(EventType.SIGNED_IN, 0);
    settles(() ->
        assertThat(log.messages())
            .singleElement()
            .extracting(MessageState::place)
            .isInstanceOf(Place.There.class));
    assertThat(hands.posts()).isOne();

    hands.next(reply -> {
      hands.remove(((Reply.Done) reply).ts());
      return new Reply.Failed(Reply.Failure.AMBIGUOUS);
    });
    take(Visits.event("v-2", EventType.SIGNED_IN, Visits.NINE), "other", PLACES);
    settles(() -> assertThat(hands.shown()).hasSize(2));
    assertThat(hands.posts()).isEqualTo(3);
  }

  @Test
  void aMessageThatSomebodyDeletedIsNotPostedAgain() throws Exception {
    take(EventType.SIGNED_IN, 0);
    settles(() -> assertThat(hands.shown()).hasSize(1));
    hands.remove(shown().ts());

    take(EventType.SIGNED_OUT, 1);
    settles(() ->
        assertThat(log.messages())
            .singleElement()
            .extracting(MessageState::place)
            .isInstanceOf(Place.Gone.class));
    take(EventType.DENIED, 2);
    restart(RULES);
    take(EventType.CHECK_IN_FAILED, 3);

    assertThat(desk.waiting()).isZero();
    assertThat(hands.posts()).isOne();
  }

  @Test
  void whereTooManyWaitNoEventIsTakenUntilThereIsRoom() throws Exception {
    desk.close();
    mostWaiting = 2;
    desk = open(RULES);
    hands.stuck(true);
    for (int i = 0; i < 3; i++) {
      takeQuietly("v" + i);
    }

    Thread taking = Thread.ofPlatform().start(() -> takeQuietly("v3"));
    await().until(() -> taking.getState() == Thread.State.WAITING);
    assertThat(desk.messages()).isEqualTo(3);

    hands.stuck(false);
    await().until(() -> !taking.isAlive());
    assertThat(desk.messages()).isEqualTo(4);
  }

  // ---- Answers

  @Test
  void theFirstAnswerWinsAndIsWrittenTogetherWithItsReview() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);

    assertThat(answer(click(message, true, SAM, 1))).isInstanceOf(Ruling.Counts.class);
    assertThat(answer(click(message, false, ANN, 2))).isEqualTo(refused(Reason.ANSWERED));
    assertThat(answer(click(message, true, SAM, 1))).isEqualTo(refused(Reason.SAME_CLICK));

    assertThat(log.reviews()).containsExactly("approved " + VISIT + " by " + SAM);
    assertThat(log.writes())
        .filteredOn(write -> write.contains("review/" + VISIT))
        .singleElement()
        .satisfies(write ->
            assertThat(write).contains(Desk.QUESTION + VISIT, Desk.MESSAGE + message.key()));
    says("Visitor approved");
    assertThat(shown().button(VisitCard.DENY)).isNull();
  }

  @Test
  void anAnswerThatWasNotWrittenDoesNotCountAndIsTakenAgain() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    Answer click = click(message, false, SAM, 1);
    log.fail();
    assertThatThrownBy(() -> answer(click)).isInstanceOf(KafkaException.class);
    assertThat(log.reviews()).isEmpty();

    restart(RULES);

    assertThat(question().isOpen()).isTrue();
    assertThat(answer(click)).isInstanceOf(Ruling.Counts.class);
    assertThat(log.reviews()).containsExactly("denied " + VISIT + " by " + SAM);
  }

  @Test
  void anAnswerWhoseReviewCannotBeMadeIsTakenAgain() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    Answer click = click(message, true, SAM, 1);
    log.noReviews(new KafkaException("no schema"));
    assertThatThrownBy(() -> answer(click)).hasMessage("no schema");
    pass(Duration.ofSeconds(1));
    assertThat(question().isOpen()).isTrue();

    log.noReviews(null);

    assertThat(answer(click)).isInstanceOf(Ruling.Counts.class);
    assertThat(log.reviews()).hasSize(1);
  }

  @Test
  void theAnswerIsKnownAfterARestart() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    assertThat(answer(click(message, true, SAM, 1))).isInstanceOf(Ruling.Counts.class);

    restart(RULES);

    assertThat(answer(click(message, true, SAM, 1))).isEqualTo(refused(Reason.SAME_CLICK));
    assertThat(answer(click(message, false, ANN, 2))).isEqualTo(refused(Reason.ANSWERED));
    says("Visitor approved");
    assertThat(log.reviews()).hasSize(1);
  }

  @Test
  void whoClicksBeforeWeKnowThatItIsPostedIsHeard() throws Exception {
    hands.next(_ -> new Reply.Failed(Reply.Failure.AMBIGUOUS));
    take(EventType.REVIEW_REQUIRED, 0);
    await().until(() -> hands.posts() == 1);
    Shown message = shown();
    Answer elsewhere =
        new Answer(
            true,
            "v1.0123456789abcdef0123",
            SAM,
            TEAM,
            TEAM,
            APP,
            message.to(),
            message.ts(),
            "1768467600.000001",
            null);

    assertThat(answer(elsewhere)).isEqualTo(refused(Reason.NOT_OURS));
    assertThat(desk.reviewers(click(message, true, SAM, 1))).isPresent();
    assertThat(answer(click(message, true, SAM, 1))).isInstanceOf(Ruling.Counts.class);
    says("Visitor approved");
    assertThat(hands.posts()).isOne();
  }

  @Test
  void aTokenCountsOnlyInTheMessagesOfItsQuestion() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    Answer right = click(message, true, SAM, 1);
    Answer moved =
        new Answer(
            true,
            right.token(),
            SAM,
            TEAM,
            TEAM,
            APP,
            GATE,
            "1700000000.555555",
            right.actionTs(),
            null);

    assertThat(answer(moved)).isEqualTo(refused(Reason.NOT_OURS));
    assertThat(log.reviews()).isEmpty();
  }

  @Test
  void anAnswerStandsInAllMessagesOfTheVisit() throws Exception {
    take(Visits.event(EventType.REVIEW_REQUIRED, 0), VISIT, List.of(place(DESK), place(GATE)));
    settles(() ->
        assertThat(hands.shown())
            .hasSize(2)
            .allSatisfy(one -> assertThat(one.button(VisitCard.APPROVE)).isNotNull()));

    Answer later = click(hands.shown().getFirst(), true, SAM, 2);

    assertThat(answer(click(hands.shown().getLast(), false, ANN, 1)))
        .isInstanceOf(Ruling.Counts.class);

    settles(() ->
        assertThat(hands.shown())
            .extracting(Shown::text)
            .hasSize(2)
            .allSatisfy(text -> assertThat(text).startsWith("Visitor denied")));
    assertThat(answer(later)).isEqualTo(refused(Reason.ANSWERED));
    assertThat(log.reviews()).hasSize(1);
  }

  @Test
  void whoHasNotSeenAHitCannotApprove() throws Exception {
    Shown before = asked(EventType.REVIEW_REQUIRED);
    Answer unseeing = click(before, true, SAM, 1);

    take(EventType.WATCHLIST_HIT, 1);

    assertThat(answer(unseeing)).isEqualTo(refused(Reason.NOT_OURS));
    settles(() ->
        assertThat(shown().button(VisitCard.DENY)).isNotEqualTo(before.button(VisitCard.DENY)));
    assertThat(answer(click(shown(), true, SAM, 2))).isInstanceOf(Ruling.Counts.class);
    assertThat(log.reviews()).hasSize(1);
  }

  @Test
  void aReviewThatIsReadAgainBehindALaterOneAsksNobody() throws Exception {
    Shown first = asked(EventType.REVIEW_REQUIRED);
    assertThat(answer(click(first, false, SAM, 1))).isInstanceOf(Ruling.Counts.class);
    take(EventType.REVIEW_REQUIRED, 1);
    settles(() ->
        assertThat(shown().button(VisitCard.DENY))
            .isNotNull()
            .isNotEqualTo(first.button(VisitCard.DENY)));
    assertThat(answer(click(shown(), true, SAM, 2))).isInstanceOf(Ruling.Counts.class);

    take(EventType.REVIEW_REQUIRED, 0);

    assertThat(question().isOpen()).isFalse();
    assertThat(log.reviews()).hasSize(2);
  }

  @Test
  void whoComesBackAfterADenialIsAskedAboutAnew() throws Exception {
    desk.review("lobby", VISIT, "decision", clock.instant());
    settles(() -> assertThat(shown().button(VisitCard.DENY)).isNotNull());
    assertThat(answer(click(shown(), false, SAM, 1))).isInstanceOf(Ruling.Counts.class);
    clock.advance(Duration.ofMinutes(3));

    desk.review("lobby", VISIT, "decision", clock.instant());

    assertThat(question().isOpen()).isTrue();
    assertThat(question().round()).isEqualTo(2);
  }

  @Test
  void whatNobodyAnswersInTimeIsDenied() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    Answer click = click(message, true, SAM, 1);
    pass(WITHIN);

    says("Visitor denied: nobody answered");
    assertThat(shown().button(VisitCard.APPROVE)).isNull();
    assertThat(answer(click)).isEqualTo(refused(Reason.TOO_LATE));
    assertThat(log.reviews()).isEmpty();
    assertThat(question().over()).isEqualTo(Over.EXPIRED);
  }

  @Test
  void aClickInTimeCountsHoweverLateItIsRead() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    Instant clicked = clock.instant();
    Answer click = click(message, true, SAM, 1);
    pass(WITHIN);
    says("Visitor denied: nobody answered");

    assertThat(desk.answer(click, new Clicker(false, Set.of()), TEAM, APP, clicked))
        .isInstanceOf(Ruling.Counts.class);

    says("Visitor approved");
    assertThat(log.reviews()).hasSize(1);
  }

  @Test
  void aDenialByTheVendorSettlesAQuestionAndASignInDoesNot() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    Answer click = click(message, true, SAM, 1);

    take(EventType.SIGNED_IN, 1);
    says("Visitor signed in");
    assertThat(shown().button(VisitCard.DENY)).isNotNull();
    assertThat(question().isOpen()).isTrue();

    take(EventType.DENIED, 2);
    says("Visitor denied");
    assertThat(shown().button(VisitCard.DENY)).isNull();
    assertThat(question().over()).isEqualTo(Over.SETTLED);
    assertThat(answer(click)).isEqualTo(refused(Reason.SETTLED));
    assertThat(log.reviews()).isEmpty();
  }

  @Test
  void anErasedVisitIsNamedNowhereAndAskedAboutNoMore() throws Exception {
    Shown message = asked(EventType.REVIEW_REQUIRED);
    assertThat(message.text()).contains("Ada L.");
    Answer click = click(message, true, SAM, 1);

    take(EventType.ERASED, 1);

    says("This visit was erased");
    assertThat(shown().message().blocks().toString()).doesNotContain("Ada");
    assertThat(answer(click)).isEqualTo(refused(Reason.SETTLED));
    desk.review("lobby", VISIT, "d-late", Visits.NINE.plusSeconds(90));
    take(EventType.SIGNED_IN, 2);
    pass(Duration.ofSeconds(10));
    says("This visit was erased");
    assertThat(hands.posts()).isOne();
    assertThat(question().visitId()).isNull();
    assertThat(question().host()).isNull();
  }

  // ---- Questions of decisions

  @Test
  void aDecisionAsksAboutAVisitThatNobodyKnowsAndNamesComeLater() throws Exception {
    desk.review("lobby", VISIT, "d-1", Visits.NINE);
    settles(() -> assertThat(hands.shown()).hasSize(1));
    assertThat(shown().text()).startsWith("Visitor needs a review: no name");
    assertThat(shown().button(VisitCard.APPROVE)).isNotNull();

    take(EventType.SIGNED_IN, 1);

    says("Visitor signed in: Ada L.");
    assertThat(shown().button(VisitCard.APPROVE)).isNotNull();
    assertThat(hands.posts()).isOne();
    assertThat(question().decisionId()).isEqualTo("d-1");
  }

  @Test
  void namesThatCameBeforeTheDecisionStandInItsMessage() throws Exception {
    assertThat(take(EventType.SCREENING_REQUESTED, 0)).isFalse();

    desk.review("lobby", VISIT, "d-1", Visits.NINE.plusSeconds(30));

    settles(() -> assertThat(hands.shown()).hasSize(1));
    assertThat(shown().text()).startsWith("Visitor needs a review: Ada L.");
  }

  @Test
  void namesOfAnErasedVisitAreForgotten() throws Exception {
    take(EventType.SCREENING_REQUESTED, 0);
    take(EventType.ERASED, 1);

    desk.review("lobby", VISIT, "d-1", Visits.NINE.plusSeconds(30));

    settles(() -> assertThat(hands.shown()).hasSize(1));
    assertThat(shown().text()).startsWith("Visitor needs a review: no name");
  }

  @Test
  void aDecisionThatIsReadBehindADenialAsksNobody() throws Exception {
    take(EventType.DENIED, 1);
    says("Visitor denied");

    desk.review("lobby", VISIT, "d-1", Visits.NINE);

    assertThat(log.questions()).isEmpty();
    assertThat(shown().button(VisitCard.DENY)).isNull();
  }

  @Test
  void aDecisionThatIsReadAgainAsksOnce() throws Exception {
    desk.review("lobby", VISIT, "d-1", Visits.NINE);
    settles(() -> assertThat(hands.shown()).hasSize(1));
    Shown message = shown();
    assertThat(answer(click(message, true, SAM, 1))).isInstanceOf(Ruling.Counts.class);

    restart(RULES);
    desk.review("lobby", VISIT, "d-1", Visits.NINE);

    says("Visitor approved");
    assertThat(question().round()).isOne();
    assertThat(hands.posts()).isOne();
  }

  // ---- Four eyes

  private static final String FOUR_EYES = RULES.replace("within: 15m", "four-eyes: true");

  private Shown askedWithHost(@Nullable String host) throws InterruptedException {
    restart(FOUR_EYES);
    desk.take(fact(Visits.event(EventType.REVIEW_REQUIRED, 0)), VISIT, PLACES, host);
    settles(() -> assertThat(hands.shown()).hasSize(1));
    return shown();
  }

  @Test
  void whereTheHostIsNotKnownNobodyCanApprove() throws Exception {
    Shown message = askedWithHost(null);

    assertThat(message.button(VisitCard.APPROVE)).isNull();
    assertThat(message.button(VisitCard.DENY)).isNotNull();
    assertThat(answer(click(message, true, SAM, 1))).isEqualTo(refused(Reason.APPROVAL_OFF));
    assertThat(answer(click(message, false, SAM, 2))).isInstanceOf(Ruling.Counts.class);
    assertThat(log.reviews()).containsExactly("denied " + VISIT + " by " + SAM);
  }

  @Test
  void theHostCannotApproveAndAnotherOneCan() throws Exception {
    Shown message = askedWithHost(SAM);

    assertThat(message.button(VisitCard.APPROVE)).isNotNull();
    assertThat(answer(click(message, true, SAM, 1))).isEqualTo(refused(Reason.HOST));
    assertThat(answer(click(message, true, ANN, 2))).isInstanceOf(Ruling.Counts.class);
  }

  // ---- The vendor

  private Shown askedAtPlant() throws InterruptedException {
    VisitorEvent event = Visits.event(EventType.REVIEW_REQUIRED, 0);
    event.setSource("plant");
    take(event, VISIT, PLACES);
    settles(() -> assertThat(hands.shown()).hasSize(1));
    return shown();
  }

  @Test
  void theVendorIsToldOnce() throws Exception {
    Shown message = askedAtPlant();
    assertThat(answer(click(message, true, SAM, 1))).isInstanceOf(Ruling.Counts.class);

    settles(() -> assertThat(question().vendor()).isEqualTo(VendorTold.DONE));
    restart(RULES);
    pass(Duration.ofMinutes(5));
    assertThat(hands.told()).containsExactly("approved v-1001");
    assertThat(hands.doubts()).isEmpty();
  }

  @Test
  void aVendorThatCertainlyDoesNotKnowIsToldAgainAndOneInDoubtIsNot() throws Exception {
    hands.vendor(VendorTold.DUE, VendorTold.FAILED);
    Shown message = askedAtPlant();
    assertThat(answer(click(message, false, SAM, 1))).isInstanceOf(Ruling.Counts.class);
    settles(() -> assertThat(hands.told()).hasSize(1));

    pass(Duration.ofSeconds(30));
    settles(() -> assertThat(question().vendor()).isEqualTo(VendorTold.FAILED));
    pass(Duration.ofMinutes(5));
    pass(Duration.ofMinutes(5));

    assertThat(hands.told()).containsExactly("denied v-1001", "denied v-1001");
  }

  @Test
  void aCallToTheVendorThatARestartInterruptsIsInDoubt() throws Exception {
    Shown message = askedAtPlant();
    hands.stuck(true);
    assertThat(answer(click(message, true, SAM, 1))).isInstanceOf(Ruling.Counts.class);
    await()
        .untilAsserted(() -> {
          pass(Duration.ofSeconds(1));
          assertThat(question().vendor()).isEqualTo(VendorTold.UNDER_WAY);
        });
    // The first desk is left behind, as a process that was killed.
    Desk killed = desk;
    ScriptedHands of = hands;
    log = log.copy();
    hands = new ScriptedHands(log);
    desk = open(RULES);

    assertThat(question().vendor()).isEqualTo(VendorTold.FAILED);
    assertThat(hands.doubts()).containsExactly("v-1001");
    pass(Duration.ofMinutes(5));
    assertThat(hands.told()).isEmpty();
    of.stuck(false);
    killed.close();
  }

  // ---- Alerts

  private Shown alerted(String text) {
    AtomicReference<Shown> found = new AtomicReference<>();
    settles(() ->
        found.set(
            hands.shown().stream()
                .filter(one -> one.to().equals(ALERTS) && one.text().contains(text))
                .findFirst()
                .orElseThrow(() -> new AssertionError(text))));
    return Objects.requireNonNull(found.get());
  }

  @Test
  void alikeAlertsAreOneMessageAlsoAcrossARestart() throws Exception {
    desk.alert(Alerts.alert("access-lockdown-released", 0));
    Shown first = alerted("");
    desk.alert(Alerts.alert("access-lockdown-released", 1));
    desk.alert(Alerts.alert("access-lockdown-released", 1));
    assertThat(alerted("; 2 alerts").ts()).isEqualTo(first.ts());

    restart(RULES);
    desk.alert(Alerts.alert("access-lockdown-released", 1));
    desk.alert(Alerts.alert("access-lockdown-released", 2));

    assertThat(alerted("; 3 alerts").ts()).isEqualTo(first.ts());
    assertThat(hands.posts()).isOne();
  }

  @Test
  void theEndOfAnOutageIsShownWhereItsBeginningWasAlsoAfterARestart() throws Exception {
    Alert failing = Alerts.destination("failing", "doors", 0);
    desk.alert(failing);
    Shown first = alerted("");

    restart(RULES);
    clock.advance(Duration.ofHours(7));
    desk.alert(Alerts.destination("back", "doors", 420));

    assertThat(alerted("Good to know").ts()).isEqualTo(first.ts());
    assertThat(hands.posts()).isOne();
  }
}
