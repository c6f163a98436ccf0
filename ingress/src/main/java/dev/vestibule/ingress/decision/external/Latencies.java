package dev.vestibule.ingress.decision.external;

import java.util.Arrays;

/** How long answers took lately. */
final class Latencies {
  private static final int WINDOW = 256;

  /** Fewer say nothing about a percentile. */
  static final int FEWEST = 20;

  /** So many answers come between two looks: sorting for each would cost more than it tells. */
  private static final int EVERY = 10;

  private final long[] nanos = new long[WINDOW];
  private int count;
  private volatile long p95 = -1;

  synchronized void add(long latency) {
    nanos[count % WINDOW] = latency;
    count++;
    if (count == 2 * WINDOW) {
      count = WINDOW;
    }
    if (count >= FEWEST && count % EVERY == 0) {
      long[] sorted = Arrays.copyOf(nanos, Math.min(count, WINDOW));
      Arrays.sort(sorted);
      p95 = sorted[sorted.length * 95 / 100];
    }
  }

  /**
   * The time within which 95 of 100 answers came, in nanoseconds.
   *
   * @param unknown what to say as long as there are too few
   */
  long p95(long unknown) {
    long known = p95;
    return known < 0 ? unknown : known;
  }
}
