package dev.vestibule.deduper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.DedupeWindow;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The map by key and bucket that the rows stand for. */
class BucketStoreTest {
  private static final long NOON = Instant.parse("2026-11-20T12:00:00Z").toEpochMilli();
  private static final Bytes KEY = Bytes.wrap(new byte[] {1, 2, 3});

  private final MockProcessorContext<Void, Void> context = new MockProcessorContext<>();
  private BucketStore store;

  @BeforeEach
  void nothingIsStored() {
    store = store(DedupeWindow.DAY);
  }

  @ParameterizedTest
  @EnumSource
  void everyBucketOfTheRetentionHoldsItsOwnValue(DedupeWindow window) {
    // Given
    store = store(window);
    Duration bucket = window.bucket();
    long buckets = window.retention().dividedBy(bucket);
    long first = Math.floorDiv(NOON, bucket.toMillis()) * bucket.toMillis();

    // When
    for (int i = 0; i < buckets; i++) {
      store.put(KEY, first + i * bucket.toMillis(), value(i));
      store.forget();
    }

    // Then
    for (int i = 0; i < buckets; i++) {
      assertThat(get(first + i * bucket.toMillis())).isEqualTo(value(i));
    }
  }

  @ParameterizedTest
  @EnumSource
  void laterValueOfABucketReplacesTheEarlierAndLeavesItsNeighbours(DedupeWindow window) {
    // Given
    store = store(window);
    long row = BucketStore.rowSpan(window).toMillis();
    long start = Math.floorDiv(NOON, row) * row;
    long next = start + window.bucket().toMillis();
    store.put(KEY, start, value(1));
    store.put(KEY, next, value(2));
    store.forget();

    // When
    store.put(KEY, start, new byte[300]);

    // Then
    assertThat(get(start)).isEqualTo(new byte[300]);
    assertThat(get(next)).isEqualTo(value(2));
    assertThat(get(next + window.bucket().toMillis())).isNull();
  }

  private byte @Nullable [] get(long bucket) {
    ByteBuffer value = store.get(KEY, bucket);
    if (value == null) {
      return null;
    }
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    return bytes;
  }

  private static byte[] value(int number) {
    return new byte[] {7, (byte) number};
  }

  /** With the retention of the real one. */
  private BucketStore store(DedupeWindow window) {
    WindowStore<Bytes, byte[]> rows =
        Stores.windowStoreBuilder(
                Stores.inMemoryWindowStore(
                    "rows-" + window.id(), BucketStore.retention(window), window.bucket(), false),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    rows.init(context.getStateStoreContext(), rows);
    return new BucketStore(window, rows);
  }
}
