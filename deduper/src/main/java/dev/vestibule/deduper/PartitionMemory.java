package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.deduper.verdict.Codec;
import dev.vestibule.deduper.verdict.Coverage;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.deduper.verdict.Memory;
import dev.vestibule.deduper.verdict.Remembered;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The memory of one partition in the stores of its task. */
final class PartitionMemory implements Memory {
  private static final byte COVERAGE_VERSION = 1;
  private static final byte[] COVERAGE_ROW = {0};

  private final Map<DedupeWindow, BucketStore> seen;
  private final KeyValueStore<byte[], byte[]> coverageStore;
  private @Nullable Coverage coverage;

  PartitionMemory(ProcessorContext<?, ?> context) {
    seen = new EnumMap<>(DedupeWindow.class);
    for (DedupeWindow window : DedupeWindow.values()) {
      seen.put(window, new BucketStore(window, context.getStateStore(DeduperStores.seen(window))));
    }
    coverageStore = context.getStateStore(DeduperStores.COVERAGE);
    byte[] row = coverageStore.get(COVERAGE_ROW);
    coverage = row == null ? null : decode(row);
  }

  /** The coverage once this record is seen; stored when it changed. */
  Coverage see(long offset, long arrival) {
    Coverage before = coverage;
    Coverage after = before == null ? Coverage.startingAt(offset, arrival) : before.seen(arrival);
    if (!after.equals(before)) {
      coverageStore.put(COVERAGE_ROW, encode(after));
      coverage = after;
    }
    return after;
  }

  @Override
  public @Nullable Remembered get(DedupeWindow window, Hash key, long bucket) {
    ByteBuffer value = store(window).get(Bytes.wrap(key.bytes()), bucket);
    return value == null ? null : Codec.decode(value, bucket);
  }

  /** Takes what a record changed; to be called for each judged record, also without a change. */
  void apply(List<Write> writes) {
    for (Write write : writes) {
      store(write.window())
          .put(
              Bytes.wrap(write.key().bytes()),
              write.bucket(),
              Codec.encode(write.value(), write.bucket()));
    }
    seen.values().forEach(BucketStore::forget);
  }

  private BucketStore store(DedupeWindow window) {
    BucketStore store = seen.get(window);
    if (store == null) {
      throw new IllegalStateException("no store for window " + window.id());
    }
    return store;
  }

  private static byte[] encode(Coverage coverage) {
    return ByteBuffer.allocate(1 + 2 * Long.BYTES)
        .put(COVERAGE_VERSION)
        .putLong(coverage.completeSince())
        .putLong(coverage.highest())
        .array();
  }

  private static Coverage decode(byte[] row) {
    ByteBuffer buffer = ByteBuffer.wrap(row);
    byte version = buffer.get();
    if (version != COVERAGE_VERSION) {
      throw new IllegalStateException(
          "state of unknown version " + version + "; it was written by a newer deduper");
    }
    return new Coverage(buffer.getLong(), buffer.getLong());
  }
}
