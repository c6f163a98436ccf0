package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import java.time.Duration;
import java.util.Arrays;

/**
 * The span of time that a partition's memory knows everything about.
 *
 * @param completeSince milliseconds since the epoch; {@link #ALWAYS} when nothing came before
 * @param highest the latest arrival seen, rounded down to the finest bucket so that it seldom
 *     changes; never falls
 */
public record Coverage(long completeSince, long highest) {
  /** Complete since ever: the memory saw the partition from its first record on. */
  public static final long ALWAYS = Long.MIN_VALUE;

  private static final long FINEST =
      Arrays.stream(DedupeWindow.values())
          .map(DedupeWindow::bucket)
          .mapToLong(Duration::toMillis)
          .min()
          .orElseThrow();

  /** The coverage of an empty memory that is about to see its first record. */
  public static Coverage startingAt(long offset, long arrival) {
    return new Coverage(offset == 0 ? ALWAYS : arrival, floor(arrival, FINEST));
  }

  /** The coverage once a record of this arrival was seen. */
  public Coverage seen(long arrival) {
    long bucket = floor(arrival, FINEST);
    return bucket > highest ? new Coverage(completeSince, bucket) : this;
  }

  /** Start of the bucket that an arrival falls into. */
  public static long bucket(DedupeWindow window, long arrival) {
    return floor(arrival, window.bucket().toMillis());
  }

  /** The latest bucket that can hold a copy within the window of an arrival. */
  long newest(DedupeWindow window, long arrival) {
    return Math.min(bucket(window, highest), bucket(window, arrival + window.length().toMillis()));
  }

  /** The earliest bucket that can hold a copy within the window of an arrival. */
  long oldest(DedupeWindow window, long arrival) {
    return Math.max(bucket(window, arrival - window.length().toMillis()), oldestHeld(window));
  }

  /** Whether memory still takes an entry of this bucket. */
  boolean holds(DedupeWindow window, long bucket) {
    return bucket >= oldestHeld(window);
  }

  /** Whether part of the window of an arrival is unknown: expired, or from before the memory. */
  boolean lacks(DedupeWindow window, long arrival) {
    long start = arrival - window.length().toMillis();
    return bucket(window, start) < oldestHeld(window)
        || (completeSince != ALWAYS && start < completeSince);
  }

  private long oldestHeld(DedupeWindow window) {
    return bucket(window, highest) - window.retention().toMillis() + window.bucket().toMillis();
  }

  private static long floor(long time, long width) {
    return Math.floorDiv(time, width) * width;
  }
}
