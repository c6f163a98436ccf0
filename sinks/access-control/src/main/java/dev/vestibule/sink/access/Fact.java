package dev.vestibule.sink.access;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Something that became known about one visit. */
public sealed interface Fact {

  /**
   * What a vendor reported.
   *
   * @param verdict the deduper's, or null where there is none
   * @param late whether it would undo a terminal fact
   * @param path the record's own path, which a replay changes, or null where the record has none
   */
  record Reported(
      VisitorEvent event, @Nullable Verdict verdict, boolean late, @Nullable String path)
      implements Fact {

    public static Reported of(Decoded.Event event) {
      return new Reported(event.event(), event.verdict(), event.late(), event.path());
    }

    /** Events name people, so they do not print. */
    @Override
    public String toString() {
      return event.getType() + "[" + event.getEventId() + " " + verdict + " " + path + "]";
    }
  }

  /**
   * What a record of a decision at the door says; a decision may have several.
   *
   * @param approved whether this record says so
   */
  record Decided(String decisionId, boolean approved) implements Fact {}

  /**
   * What a person said about a visit.
   *
   * @param at when
   */
  record Reviewed(boolean approved, Instant at) implements Fact {}
}
