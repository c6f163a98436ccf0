package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * The stores by name. Names are part of changelog topics: renaming one starts it empty.
 *
 * <p>Nothing is cached: entries are written once, and a cache may show a new owner of the task what
 * the old one never committed.
 */
final class DeduperStores {
  /** What the side branch remembers of delivery keys, over all partitions. */
  static final String KEY_USES = "key-uses";

  /** One row: {@code Coverage} of the partition. */
  static final String COVERAGE = "coverage";

  /** The window of the side branch: longer than any documented retry horizon. */
  static final DedupeWindow KEY_USES_WINDOW = DedupeWindow.DAY;

  private DeduperStores() {}

  /** The store of a window, e.g. {@code seen-24h}. */
  static String seen(DedupeWindow window) {
    return "seen-" + window.id();
  }

  /**
   * @param outbox where the judge leaves the uses of keys
   */
  static Set<StoreBuilder<?>> ofTheJudge(KeyUseOutbox.Builder outbox) {
    Set<StoreBuilder<?>> stores = new LinkedHashSet<>(ofTheVerdict());
    stores.add(outbox);
    return stores;
  }

  /** What a verdict rests on. */
  static Set<StoreBuilder<?>> ofTheVerdict() {
    Set<StoreBuilder<?>> stores = new LinkedHashSet<>();
    stores.add(coverage());
    Arrays.stream(DedupeWindow.values())
        .map(window -> bucketed(seen(window), window))
        .forEach(stores::add);
    return stores;
  }

  static Set<StoreBuilder<?>> ofTheDetector() {
    return Set.of(bucketed(KEY_USES, KEY_USES_WINDOW));
  }

  private static StoreBuilder<KeyValueStore<byte[], byte[]>> coverage() {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(COVERAGE), Serdes.ByteArray(), Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }

  /** The rows below a {@link BucketStore}: three segments, each one row long; whole ones expire. */
  private static StoreBuilder<WindowStore<Bytes, byte[]>> bucketed(
      String name, DedupeWindow window) {
    Duration retention = BucketStore.retention(window);
    return Stores.windowStoreBuilder(
            Stores.persistentWindowStore(name, retention, window.bucket(), false),
            Serdes.Bytes(),
            Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(Map.of());
  }
}
