package dev.vestibule.sink.warehouse;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;

/**
 * What the sink counts, after each commit. The arithmetic: {@code consumed = stored +
 * already_stored + rejected}, the last one by reason. {@code failed} counts sessions that ended in
 * an error, {@code fenced} those that ended because another writer had moved a position, {@code
 * skipped} partitions whose stored position the log no longer holds.
 */
final class WarehouseMetrics {
  private static final String PREFIX = "vestibule.warehouse.";

  private final MeterRegistry meters;
  private final String sink;

  WarehouseMetrics(MeterRegistry meters, String sink) {
    this.meters = meters;
    this.sink = sink;
    count("consumed", 0);
    count("stored", 0);
    count("already_stored", 0);
    count("fenced", 0);
    count("skipped", 0);
    for (RejectionReason reason : RejectionReason.values()) {
      count("rejected", 0, "reason", reason.tag());
    }
  }

  void committed(WriteResult.Committed result, List<RejectedRow> rejected) {
    count("consumed", result.stored() + result.alreadyStored() + result.rejected());
    count("stored", result.stored());
    count("already_stored", result.alreadyStored());
    for (RejectedRow row : rejected) {
      count("rejected", 1, "reason", row.reason().tag());
    }
  }

  void fenced() {
    count("fenced", 1);
  }

  void skipped() {
    count("skipped", 1);
  }

  void failed(RuntimeException error) {
    count("failed", 1, "reason", error.getClass().getSimpleName());
  }

  private void count(String name, double amount, String... tags) {
    meters
        .counter(PREFIX + name, io.micrometer.core.instrument.Tags.of("sink", sink).and(tags))
        .increment(amount);
  }
}
