package dev.vestibule.sink.slack.message;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What Slack answered to a {@link Move}. */
public sealed interface Reply {

  /**
   * It is there.
   *
   * @param channel as Slack calls it
   * @param ts id of the message
   */
  record Done(String channel, String ts) implements Reply {}

  /**
   * Our message is in the history.
   *
   * @param sequence that it shows
   */
  record Found(String channel, String ts, long sequence) implements Reply {}

  /** Our message is not in the history. */
  record NotFound() implements Reply {}

  /** It was not done. */
  record Failed(Failure failure, @Nullable Duration after) implements Reply {
    public Failed(Failure failure) {
      this(failure, null);
    }
  }

  /** Why something was not done. */
  enum Failure {
    /** No answer, or one that leaves open whether it was done. */
    AMBIGUOUS,
    /** Not now: a limit, an outage, a channel or token that somebody has to see to. */
    NOT_NOW,
    /** Slack does not take what we sent. */
    MALFORMED,
    /** The message is not there any more. */
    DELETED,
    /** The workspace lets nobody change messages, or not this late. */
    NOT_EDITABLE,
    /** Never, whatever is sent. */
    REFUSED
  }
}
