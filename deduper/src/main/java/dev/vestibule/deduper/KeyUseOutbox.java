package dev.vestibule.deduper;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * The key uses of the transaction in hand, sent just before it is committed: one record for each
 * partition of the side branch, where one for each use would cost more than its verdict.
 *
 * <p>What was added is sent within the same transaction or thrown away with it. The one moment for
 * that is when Kafka Streams empties its caches, which it tells its own interfaces only.
 */
final class KeyUseOutbox implements StateStore, CachedStateStore<byte[], byte[]> {
  static final String NAME = "key-uses-outbox";

  private static final int FULL_BYTES = 256 << 10;

  private final String child;
  private final List<KeyUseBatch> batches;
  private @Nullable InternalProcessorContext<byte[], Outbound> context;
  private @Nullable ProcessorNode<?, ?, ?, ?> sender;

  /**
   * @param child the node below the adding processor that sends the batches
   * @param partitions how many places there are where uses of a key meet
   */
  KeyUseOutbox(String child, int partitions) {
    this.child = child;
    this.batches = IntStream.range(0, partitions).mapToObj(_ -> new KeyUseBatch()).toList();
  }

  /** Without a changelog: between two transactions it is empty. */
  record Builder(String child, int partitions) implements StoreBuilder<KeyUseOutbox> {
    @Override
    public KeyUseOutbox build() {
      return new KeyUseOutbox(child, partitions);
    }

    @Override
    public StoreBuilder<KeyUseOutbox> withCachingEnabled() {
      return this;
    }

    @Override
    public StoreBuilder<KeyUseOutbox> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<KeyUseOutbox> withLoggingEnabled(Map<String, String> config) {
      return this;
    }

    @Override
    public StoreBuilder<KeyUseOutbox> withLoggingDisabled() {
      return this;
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }

    @Override
    public String name() {
      return NAME;
    }
  }

  /** The partition that a batch goes to, from the key of its record. */
  static int partition(byte[] key) {
    return ByteBuffer.wrap(key).getInt();
  }

  @Override
  @SuppressWarnings("unchecked")
  public void init(StateStoreContext context, StateStore root) {
    if (!(context instanceof InternalProcessorContext<?, ?> internal)) {
      throw new IllegalArgumentException("not a context of Kafka Streams: " + context.getClass());
    }
    this.context = (InternalProcessorContext<byte[], Outbound>) internal;
    clearCache();
    context.register(root, (_, _) -> {});
  }

  /**
   * To be called by a processor in the course of a record.
   *
   * @param headers of the record that used the key
   */
  void add(KeyUse use, Headers headers) {
    sender = initialized().currentNode();
    int partition = Math.floorMod(use.key().high(), batches.size());
    KeyUseBatch batch = batches.get(partition);
    batch.add(use, headers);
    if (batch.bytes() >= FULL_BYTES) {
      send(partition, batch);
    }
  }

  @Override
  public void flushCache() {
    for (int partition = 0; partition < batches.size(); partition++) {
      if (!batches.get(partition).isEmpty()) {
        send(partition, batches.get(partition));
      }
    }
  }

  private void send(int partition, KeyUseBatch batch) {
    InternalProcessorContext<byte[], Outbound> context = initialized();
    ProcessorNode<?, ?, ?, ?> interrupted = context.currentNode();
    byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(partition).array();
    long latest = batch.latestArrival();
    Outbound uses = new Outbound(Outbound.KEY_USES, batch.take());
    context.setCurrentNode(sender);
    try {
      context.forward(new Record<>(key, uses, latest), child);
    } finally {
      context.setCurrentNode(interrupted);
    }
  }

  @Override
  public void clearCache() {
    batches.forEach(KeyUseBatch::take);
  }

  @Override
  public boolean setFlushListener(
      CacheFlushListener<byte[], byte[]> listener, boolean sendOldValues) {
    return false;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean persistent() {
    return false;
  }

  @Override
  public boolean isOpen() {
    return context != null;
  }

  @Override
  public void close() {
    clearCache();
    context = null;
  }

  private InternalProcessorContext<byte[], Outbound> initialized() {
    if (context == null) {
      throw new IllegalStateException("not initialized");
    }
    return context;
  }
}
