package dev.vestibule.sink.slack.card;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A question to people about a visit. */
public sealed interface Asked {

  /**
   * Nobody has answered.
   *
   * @param round counts the questions about one visit
   * @param token what a button carries: random, and nothing that could be guessed or changed
   * @param approvable whether yes is an answer; no always is
   * @param entry where the vendor itself asks, for a vendor that cannot be told; or null
   * @param until when it counts as refused
   */
  record Pending(long round, String token, boolean approvable, @Nullable URI entry, Instant until)
      implements Asked {
    /** Whoever has the token can answer, so it does not print. */
    @Override
    public String toString() {
      return "Pending[" + round + " until " + until + "]";
    }
  }

  /**
   * @param by Slack's id of the person
   */
  record Answered(boolean approved, String by, Instant at) implements Asked {
    public Answered {
      SlackIds.user(by);
    }
  }

  /** Nobody answered in time, which is a no. */
  record Expired(Instant at) implements Asked {}

  /** The visit went on without an answer, so that none is needed. */
  record Settled() implements Asked {}
}
