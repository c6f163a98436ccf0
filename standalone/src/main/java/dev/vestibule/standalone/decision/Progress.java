package dev.vestibule.standalone.decision;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/** Tells how far long work has come: a line every two seconds, and none where it is quick. */
public final class Progress implements LongConsumer {
  private static final long EVERY = TimeUnit.SECONDS.toNanos(2);

  private final PrintWriter err;
  private final String what;
  private final long begin = System.nanoTime();
  private long toldAt = begin;

  /**
   * @param what e.g. {@code entries read}
   */
  public Progress(PrintWriter err, String what) {
    this.err = err;
    this.what = what;
  }

  @Override
  public void accept(long count) {
    long now = System.nanoTime();
    if (now - toldAt >= EVERY) {
      toldAt = now;
      err.println(String.format(Locale.ROOT, "%6.1f s %,d %s", (now - begin) / 1e9, count, what));
      err.flush();
    }
  }
}
