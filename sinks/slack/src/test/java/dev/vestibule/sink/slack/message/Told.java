package dev.vestibule.sink.slack.message;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.slack.card.Visits;

/** Facts of the visit as the sink gets them. */
final class Told {
  private Told() {}

  static Decoded.Event fact(EventType type, int minute) {
    return fact(Visits.event(type, minute));
  }

  static Decoded.Event fact(VisitorEvent event) {
    return new Decoded.Event(event, 1, Verdict.NEW, false, "webhook");
  }
}
