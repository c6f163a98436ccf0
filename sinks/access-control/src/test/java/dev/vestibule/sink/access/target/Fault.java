package dev.vestibule.sink.access.target;

import org.jspecify.annotations.Nullable;

/** What befalls the next call that would change something. */
public sealed interface Fault {

  /** Whether the call takes effect all the same. */
  boolean applied();

  /**
   * Another answer.
   *
   * @param retryAfter the header, or null
   */
  record Status(int code, @Nullable String retryAfter, boolean applied) implements Fault {
    public static Status of(int code) {
      return new Status(code, null, false);
    }
  }

  /** Nothing: what comes next befalls a later call. */
  record Pass() implements Fault {
    @Override
    public boolean applied() {
      return true;
    }
  }

  /** It comes twice, as by a proxy that repeats what had no answer; the second is answered. */
  record Twice() implements Fault {
    @Override
    public boolean applied() {
      return true;
    }
  }

  /** No answer, while the connection stays. */
  record Silence(boolean applied) implements Fault {}

  /** The connection is closed. */
  record Hangup(boolean applied) implements Fault {}
}
