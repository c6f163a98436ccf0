package dev.vestibule.sink;

import dev.vestibule.contract.Verdict;
import dev.vestibule.events.VisitorEvent;
import org.jspecify.annotations.Nullable;

/** What a record of an events topic turned out to be. */
public sealed interface Decoded {

  /**
   * An event.
   *
   * @param event the event
   * @param schemaId id of the writer's schema
   * @param verdict the deduper's verdict, or null where the header is missing or unknown; an event
   *     without one grants nothing
   * @param late whether the event would undo a terminal fact: it is to be recorded and to change no
   *     state
   * @param path how the record itself came in, which a replay changes, or null where it does not
   *     say
   */
  record Event(
      VisitorEvent event,
      int schemaId,
      @Nullable Verdict verdict,
      boolean late,
      @Nullable String path)
      implements Decoded {
    // Events name people, so they do not print.
    @Override
    public String toString() {
      return "Event[" + event.getEventId() + "]";
    }
  }

  /** No event; asking again will not help. */
  record Undecodable(Reason reason) implements Decoded {}

  /** Why a record is no event; also the tag of metrics. */
  enum Reason {
    /** Events topics hold no tombstones: a null value is an error, not a deletion. */
    NULL_VALUE,
    /** Not in the wire format, of an unknown schema, or not what the schema says. */
    UNDECODABLE
  }
}
