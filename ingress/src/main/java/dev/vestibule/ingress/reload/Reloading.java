package dev.vestibule.ingress.reload;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that is read from files and may change in them. A new state counts when two looks in a
 * row have seen it, so that a file in the middle of being written is not taken for its new content.
 * What cannot be read or used leaves the old state in force, and is reported once.
 *
 * @param <T> all that is read; equal when nothing has changed
 */
public final class Reloading<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  private final String what;
  private final Supplier<T> read;
  private final Consumer<T> use;
  private final MeterRegistry meters;
  private T current;
  private @Nullable T candidate;
  private @Nullable T unusable;
  private String reported = "";

  /**
   * @param what names it in the log and in the metric {@code vestibule.ingress.reload}
   * @param current what is in use now
   * @param read reads it again; throws where it cannot be read
   * @param use puts a new state into force as a whole, or throws and changes nothing
   */
  public Reloading(
      String what, T current, Supplier<T> read, Consumer<T> use, MeterRegistry meters) {
    this.what = what;
    this.current = current;
    this.read = read;
    this.use = use;
    this.meters = meters;
    count("applied", 0);
    count("failed", 0);
  }

  /** Looks once; never throws. */
  public synchronized void look() {
    T seen;
    try {
      seen = read.get();
    } catch (RuntimeException e) {
      candidate = null;
      report(e);
      return;
    }
    if (seen.equals(current) || seen.equals(unusable)) {
      candidate = null;
      if (seen.equals(current)) {
        reported = "";
        unusable = null;
      }
    } else if (seen.equals(candidate)) {
      candidate = null;
      apply(seen);
    } else {
      candidate = seen;
    }
  }

  private void apply(T seen) {
    try {
      use.accept(seen);
    } catch (RuntimeException e) {
      unusable = seen;
      report(e);
      return;
    }
    current = seen;
    unusable = null;
    reported = "";
    count("applied", 1);
    LOG.atDebug().addKeyValue("what", what).log("reloaded");
  }

  /** Those who read and use speak without secrets in their messages. */
  private void report(RuntimeException problem) {
    String message = String.valueOf(problem.getMessage());
    if (message.equals(reported)) {
      return;
    }
    reported = message;
    count("failed", 1);
    LOG.atError()
        .addKeyValue("what", what)
        .addKeyValue("error", message)
        .log("reload failed; what was loaded before stays in force");
  }

  private void count(String outcome, int times) {
    meters.counter("vestibule.ingress.reload", "what", what, "outcome", outcome).increment(times);
  }
}
