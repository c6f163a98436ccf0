package dev.vestibule.contract;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/**
 * How far back a repeat counts, as profile data of a vendor. Each class has its own store in the
 * deduper.
 */
public enum DedupeWindow {
  /** Delivery keys: longer than any documented retry horizon (KyberAccess: 14 h 36 min). */
  DAY("24h", Duration.ofDays(1), Duration.ofHours(6)),
  /** Fact and snapshot keys of sources that are also polled. */
  WEEK("7d", Duration.ofDays(7), Duration.ofDays(1));

  /** Longest lag allowed between raw partitions that feed one deduper partition. */
  public static final Duration ALLOWED_LAG = Duration.ofDays(2);

  private final String id;
  private final Duration length;
  private final Duration bucket;

  DedupeWindow(String id, Duration length, Duration bucket) {
    this.id = id;
    this.length = length;
    this.bucket = bucket;
  }

  /** The name used in headers and store names. */
  public String id() {
    return id;
  }

  /** Copies that arrive within this time of the first accepted copy are recognized. */
  public Duration length() {
    return length;
  }

  /** Width of a time bucket; divides {@link #length()}. */
  public Duration bucket() {
    return bucket;
  }

  /** How long the store keeps an entry: window, two buckets, and the allowed lag. */
  public Duration retention() {
    return length.plus(bucket.multipliedBy(2)).plus(ALLOWED_LAG);
  }

  public static Optional<DedupeWindow> byId(String id) {
    return Arrays.stream(values()).filter(window -> window.id.equals(id)).findFirst();
  }
}
