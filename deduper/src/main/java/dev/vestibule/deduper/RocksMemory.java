package dev.vestibule.deduper;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/**
 * The native memory that all stores of one application share. Each segment of each window store of
 * each partition is a RocksDB of its own; without a common bound their defaults add up to
 * gigabytes.
 */
final class RocksMemory implements AutoCloseable {
  /** Key under which the settings of the application carry it to every store. */
  static final String SETTING = "vestibule.deduper.rocks-memory";

  /** Blocks, indexes, filters and, charged to it, write buffers. */
  private static final long CACHE_BYTES = 192L << 20;

  /**
   * More than what the empty write buffers of 64 partitions take (Kafka keeps a second one per
   * instance, for offsets, of which a step is 128 KiB). Once they are over it, every write flushes.
   */
  private static final long WRITE_BUFFERS_BYTES = 144L << 20;

  /**
   * What the write buffers of one process's partitions, if it has them all, are shared out from.
   */
  private static final long WRITE_BUFFERS_OF_ALL_BYTES = 128L << 20;

  private static final long SMALLEST_WRITE_BUFFER_BYTES = 2L << 20;
  private static final long LARGEST_WRITE_BUFFER_BYTES = 16L << 20;

  /** What even the emptiest write buffer takes; by default an eighth of a whole one. */
  private static final long WRITE_BUFFER_STEP_BYTES = 16L << 10;

  private static final long BLOCK_BYTES = 8L << 10;
  private static final double HIGH_PRIORITY = 0.3;
  private static final double WRITE_BUFFER_BLOOM = 0.02;

  private final Cache cache;
  private final WriteBufferManager writeBuffers;
  private final long writeBufferBytes;

  private RocksMemory(Cache cache, WriteBufferManager writeBuffers, long writeBufferBytes) {
    this.cache = cache;
    this.writeBuffers = writeBuffers;
    this.writeBufferBytes = writeBufferBytes;
  }

  /**
   * @param partitions how many of the input there are; one process may come to hold them all. The
   *     more, the smaller each write buffer, since even an empty one has its whole filter.
   */
  static RocksMemory allocate(int partitions) {
    RocksDB.loadLibrary();
    Cache cache = new LRUCache(CACHE_BYTES, -1, false, HIGH_PRIORITY);
    return new RocksMemory(
        cache,
        new WriteBufferManager(WRITE_BUFFERS_BYTES, cache),
        Math.clamp(
            WRITE_BUFFERS_OF_ALL_BYTES / partitions,
            SMALLEST_WRITE_BUFFER_BYTES,
            LARGEST_WRITE_BUFFER_BYTES));
  }

  /** Only after every store is closed. */
  @Override
  public void close() {
    writeBuffers.close();
    cache.close();
  }

  @Override
  public String toString() {
    return "RocksMemory[" + (CACHE_BYTES >> 20) + " MiB]";
  }

  /** Kafka makes one per store. */
  public static final class Setter implements RocksDBConfigSetter {
    public Setter() {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
      if (!(configs.get(SETTING) instanceof RocksMemory memory)) {
        throw new IllegalStateException("settings carry no " + SETTING);
      }
      // Kafka puts this kind of table configuration there.
      BlockBasedTableConfig table = (BlockBasedTableConfig) options.tableFormatConfig();
      table.setBlockCache(memory.cache);
      table.setBlockSize(BLOCK_BYTES);
      table.setCacheIndexAndFilterBlocks(true);
      table.setCacheIndexAndFilterBlocksWithHighPriority(true);
      table.setPinL0FilterAndIndexBlocksInCache(true);
      options.setTableFormatConfig(table);
      options.setWriteBufferManager(memory.writeBuffers);
      options.setWriteBufferSize(memory.writeBufferBytes);
      options.setMaxWriteBufferNumber(2);
      options.setArenaBlockSize(WRITE_BUFFER_STEP_BYTES);
      // Most keys that are looked up were never written.
      options.setMemtableWholeKeyFiltering(true);
      options.setMemtablePrefixBloomSizeRatio(WRITE_BUFFER_BLOOM);
      // The same time, length and version stand in every row.
      options.setCompressionType(CompressionType.LZ4_COMPRESSION);
      options.setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION);
    }

    @Override
    public void close(String storeName, Options options) {
      // What the stores share outlives each of them.
    }
  }
}
