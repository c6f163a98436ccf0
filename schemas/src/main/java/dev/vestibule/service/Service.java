package dev.vestibule.service;

/** A running part of Vestibule, alone in its JVM or beside others. */
public interface Service extends AutoCloseable {

  /** Name as on the command line, e.g. {@code normalizer}. */
  String name();

  /** Whether it can do its work right now. */
  boolean ready();

  /** Whether it can still come to do its work; false asks for a restart of the process. */
  default boolean live() {
    return true;
  }

  /**
   * Whether it stands still because it was told to, while a topic grows: not ready, and as it
   * should be.
   */
  default boolean paused() {
    return false;
  }

  /** Stops cleanly; returns when everything is stopped. */
  @Override
  void close();
}
