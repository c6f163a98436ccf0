package dev.vestibule.benchmarks;

import java.util.Arrays;

/** Measured durations in nanoseconds, for percentiles. */
final class Latencies {
  private long[] nanos = new long[1024];
  private int count;

  synchronized void add(long duration) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, count * 2);
    }
    nanos[count++] = duration;
  }

  synchronized void clear() {
    count = 0;
  }

  synchronized int count() {
    return count;
  }

  /**
   * The value that the given share of the durations does not exceed, in milliseconds.
   *
   * @param share between 0 and 1
   */
  synchronized double millis(double share) {
    if (count == 0) {
      return Double.NaN;
    }
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    int index = (int) Math.ceil(share * count) - 1;
    return Math.round(sorted[Math.max(index, 0)] / 10_000.0) / 100.0;
  }
}
