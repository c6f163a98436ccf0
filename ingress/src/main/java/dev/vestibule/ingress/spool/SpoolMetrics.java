package dev.vestibule.ingress.spool;

import dev.vestibule.ingress.publish.PublishException.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * What a source's spool counts: {@code spooled = drained + records}, from one start to the next and
 * but for those found at the start and those damaged.
 */
final class SpoolMetrics {
  private static final String PREFIX = "vestibule.ingress.spool.";
  private static final String SOURCE = "source";

  private final MeterRegistry meters;
  private final String source;
  private final Counter spooled;
  private final Counter drained;

  SpoolMetrics(MeterRegistry meters, String source) {
    this.meters = meters;
    this.source = source;
    this.spooled = meters.counter(PREFIX + "spooled", SOURCE, source);
    this.drained = meters.counter(PREFIX + "drained", SOURCE, source);
  }

  /** Shows the state of a spool. */
  void watch(Spool spool) {
    Gauge.builder(PREFIX + "records", spool, Spool::records)
        .description("Records that were accepted and are not in Kafka yet")
        .tag(SOURCE, source)
        .register(meters);
    Gauge.builder(PREFIX + "bytes", spool, Spool::bytes)
        .description("Size of the spool's files")
        .baseUnit("bytes")
        .tag(SOURCE, source)
        .register(meters);
    Gauge.builder(PREFIX + "oldest.age", spool, watched -> watched.age().toMillis() / 1000.0)
        .description("Age of the oldest record that is not in Kafka yet")
        .baseUnit("seconds")
        .tag(SOURCE, source)
        .register(meters);
    Gauge.builder(PREFIX + "damaged", spool, Spool::lost)
        .description("Records that were accepted and can no longer be read")
        .tag(SOURCE, source)
        .register(meters);
  }

  /** Records are on disk. */
  void spooled(int count) {
    spooled.increment(count);
  }

  /** Records that were on disk are in Kafka. */
  void drained(int count) {
    drained.increment(count);
  }

  /** A record was not taken. */
  void refused(Reason reason) {
    meters.counter(PREFIX + "refused", SOURCE, source, "reason", reason.tag()).increment();
  }
}
