package dev.vestibule.sink.access;

import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A time of a visit that a window is measured from. */
enum Anchor {
  EXPECTED,
  SIGNED_IN;

  /** The time, or null where the event does not say. */
  @Nullable Instant of(VisitorEvent event) {
    return switch (this) {
      case EXPECTED -> event.getVisit().getExpectedAt();
      case SIGNED_IN -> {
        Instant at = event.getVisit().getSignedInAt();
        yield at == null && event.getType() == EventType.SIGNED_IN ? event.getOccurredAt() : at;
      }
    };
  }
}
