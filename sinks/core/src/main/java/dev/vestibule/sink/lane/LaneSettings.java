package dev.vestibule.sink.lane;

import java.time.Duration;

/**
 * Bounds and patience of the lanes of one sink.
 *
 * @param records unfinished records of one partition at which it is paused
 * @param bytes unfinished bytes of one partition at which it is paused
 * @param parallel visits that are handled at a time
 * @param firstBackoff longest wait after the first failure; doubles with each
 * @param longestBackoff where doubling ends
 * @param longestRetryAfter the most that a destination may ask for
 * @param parkAfter how long an event may fail before its visit is parked
 * @param parkedBackoff where doubling ends for a parked visit
 * @param parkedRecords records that may be parked at a time; beyond, visits wait in place
 * @param parkedBytes bytes that may be parked at a time; they are held in memory too
 * @param breakerWait how long a failing destination is left alone at first; doubles up to {@code
 *     longestBreakerWait} while it keeps failing
 * @param longestBreakerWait where that ends
 * @param blockedWait how long a destination is left alone where a person has to do something
 */
public record LaneSettings(
    int records,
    long bytes,
    int parallel,
    Duration firstBackoff,
    Duration longestBackoff,
    Duration longestRetryAfter,
    Duration parkAfter,
    Duration parkedBackoff,
    int parkedRecords,
    long parkedBytes,
    Duration breakerWait,
    Duration longestBreakerWait,
    Duration blockedWait) {

  public static final LaneSettings DEFAULTS =
      new LaneSettings(
          2_000,
          8L << 20,
          64,
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          Duration.ofMinutes(15),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          50_000,
          64L << 20,
          Duration.ofSeconds(5),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1));

  /** A partition is paused too when so many times its records lie behind its first unfinished. */
  static final int SPAN = 16;

  /** The breaker looks at so many calls, and opens when half of them failed. */
  static final int BREAKER_WINDOW = 20;

  static final int BREAKER_FEWEST = 10;
  static final float BREAKER_PERCENT = 50;

  /** So many calls find out whether the destination is back. */
  static final int BREAKER_TRIALS = 3;

  /** Failures of one event that count for the breaker: more say something about the event alone. */
  static final int COUNTED_FAILURES = 3;

  /** A destination whose breaker has not been closed for so long is told to people. */
  static final Duration FAILING_LONG = Duration.ofMinutes(10);

  public LaneSettings {
    positive("records", records);
    positive("bytes", bytes);
    positive("parallel", parallel);
    positive("parkedRecords", parkedRecords);
    positive("parkedBytes", parkedBytes);
    positive("firstBackoff", firstBackoff.toMillis());
    positive("parkAfter", parkAfter.toMillis());
    positive("breakerWait", breakerWait.toMillis());
    positive("blockedWait", blockedWait.toMillis());
    atLeast("longestBackoff", longestBackoff, "firstBackoff", firstBackoff);
    atLeast("parkedBackoff", parkedBackoff, "firstBackoff", firstBackoff);
    atLeast("longestBreakerWait", longestBreakerWait, "breakerWait", breakerWait);
  }

  private static void positive(String name, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + ": " + value + "; expected at least 1");
    }
  }

  private static void atLeast(String name, Duration value, String of, Duration least) {
    if (value.compareTo(least) < 0) {
      throw new IllegalArgumentException(
          name + ": " + value + "; expected at least " + of + ", " + least);
    }
  }
}
