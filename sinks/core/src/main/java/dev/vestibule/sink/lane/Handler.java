package dev.vestibule.sink.lane;

import dev.vestibule.sink.Decoded;

/**
 * What a sink does with an event. Called on virtual threads, for many visits at a time and for each
 * visit by one at a time, in the order of its events.
 *
 * <p>At least once: after a crash, and after a partition came back, events are handled again, also
 * older ones than those handled last. {@code VisitVersion} tells what is newer.
 */
public interface Handler {

  /**
   * One attempt. An exception counts as {@link Outcome.Retry}. When a sink stops, the thread is
   * interrupted and what was not answered will be handled again.
   */
  Outcome handle(Work work) throws InterruptedException;

  /**
   * Whether an event shall not wait for the next attempt at the one before it: that attempt is made
   * at once, whatever its back-off, and sees this event among its {@link Work#urgentFollowers()}.
   * Quick, and asks nobody.
   */
  default boolean isUrgent(Decoded.Event event) {
    return false;
  }
}
