package dev.vestibule.sink.access;

import dev.vestibule.events.VisitorEvent;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When access begins and ends.
 *
 * @param cap longest time between the two; a later end is brought forward
 */
record WindowRule(Edge from, Edge until, Duration cap) {

  /** One end of a window. */
  record Edge(Anchor anchor, Duration offset) {
    @Nullable Instant of(VisitorEvent event) {
      Instant at = anchor.of(event);
      try {
        return at == null ? null : at.plus(offset);
      } catch (DateTimeException | ArithmeticException e) {
        return null; // beyond all calendars is no time
      }
    }
  }

  /** A window that ends. */
  record Span(Instant from, Instant until) {}

  /** The window of an event, or null where a time is missing or it would end before it begins. */
  @Nullable Span of(VisitorEvent event) {
    Instant begin = from.of(event);
    Instant end = until.of(event);
    if (begin == null || end == null || !end.isAfter(begin)) {
      return null;
    }
    // Compared as a difference: adding the cap to a far-off begin could overflow.
    Instant longest = begin.isBefore(Instant.MAX.minus(cap)) ? begin.plus(cap) : begin;
    Instant until = end.isBefore(longest) ? end : longest;
    return until.isAfter(begin) ? new Span(begin, until) : null;
  }
}
