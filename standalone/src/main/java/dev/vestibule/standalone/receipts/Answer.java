package dev.vestibule.standalone.receipts;

import dev.vestibule.standalone.receipts.Trace.Searched;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a question for a delivery, an event or a visit comes to. */
public sealed interface Answer {

  /**
   * @param deliveries oldest first, at least one
   * @param searched how far was looked for them
   */
  record Found(List<Trace> deliveries, Searched searched) implements Answer {}

  /** It was looked for everywhere, and is not there. */
  record Unknown(String error, Searched searched) implements Answer {}

  /** It was there, and its record has been deleted by the topic's retention. */
  record Expired(String error) implements Answer {}

  /** The question is none. */
  record Malformed(String error) implements Answer {}

  /**
   * There is no saying: Kafka did not answer, or there was too much to look through.
   *
   * @param searched how far was looked, or null
   */
  record Unavailable(String error, @Nullable Searched searched) implements Answer {}
}
