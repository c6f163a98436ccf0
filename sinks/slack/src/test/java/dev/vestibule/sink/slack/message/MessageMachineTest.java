package dev.vestibule.sink.slack.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.message.MessageState.Origin;
import dev.vestibule.sink.slack.message.MessageState.Place;
import dev.vestibule.sink.slack.message.Reply.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MessageMachineTest {
  private static final Origin ORIGIN = new Origin("k", "C1", "visit", false, Set.of());
  private static final Origin THREAD = new Origin("k", "C1", "visit", true, Set.of());
  private static final Reply.Done DONE = new Reply.Done("C1", "1.1");

  private Instant now = Visits.NINE;
  private @Nullable MessageState state;

  private VisitView view() {
    return (VisitView) state().view();
  }

  private MessageState state() {
    return Objects.requireNonNull(state);
  }

  private void take(Decoded.Event fact) {
    state = MessageMachine.take(state, fact, ORIGIN, true, now);
  }

  private void take(EventType type, int minute) {
    take(Told.fact(type, minute));
  }

  /** Stores the state and returns the move, as whoever carries it out. */
  private Move next() {
    now = now.plusSeconds(60);
    MessageMachine.Step step = MessageMachine.next(state(), now);
    state = step.state();
    return step.move();
  }

  private void answer(Move move, Reply reply) {
    state = MessageMachine.answered(state(), move, reply, now);
  }

  private void posted() {
    take(EventType.SIGNED_IN, 0);
    answer(next(), DONE);
  }

  @Test
  void firstEventPostsAndLaterOnesChangeInPlace() {
    take(EventType.PRE_REGISTERED, 0);
    Move first = next();
    answer(first, DONE);
    take(EventType.SIGNED_IN, 5);
    Move second = next();
    answer(second, DONE);

    assertThat(first).isInstanceOf(Move.Post.class);
    assertThat(second)
        .isInstanceOfSatisfying(
            Move.Update.class,
            update -> {
              assertThat(update.channel()).isEqualTo("C1");
              assertThat(update.ts()).isEqualTo("1.1");
              assertThat(update.message().text()).startsWith("Visitor signed in");
            });
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void eventsBeforeThePostAreOneMessage() {
    take(EventType.PRE_REGISTERED, 0);
    take(EventType.SIGNED_IN, 5);
    Move move = next();
    answer(move, DONE);

    assertThat(((Move.Post) move).message().text()).startsWith("Visitor signed in");
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void changesOfAMessageAreCalm() {
    posted();
    take(EventType.SIGNED_OUT, 5);

    assertThat(MessageMachine.next(state(), now.plusSeconds(1)).move())
        .isEqualTo(new Move.Rest(now.plus(MessageMachine.CALM)));
  }

  @Test
  void readingAgainPostsAndChangesNothing() {
    posted();
    take(EventType.SIGNED_OUT, 5);
    answer(next(), DONE);
    MessageState before = state();
    take(EventType.SIGNED_IN, 0);
    take(EventType.SIGNED_OUT, 5);

    assertThat(state()).isEqualTo(before);
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void olderFactChangesNothing() {
    take(EventType.SIGNED_OUT, 5);
    take(EventType.SIGNED_IN, 0);

    assertThat(view().phase()).isEqualTo(Phase.SIGNED_OUT);
  }

  @Test
  void updateDoesNotMakeAStepLookOldThatIsToldAfterIt() {
    take(EventType.SIGNED_IN, 0);
    take(EventType.UPDATED, 60);
    take(EventType.SIGNED_OUT, 5);
    MessageState before = state();

    assertThat(view().phase()).isEqualTo(Phase.SIGNED_OUT);
    take(EventType.SIGNED_IN, 0);
    take(EventType.UPDATED, 60);
    take(EventType.SIGNED_OUT, 5);
    assertThat(state()).isEqualTo(before);
  }

  @Test
  void whatIsLateContradictsOrHasNoVerdictChangesNothing() {
    take(new Decoded.Event(Visits.event(EventType.SIGNED_IN, 0), 1, Verdict.NEW, true, "webhook"));
    take(
        new Decoded.Event(
            Visits.event(EventType.SIGNED_IN, 0), 1, Verdict.CONFLICT, false, "webhook"));
    take(new Decoded.Event(Visits.event(EventType.SIGNED_IN, 0), 1, null, false, "webhook"));

    assertThat(state).isNull();
  }

  @Test
  void replayedRecordAndEventThatNoRuleBeginsWithPostNothing() {
    take(new Decoded.Event(Visits.event(EventType.SIGNED_IN, 0), 1, Verdict.NEW, false, "replay"));
    assertThat(state).isNull();

    state = MessageMachine.take(null, Told.fact(EventType.SIGNED_IN, 0), ORIGIN, false, now);
    assertThat(state).isNull();
  }

  @Test
  void hitIsSeenAlsoWhereTheSignInWasFaster() {
    take(EventType.SIGNED_IN, 5);
    take(EventType.WATCHLIST_HIT, 4);

    assertThat(view().phase()).isEqualTo(Phase.SIGNED_IN);
    assertThat(view().listed()).isTrue();
    take(EventType.SCREENING_CLEARED, 6);
    assertThat(view().listed()).isFalse();
    take(EventType.WATCHLIST_HIT, 3);
    assertThat(view().listed()).isFalse();
  }

  @Test
  void afterACrashBetweenPostAndRecordTheMessageIsLookedForAndAdopted() {
    take(EventType.SIGNED_IN, 0);
    Move post = next();
    Instant called = now;
    Move find = next();
    answer(find, new Reply.Found("C1", "1.1", ((Move.Post) post).sequence()));

    assertThat(find).isEqualTo(new Move.Find("k", called.minus(MessageMachine.LOOK_BACK)));
    assertThat(state().place()).isEqualTo(new Place.There("C1", "1.1", true));
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void messageThatIsFoundIsBroughtUpToDate() {
    take(EventType.SIGNED_IN, 0);
    Move post = next();
    take(EventType.SIGNED_OUT, 5);
    answer(next(), new Reply.Found("C1", "1.1", ((Move.Post) post).sequence()));

    assertThat(next())
        .isInstanceOfSatisfying(
            Move.Update.class,
            update -> assertThat(update.message().text()).startsWith("Visitor signed out"));
  }

  @Test
  void messageThatIsNotFoundIsPostedAgain() {
    take(EventType.SIGNED_IN, 0);
    Move post = next();
    answer(post, new Reply.Failed(Failure.AMBIGUOUS));
    Move find = next();
    answer(find, new Reply.NotFound());

    assertThat(find).isInstanceOf(Move.Find.class);
    assertThat(next()).isInstanceOf(Move.Post.class);
  }

  @Test
  void historyIsGivenTimeToShowTheMessage() {
    take(EventType.SIGNED_IN, 0);
    answer(next(), new Reply.Failed(Failure.AMBIGUOUS));

    assertThat(MessageMachine.next(state(), now.plusSeconds(1)).move())
        .isInstanceOf(Move.Rest.class);
  }

  @Test
  void lookThatFailsIsNotTakenForAnAbsence() {
    take(EventType.SIGNED_IN, 0);
    next();
    Move find = next();
    answer(find, new Reply.Failed(Failure.NOT_NOW, Duration.ofSeconds(30)));

    assertThat(MessageMachine.next(state(), now.plusSeconds(29)).move())
        .isEqualTo(new Move.Rest(now.plusSeconds(30)));
    assertThat(next()).isInstanceOf(Move.Find.class);
  }

  @Test
  void limitIsWaitedForAndTheSamePostMadeAgain() {
    take(EventType.SIGNED_IN, 0);
    answer(next(), new Reply.Failed(Failure.NOT_NOW, Duration.ofSeconds(30)));

    assertThat(MessageMachine.next(state(), now.plusSeconds(29)).move())
        .isEqualTo(new Move.Rest(now.plusSeconds(30)));
    assertThat(next()).isInstanceOf(Move.Post.class);
  }

  @Test
  void refusedBlocksGoOnceMoreAsText() {
    take(EventType.SIGNED_IN, 0);
    answer(next(), new Reply.Failed(Failure.MALFORMED));
    Move again = next();
    answer(again, new Reply.Failed(Failure.MALFORMED));

    assertThat(((Move.Post) again).message().blocks()).isEmpty();
    assertThat(next()).isEqualTo(new Move.Rest(null));
    assertThat(state().place()).isEqualTo(new Place.Gone());
  }

  @Test
  void deletedMessageIsNotPostedAgain() {
    posted();
    take(EventType.SIGNED_OUT, 5);
    answer(next(), new Reply.Failed(Failure.DELETED));
    take(EventType.ERASED, 6);

    assertThat(next()).isEqualTo(new Move.Rest(null));
    assertThat(state().place()).isEqualTo(new Place.Gone());
  }

  @ParameterizedTest
  @EnumSource(
      value = Failure.class,
      names = {"REFUSED", "MALFORMED", "NOT_EDITABLE"})
  void messageWhoseChangeSlackRefusesIsStillErased(Failure failure) {
    posted();
    take(EventType.SIGNED_OUT, 5);
    for (Move move = next(); !(move instanceof Move.Rest); move = next()) {
      answer(move, new Reply.Failed(failure));
    }
    take(EventType.ERASED, 6);

    assertThat(next()).isEqualTo(new Move.Delete("C1", "1.1"));
  }

  @Test
  void whereNothingCanBeChangedItIsToldBelow() {
    posted();
    take(EventType.SIGNED_OUT, 5);
    answer(next(), new Reply.Failed(Failure.NOT_EDITABLE));
    Move reply = next();
    answer(reply, new Reply.Failed(Failure.NOT_NOW));
    Move again = next();
    answer(again, DONE);

    assertThat(reply).isInstanceOf(Move.Reply.class);
    assertThat(again)
        .isInstanceOfSatisfying(
            Move.Reply.class,
            told -> {
              assertThat(told.parentTs()).isEqualTo("1.1");
              assertThat(told.message().text()).startsWith("Visitor signed out");
            });
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void historyIsToldBelowOnceWhereARuleSaysSo() {
    state = MessageMachine.take(null, Told.fact(EventType.SIGNED_IN, 0), THREAD, true, now);
    answer(next(), DONE);
    assertThat(next()).isEqualTo(new Move.Rest(null));
    take(EventType.SIGNED_OUT, 5);
    Move update = next();
    answer(update, DONE);
    Move reply = next();

    assertThat(update).isInstanceOf(Move.Update.class);
    assertThat(reply).isInstanceOf(Move.Reply.class);
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void erasedVisitShowsNobodyAndStaysErased() {
    posted();
    take(EventType.ERASED, 5);
    Move move = next();
    answer(move, DONE);
    take(EventType.SIGNED_OUT, 9);

    assertThat(move)
        .isInstanceOfSatisfying(
            Move.Update.class,
            update -> {
              assertThat(update.message().text()).isEqualTo("This visit was erased.");
              assertThat(update.message().metadata()).isEmpty();
            });
    assertThat(view().visitor()).isNull();
    assertThat(view().visitId()).isNull();
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void erasedMessageThatCannotBeChangedIsDeleted() {
    posted();
    take(EventType.ERASED, 5);
    answer(next(), new Reply.Failed(Failure.NOT_EDITABLE));
    Move delete = next();
    answer(delete, DONE);

    assertThat(delete).isEqualTo(new Move.Delete("C1", "1.1"));
    assertThat(state().place()).isEqualTo(new Place.Gone());
  }

  @Test
  void visitThatIsErasedBeforeItsPostIsNotPosted() {
    take(EventType.SIGNED_IN, 0);
    take(EventType.ERASED, 5);

    assertThat(next()).isEqualTo(new Move.Rest(null));
    assertThat(next()).isEqualTo(new Move.Rest(null));
  }

  @Test
  void questionAndItsAnswerChangeTheMessage() {
    take(EventType.REVIEW_REQUIRED, 0);
    Asked.Pending asked =
        new Asked.Pending(1, "v1.0123456789abcdef", true, null, now.plusSeconds(900));
    state = MessageMachine.ask(state(), asked);
    Move post = next();
    answer(post, DONE);
    state = MessageMachine.ask(state(), new Asked.Answered(true, "U1A", now));
    Move update = next();

    assertThat(((Move.Post) post).message().blocks().toString()).contains("visit_approve");
    assertThat(((Move.Update) update).message().blocks().toString())
        .doesNotContain("visit_approve")
        .contains("<@U1A>");
  }

  @Test
  void visitThatWasCountedIsPostedWithItsNextFactOnly() {
    take(EventType.SIGNED_IN, 0);
    state = MessageMachine.counted(state());
    assertThat(next()).isEqualTo(new Move.Rest(null));
    take(EventType.SIGNED_OUT, 5);

    assertThat(next()).isInstanceOf(Move.Post.class);
  }
}
