package dev.vestibule.sink.slack.message;

import java.time.Duration;
import java.util.Locale;
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

  /**
   * It was not done, or nobody knows.
   *
   * @param scope what else would fail now
   * @param after how long Slack asks to be left alone, or null
   * @param code Slack's word for it, or a fixed one of ours; for logs, metrics and alerts
   */
  record Failed(Failure failure, Scope scope, @Nullable Duration after, String code)
      implements Reply {
    public Failed(Failure failure) {
      this(failure, null);
    }

    /** Of this message alone. */
    public Failed(Failure failure, @Nullable Duration after) {
      this(failure, Scope.MESSAGE, after, failure.name().toLowerCase(Locale.ROOT));
    }
  }

  /** How far a failure reaches. */
  enum Scope {
    /** This message alone. */
    MESSAGE,
    /** A limit: what is posted in this channel; of the other methods, each call. */
    METHOD,
    /** The channel, until somebody has seen to it. */
    CHANNEL,
    /** Slack as a whole is away. */
    SLACK,
    /** Whatever goes with this token, until somebody has seen to it. */
    TOKEN
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
