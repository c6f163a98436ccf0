package dev.vestibule.sink.slack.web;

import dev.vestibule.sink.slack.message.Reply;

/** What came of asking Slack for something. */
public sealed interface Lookup<T> {

  /** It is there. */
  record Known<T>(T value) implements Lookup<T> {
    /** Leaves out what it is. */
    @Override
    public String toString() {
      return "Known";
    }
  }

  /** Slack says that there is no such thing; asking again does not help. */
  record Unknown<T>() implements Lookup<T> {}

  /** Slack did not say. */
  record Failed<T>(Reply.Failed why) implements Lookup<T> {}
}
