package dev.vestibule.normalizer;

import dev.vestibule.contract.Vendor;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Normalization.IgnoredReason;
import dev.vestibule.normalizer.adapter.Normalization.Reason;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * Counts every raw record once: {@code records = normalized + ignored + dead letters}. One record
 * can become several events, which are counted by type beside. A replay after a restart counts
 * again.
 */
final class NormalizerMetrics {
  private static final String PREFIX = "vestibule.normalizer.";
  private static final String VENDOR = "vendor";
  private static final String REASON = "reason";

  private final MeterRegistry meters;

  NormalizerMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  void normalized(RawRecord raw, List<Normalized> events) {
    record(raw);
    meters.counter(PREFIX + "normalized", VENDOR, vendor(raw)).increment();
    for (Normalized event : events) {
      EventType type = event.event().getType();
      meters.counter(PREFIX + "events", VENDOR, vendor(raw), "type", type.name()).increment();
    }
  }

  void ignored(RawRecord raw, IgnoredReason reason) {
    record(raw);
    meters.counter(PREFIX + "ignored", VENDOR, vendor(raw), REASON, reason.name()).increment();
  }

  void unprocessable(RawRecord raw, Reason reason) {
    record(raw);
    meters.counter(PREFIX + "dead_letters", VENDOR, vendor(raw), REASON, reason.name()).increment();
  }

  /** A raw append time further ahead than five minutes: some broker's clock is wrong. */
  void clamped() {
    meters.counter(PREFIX + "timestamps.clamped").increment();
  }

  private void record(RawRecord raw) {
    meters.counter(PREFIX + "records", VENDOR, vendor(raw)).increment();
  }

  private static String vendor(RawRecord raw) {
    return Normalizer.vendor(raw).map(Vendor::id).orElse("unknown");
  }
}
