package dev.vestibule.sink.slack.message;

import dev.vestibule.sink.slack.card.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What is to be done in Slack about one message. */
public sealed interface Move {

  /**
   * Nothing.
   *
   * @param until when to come back without a fact, or null for never
   */
  record Rest(@Nullable Instant until) implements Move {}

  /**
   * @param sequence what it shows
   */
  record Post(Message message, long sequence) implements Move {}

  /**
   * Look in the history of the channel for our message.
   *
   * @param key in its metadata
   * @param oldest where to begin
   */
  record Find(String key, Instant oldest) implements Move {}

  record Update(String channel, String ts, Message message, long sequence) implements Move {}

  /** The visit was erased, and the message cannot be changed. */
  record Delete(String channel, String ts) implements Move {}

  /**
   * Tell it below the message.
   *
   * @param instead whether the message itself cannot be changed, so that this has to be told
   */
  record Reply(String channel, String parentTs, Message message, long sequence, boolean instead)
      implements Move {}
}
