package dev.vestibule.sink.access.target.http;

/** Where each HTTP call waits for its turn, so that a target is not asked faster than it bears. */
public interface Turnstile {
  /** Lets everybody through at once. */
  Turnstile OPEN = () -> {};

  void pass() throws InterruptedException;
}
