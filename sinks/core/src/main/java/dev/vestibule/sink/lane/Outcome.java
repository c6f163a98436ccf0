package dev.vestibule.sink.lane;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came of one attempt. The words are fixed, in lower case, such as {@code granted} or {@code
 * http_500}: they are written down and counted, so they never hold anything of a visitor.
 */
public sealed interface Outcome {

  /** The fixed word. */
  String reason();

  /** The destination has it. The next event of the visit follows. */
  record Done(String reason) implements Outcome {}

  /**
   * Nothing was to be done, and the destination was not asked: says nothing about how it fares. The
   * next event of the visit follows.
   */
  record Skip(String reason) implements Outcome {}

  /**
   * Not now: the same event is tried again, for as long as it takes, and the visit's other events
   * wait behind it.
   *
   * @param after how long the destination asked to be left alone, or null
   */
  record Retry(@Nullable Duration after, String reason) implements Outcome {}

  /**
   * Never: the event becomes a dead letter and the next one of the visit follows. Only a handler
   * gives an event up, so one that must not be lost is never answered with this.
   */
  record Reject(String reason) implements Outcome {}

  /**
   * Nobody gets through until a person has done something: a refused token, a wrong certificate.
   * The destination is left alone and tried now and then with this event; nothing is given up.
   */
  record Blocked(String reason) implements Outcome {}
}
