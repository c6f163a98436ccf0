package dev.vestibule.sink.slack.message;

import dev.vestibule.contract.Verdict;
import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.slack.card.Asked;
import dev.vestibule.sink.slack.card.Message;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.View;
import dev.vestibule.sink.slack.card.VisitCard;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.message.CallLimits.Method;
import dev.vestibule.sink.slack.message.MessageState.Origin;
import dev.vestibule.sink.slack.message.MessageState.Place;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the message of one visit in one place: what a fact changes, which call follows, and
 * what Slack's answer means. Knows neither clock nor store nor wire.
 *
 * <p>A state is to be stored before its move is carried out. A message that may have been posted is
 * looked for, never posted again; changing one twice is harmless, so changes need no such care.
 */
public final class MessageMachine {
  /** A message is changed at most this often. */
  static final Duration CALM = Duration.ofSeconds(3);

  /** A call may be under way so long, also one of a process that is gone. */
  static final Duration CALL = Duration.ofSeconds(10);

  /** How long a message may take until the history shows it. */
  static final Duration VISIBLE = Duration.ofSeconds(5);

  /** Clocks differ, and an earlier call may have been the one that arrived. */
  static final Duration LOOK_BACK = Duration.ofMinutes(5);

  private static final Duration PAUSE = Duration.ofSeconds(5);

  private MessageMachine() {}

  /** A state to be stored, and what is to be done then. */
  public record Step(MessageState state, Move move) {}

  /**
   * What an event changes. Taking it twice changes nothing more.
   *
   * @param before the state, or null where there is none
   * @param begins whether a rule lets the event begin a message
   * @return null where there is still nothing to say
   */
  public static @Nullable MessageState take(
      @Nullable MessageState before,
      Decoded.Event fact,
      Origin origin,
      boolean begins,
      Instant now) {
    VisitorEvent event = fact.event();
    if (!counts(fact)) {
      return before;
    }
    VisitVersion version = VisitVersion.of(event);
    if (before == null) {
      boolean replayed = "replay".equals(fact.path());
      VisitView view = begins && !replayed ? VisitView.of(event) : null;
      return view == null || view.phase() == Phase.ERASED
          ? null
          : MessageState.begin(
              origin, view, version, clears(event.getType()) ? version : null, now);
    }
    return before.view() instanceof VisitView view ? taken(before, view, event, version) : before;
  }

  private static MessageState taken(
      MessageState before, VisitView view, VisitorEvent event, VisitVersion version) {
    if (view.phase() == Phase.ERASED) {
      return before;
    }
    VisitVersion cleared = before.cleared();
    if (clears(event.getType()) && isNewer(version, cleared)) {
      cleared = version;
    }
    boolean newer = isNewer(version, before.newest());
    // An update has the time of its arrival: a departure that is told later is not older for that.
    boolean moves = Phase.of(event.getType()) != null && isNewer(version, before.moved());
    // Who has been erased stays so, whatever is newer.
    if (event.getType() == EventType.ERASED || newer || moves) {
      return before.wanting(
          view.with(event),
          newer ? version : before.newest(),
          moves ? version : before.moved(),
          cleared);
    }
    // A hit is not to be missed because the sign-in was faster.
    boolean hit = hits(event.getType()) && isNewer(version, cleared);
    VisitView filled = view.filledBy(event);
    return before.wanting(
        hit ? filled.withHit(event) : filled, before.newest(), before.moved(), cleared);
  }

  private static boolean isNewer(VisitVersion version, @Nullable VisitVersion than) {
    return than == null || version.compareTo(than) > 0;
  }

  /**
   * A visitor was sent to a review at the door.
   *
   * @param before the state, or null where there is none
   * @param known what else is known of the visit
   * @param version of the decision among the facts of the visit
   */
  public static MessageState review(
      @Nullable MessageState before,
      Origin origin,
      VisitView known,
      VisitVersion version,
      Instant now) {
    if (before == null) {
      return MessageState.begin(origin, known, version, null, now);
    }
    return before.view() instanceof VisitView view
            && view.phase() != Phase.ERASED
            && isNewer(version, before.moved())
        ? before.wanting(
            view.inReview(version.effectiveAt()),
            isNewer(version, before.newest()) ? version : before.newest(),
            version,
            before.cleared())
        : before;
  }

  /**
   * The message shows something, whatever events say.
   *
   * @param before the state, or null where there is none
   */
  public static MessageState show(
      @Nullable MessageState before, Origin origin, View view, Instant now) {
    return before == null
        ? MessageState.begin(origin, view, null, null, now)
        : before.wanting(view);
  }

  /** The same with a question, or with what became of it. */
  public static MessageState ask(MessageState state, @Nullable Asked asked) {
    return state.view() instanceof VisitView view && view.phase() != Phase.ERASED
        ? state.wanting(view.asking(asked))
        : state;
  }

  /** The visit was told as one of many; only where it has no message yet. */
  public static MessageState counted(MessageState state) {
    return state.place() instanceof Place.Nowhere ? state.showing(state.wanted(), null) : state;
  }

  /** Whether nothing is to be done until the state changes. */
  public static boolean isDone(MessageState state) {
    boolean shown = state.shown() >= state.wanted();
    return switch (state.place()) {
      case Place.Gone _ -> true;
      case Place.Nowhere _ -> shown;
      case Place.Perhaps _ -> false;
      case Place.There _ ->
          shown
              && (!state.origin().thread()
                  || state.phase() == state.told()
                  || state.phase() == Phase.ERASED);
    };
  }

  /** Which limit the next call falls under; null where the state rests, perhaps. */
  public static @Nullable Method method(MessageState state) {
    return switch (state.place()) {
      case Place.Gone _ -> null;
      case Place.Nowhere _ -> state.shown() == state.wanted() ? null : Method.POST;
      case Place.Perhaps _ -> Method.HISTORY;
      case Place.There there -> there.editable() ? Method.UPDATE : Method.POST;
    };
  }

  /** What is to be done next. */
  public static Step next(MessageState state, Instant now) {
    return switch (state.place()) {
      case Place.Gone _ -> new Step(state, new Move.Rest(null));
      case Place.Nowhere _ when state.shown() == state.wanted() ->
          new Step(state, new Move.Rest(null));
      case Place _ when now.isBefore(state.notBefore()) ->
          new Step(state, new Move.Rest(state.notBefore()));
      case Place.Perhaps(Instant since) ->
          new Step(state, new Move.Find(state.key(), since.minus(LOOK_BACK)));
      case Place.Nowhere _ -> nowhere(state, now);
      case Place.There there -> there(state, there);
    };
  }

  private static Step nowhere(MessageState state, Instant now) {
    if (state.phase() == Phase.ERASED) {
      return new Step(state.showing(state.wanted(), null), new Move.Rest(null));
    }
    return new Step(
        state
            .at(new Place.Perhaps(now))
            .telling(state.phase())
            .waiting(now.plus(CALL).plus(VISIBLE)),
        new Move.Post(message(state), state.wanted()));
  }

  private static Step there(MessageState state, Place.There there) {
    Message message = message(state);
    boolean changed = state.shown() < state.wanted() && !message.look().equals(state.look());
    if (changed && there.editable()) {
      return new Step(state, new Move.Update(there.channel(), there.ts(), message, state.wanted()));
    }
    Phase phase = state.phase();
    if (phase == Phase.ERASED && changed) {
      return new Step(state, new Move.Delete(there.channel(), there.ts()));
    }
    boolean untold = changed || (state.origin().thread() && phase != state.told());
    if (untold && phase != Phase.ERASED && state.view() instanceof VisitView visit) {
      // Told at most once: written down before, and not looked for.
      Message line = VisitCard.history(visit, state.key(), state.wanted());
      return new Step(
          state.telling(phase).showing(state.wanted(), changed ? message.look() : state.look()),
          new Move.Reply(there.channel(), there.ts(), line, state.wanted(), changed));
    }
    return new Step(state.showing(state.wanted(), state.look()), new Move.Rest(null));
  }

  /** What an answer means. */
  public static MessageState answered(MessageState state, Move move, Reply reply, Instant now) {
    return switch (reply) {
      case Reply.Done(String channel, String ts) -> done(state, move, channel, ts, now);
      case Reply.Found(String channel, String ts, long sequence) ->
          state
              .at(new Place.There(channel, ts, true))
              .showing(Math.min(sequence, state.wanted()), null)
              .waiting(now);
      case Reply.NotFound _ -> state.at(new Place.Nowhere()).waiting(now);
      case Reply.Failed(Reply.Failure failure, var _, Duration after, var _) -> {
        Instant later = now.plus(after == null ? PAUSE : after);
        yield switch (failure) {
          case AMBIGUOUS -> state.waiting(later);
          case NOT_NOW -> unsaid(state, move).waiting(later);
          case MALFORMED -> malformed(state, move, now);
          case DELETED -> deleted(state);
          // What stands there still stands there.
          case NOT_EDITABLE, REFUSED -> editable(state) ? fixed(state, now) : gone(state);
        };
      }
    };
  }

  private static MessageState done(
      MessageState state, Move move, String channel, String ts, Instant now) {
    MessageState next = state.waiting(now.plus(CALM));
    return switch (move) {
      case Move.Post(Message message, long sequence) ->
          next.at(new Place.There(channel, ts, true)).showing(sequence, message.look());
      case Move.Update(var _, var _, Message message, long sequence) ->
          next.showing(sequence, message.look());
      case Move.Delete _ -> deleted(next);
      case Move.Reply _, Move.Find _, Move.Rest _ -> next;
    };
  }

  /** The call certainly did nothing. */
  private static MessageState unsaid(MessageState state, Move move) {
    return switch (move) {
      case Move.Post _ -> state.at(new Place.Nowhere());
      case Move.Reply(var _, var _, var _, long sequence, boolean instead) ->
          instead ? state.telling(null).showing(sequence - 1, null) : state.telling(null);
      case Move.Update _, Move.Delete _, Move.Find _, Move.Rest _ -> state;
    };
  }

  private static MessageState malformed(MessageState state, Move move, Instant now) {
    if (!state.plain()) {
      return unsaid(state, move).inPlainText().waiting(now);
    }
    return editable(state) ? fixed(state, now) : gone(state);
  }

  private static boolean editable(MessageState state) {
    return state.place() instanceof Place.There there && there.editable();
  }

  /** It stays as it is; what is new goes below it. */
  private static MessageState fixed(MessageState state, Instant now) {
    return state.place() instanceof Place.There(String channel, String ts, boolean _)
        ? state.at(new Place.There(channel, ts, false)).waiting(now)
        : state;
  }

  /** Nothing more is said; where a message stands is kept, since it may have to be erased. */
  private static MessageState gone(MessageState state) {
    return state.place() instanceof Place.There && state.phase() != Phase.ERASED
        ? state.telling(state.phase()).showing(state.wanted(), null)
        : deleted(state);
  }

  private static MessageState deleted(MessageState state) {
    return state.at(new Place.Gone()).showing(state.wanted(), null);
  }

  private static Message message(MessageState state) {
    Message message = state.view().message(state.key(), state.wanted());
    return state.plain() ? message.withoutBlocks() : message;
  }

  private static boolean counts(Decoded.Event fact) {
    Verdict verdict = fact.verdict();
    if (fact.event().getType() == EventType.ERASED) {
      return true;
    }
    return switch (verdict) {
      case NEW, REVISION, UNVERIFIED -> !fact.late();
      case null, default -> false;
    };
  }

  private static boolean clears(EventType type) {
    return type == EventType.APPROVED || type == EventType.SCREENING_CLEARED;
  }

  private static boolean hits(EventType type) {
    return type == EventType.WATCHLIST_HIT || type == EventType.BOLO_ALERT;
  }
}
