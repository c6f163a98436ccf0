package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.deduper.Reports.Conflict;
import dev.vestibule.deduper.verdict.Coverage;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.events.Position;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys that were used for facts of different partitions, which no verdict can see. Works
 * behind the events and never holds them up: it only reports, each other fact of a key once.
 */
final class KeyUseDetector implements Processor<byte[], byte[], byte[], Outbound> {
  private static final DedupeWindow WINDOW = DeduperStores.KEY_USES_WINDOW;

  private final String normalized;
  private final Reports reports;
  private final DeduperMetrics metrics;
  private @Nullable ProcessorContext<byte[], Outbound> context;
  private @Nullable BucketStore uses;

  /**
   * @param normalized full name of the topic that the uses come from
   */
  KeyUseDetector(String normalized, Reports reports, DeduperMetrics metrics) {
    this.normalized = normalized;
    this.reports = reports;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<byte[], Outbound> context) {
    this.context = context;
    this.uses = new BucketStore(WINDOW, context.getStateStore(DeduperStores.KEY_USES));
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    KeyUseBatch.forEach(
        record.value(),
        (use, headers) -> {
          detect(use, headers);
          initialized(uses).forget();
        });
  }

  private void detect(KeyUse use, Supplier<RecordHeaders> headers) {
    KeyUse first = find(slot(use), use.arrival());
    if (first == null) {
      put(slot(use), use);
      return;
    }
    if (isConflict(first, use) && find(slot(use, use.identity()), use.arrival()) == null) {
      put(slot(use, use.identity()), use);
      if (!use.quiet()) {
        metrics.crossPartitionConflict();
        initialized(context)
            .forward(reports.conflict(use.arrival(), headers.get(), conflict(first, use)));
      }
    }
  }

  /** A conflict of delivery keys within one partition is the verdict's to report. */
  private static boolean isConflict(KeyUse first, KeyUse second) {
    boolean seenByVerdict =
        second.kind() == KeyUse.Kind.DELIVERY && first.partition() == second.partition();
    return first.scheme() == second.scheme()
        && !first.identity().equals(second.identity())
        && !seenByVerdict;
  }

  private Conflict conflict(KeyUse first, KeyUse second) {
    return new Conflict(
        second.kind().id(),
        second.key(),
        position(first),
        position(second),
        first.identity(),
        second.identity(),
        first.arrival());
  }

  private Position position(KeyUse use) {
    return new Position(normalized, use.partition(), use.offset());
  }

  private @Nullable KeyUse find(Bytes slot, long arrival) {
    long length = WINDOW.length().toMillis();
    long oldest = Coverage.bucket(WINDOW, arrival - length);
    for (long bucket = Coverage.bucket(WINDOW, arrival + length);
        bucket >= oldest;
        bucket -= WINDOW.bucket().toMillis()) {
      ByteBuffer value = initialized(uses).get(slot, bucket);
      if (value != null) {
        KeyUse use = KeyUse.read(value);
        if (Math.abs(use.arrival() - arrival) <= length) {
          return use;
        }
      }
    }
    return null;
  }

  private void put(Bytes slot, KeyUse use) {
    initialized(uses).put(slot, Coverage.bucket(WINDOW, use.arrival()), use.encode());
  }

  /** Where the first use of a key lies. */
  private static Bytes slot(KeyUse use) {
    return Bytes.wrap(
        ByteBuffer.allocate(1 + Hash.BYTES).put(use.kind().code()).put(use.key().bytes()).array());
  }

  /** Where the report about one other fact of a key lies. */
  private static Bytes slot(KeyUse use, Hash identity) {
    return Bytes.wrap(
        ByteBuffer.allocate(1 + 2 * Hash.BYTES)
            .put(use.kind().code())
            .put(use.key().bytes())
            .put(identity.bytes())
            .array());
  }

  private static <T> T initialized(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("not initialized");
    }
    return value;
  }
}
