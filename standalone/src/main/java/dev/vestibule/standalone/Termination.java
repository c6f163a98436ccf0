package dev.vestibule.standalone;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The end of a process that otherwise runs for ever. */
final class Termination {
  private static final Duration CHECK = Duration.ofSeconds(1);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

  private Termination() {}

  /**
   * Waits until somebody ends the process (SIGTERM, SIGINT: stops cleanly, exit code 0) or a
   * service has given up (stops as cleanly as it can, exit code 1, so that a supervisor starts it
   * again).
   *
   * @param dead names of services that have given up
   */
  static int await(AutoCloseable running, Supplier<List<String>> dead, PrintWriter err) {
    AtomicInteger code = new AtomicInteger();
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform().name("stop").unstarted(() -> stop(running, code, err)));
    while (dead.get().isEmpty()) {
      Sleep.of(CHECK);
    }
    err.println("vestibule: " + String.join(", ", dead.get()) + " has given up; the log says why");
    code.set(Vestibule.FAILED);
    return Vestibule.FAILED;
  }

  /** Halts afterwards, since the exit code of a signal is not ours to choose otherwise. */
  private static void stop(AutoCloseable running, AtomicInteger code, PrintWriter err) {
    Thread closing = Thread.ofPlatform().daemon().name("close").start(() -> close(running));
    try {
      if (!closing.join(STOP_WITHIN)) {
        err.println("vestibule: did not stop within " + STOP_WITHIN.toSeconds() + " s, ending now");
        code.set(Vestibule.FAILED);
      }
    } catch (InterruptedException e) {
      code.set(Vestibule.FAILED);
    }
    Runtime.getRuntime().halt(code.get());
  }

  private static void close(AutoCloseable running) {
    try {
      running.close();
    } catch (Exception e) {
      throw new IllegalStateException("stop failed", e);
    }
  }
}
