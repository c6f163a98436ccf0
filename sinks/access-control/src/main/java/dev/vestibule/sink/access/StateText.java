package dev.vestibule.sink.access;

import dev.vestibule.sink.access.VisitAccess.Desire;
import java.time.Instant;
import java.util.Locale;

/** What is wanted of a visit, and what may be there, in words. Names nobody. */
final class StateText {
  private StateText() {}

  static String of(VisitAccess state, Instant now) {
    return wanted(state.desire(), now) + "; " + there(state.given());
  }

  private static String wanted(Desire desire, Instant now) {
    return switch (desire) {
      case Desire.Open(Terms terms, Instant _) ->
          "open "
              + terms.zones().stream().sorted().toList()
              + " from "
              + terms.from()
              + (now.isBefore(terms.from()) ? " (not yet)" : "")
              + " until "
              + terms.until()
              + " because of event "
              + terms.eventId();
      case Desire.Held(Terms terms, Instant since) ->
          "held since " + since + ", waiting for an approval of event " + terms.eventId();
      case Desire.Closed(VisitAccess.Cause cause, Instant since) ->
          cause == VisitAccess.Cause.NOTHING
              ? "closed: nothing asked for it"
              : "closed since " + since + ": " + cause.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String there(VisitAccess.Given given) {
    return switch (given.certainty()) {
      case NOTHING -> "the target has nothing";
      case UNSURE -> "the target may have something, which is looked after";
      case THERE -> "the target has it";
    };
  }
}
