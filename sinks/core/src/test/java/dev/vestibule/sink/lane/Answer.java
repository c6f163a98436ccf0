package dev.vestibule.sink.lane;

import java.time.Duration;

/** What a destination of tests is told to say. */
public sealed interface Answer {
  /** It takes what comes. */
  record Takes() implements Answer {}

  /** It breaks: a 500, a lost connection before anything was sent. */
  record Breaks() implements Answer {}

  /** It asks to be left alone for a while: a 429 with {@code Retry-After}. */
  record IsBusy(Duration after) implements Answer {}

  /** It will never take this: a 400. */
  record Refuses() implements Answer {}

  /** It takes nothing from us: a 401. */
  record LocksOut() implements Answer {}
}
