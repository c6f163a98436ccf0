package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.deduper.verdict.Judge;
import dev.vestibule.events.Position;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * What the state takes, on disk and in memory, without a broker: the stores, their settings and all
 * that writes to them are the deduper's own. In its package, since the room exports its application
 * alone.
 */
public final class StateBench {
  /** A delivery key with the request it came by, a fact key, and the use of the delivery key. */
  private static final int KEYS_PER_EVENT = 3;

  private static final String INPUT = "events";
  private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
  private static final int CHUNK = 10_000;

  private StateBench() {}

  /**
   * Bytes on disk per remembered key, after flush and compaction, filters and indexes included: one
   * partition, one day of events with a delivery and a fact key each.
   *
   * @return by store, and over all as {@code all}
   */
  public static Map<String, Double> bytesPerKey(Path folder, int keys)
      throws IOException, RocksDBException {
    int events = keys / KEYS_PER_EVENT;
    Map<String, Double> bytes = new LinkedHashMap<>();
    try (RocksMemory memory = RocksMemory.allocate(1)) {
      // Its driver is never closed, since that would delete the files.
      Partition partition = new Partition(folder, memory);
      partition.take(events, START, Duration.ofDays(1));
      partition.closeStores();
      double all = 0;
      for (String store : stores()) {
        double size = compacted(folder, store, memory);
        bytes.put(store, size / events);
        all += size;
      }
      bytes.put("all", all / (KEYS_PER_EVENT * events));
    }
    return bytes;
  }

  /**
   * Native memory of many partitions in one process, each with every segment open and half a
   * million keys overall, in megabytes; and the number of open RocksDB instances.
   */
  public static Map<String, Double> nativeMemory(Path folder, int partitions) throws IOException {
    int events = 500_000 / KEYS_PER_EVENT / 5 / partitions;
    double before = nativeMegabytes();
    List<Partition> open = new ArrayList<>();
    Map<String, Double> figures = new LinkedHashMap<>();
    try (RocksMemory memory = RocksMemory.allocate(partitions)) {
      for (int i = 0; i < partitions; i++) {
        Partition partition = new Partition(folder.resolve(Integer.toString(i)), memory);
        open.add(partition);
        // So far apart that every segment of every store is open at the end.
        Duration week = BucketStore.rowSpan(DedupeWindow.WEEK);
        Duration day = BucketStore.rowSpan(DedupeWindow.DAY);
        for (Duration age :
            List.of(week.multipliedBy(2), week, day.multipliedBy(2), day, Duration.ZERO)) {
          partition.take(events, START.minus(age), Duration.ofHours(1));
        }
      }
      figures.put("native_mb", nativeMegabytes() - before);
      try (Stream<Path> files = Files.walk(folder)) {
        figures.put(
            "rocksdb_instances", (double) files.filter(file -> file.endsWith("CURRENT")).count());
      }
      open.forEach(Partition::close);
    }
    return figures;
  }

  private static List<String> stores() {
    return List.of(
        DeduperStores.seen(DedupeWindow.DAY),
        DeduperStores.seen(DedupeWindow.WEEK),
        DeduperStores.KEY_USES);
  }

  /** What the process holds outside the Java heap. */
  private static double nativeMegabytes() throws IOException {
    System.gc();
    long resident =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("RssAnon:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0);
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    return resident / 1024.0 - heap / 1048576.0;
  }

  /** Opens each segment with the store's own settings, compacts it and adds up its tables. */
  private static long compacted(Path folder, String store, RocksMemory memory)
      throws IOException, RocksDBException {
    List<Path> segments;
    try (Stream<Path> files = Files.walk(folder)) {
      segments =
          files
              .filter(file -> file.endsWith("CURRENT") && file.toString().contains(store))
              .map(Path::getParent)
              .toList();
    }
    long bytes = 0;
    for (Path segment : segments) {
      bytes += compacted(segment.toString(), store, memory);
    }
    return bytes;
  }

  private static long compacted(String segment, String store, RocksMemory memory)
      throws RocksDBException {
    // As Kafka prepares them before it asks the application.
    try (Options options = new Options();
        BloomFilter filter = new BloomFilter()) {
      options.setTableFormatConfig(new BlockBasedTableConfig().setFilterPolicy(filter));
      options.setCompactionStyle(CompactionStyle.UNIVERSAL);
      new RocksMemory.Setter().setConfig(store, options, Map.of(RocksMemory.SETTING, memory));
      List<ColumnFamilyDescriptor> families = new ArrayList<>();
      for (byte[] family : RocksDB.listColumnFamilies(options, segment)) {
        families.add(new ColumnFamilyDescriptor(family, new ColumnFamilyOptions(options)));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      long bytes = 0;
      try (RocksDB db = RocksDB.open(new DBOptions(options), segment, families, handles)) {
        for (ColumnFamilyHandle handle : handles) {
          db.compactRange(handle);
          bytes += db.getLongProperty(handle, "rocksdb.live-sst-files-size");
          handle.close();
        }
      }
      return bytes;
    }
  }

  /** The stores of one partition, and what writes to them. */
  private static final class Partition implements AutoCloseable {
    private final TopologyTestDriver driver;
    private final TestInputTopic<byte[], byte[]> input;

    Partition(Path folder, RocksMemory memory) throws IOException {
      Files.createDirectories(folder);
      Properties settings = new Properties();
      settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "bench");
      settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
      settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
      settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
      settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksMemory.Setter.class);
      settings.put(RocksMemory.SETTING, memory);
      Topology topology = new Topology();
      topology
          .addSource(INPUT, new ByteArrayDeserializer(), new ByteArrayDeserializer(), INPUT)
          .addProcessor("take", Taker::new, INPUT);
      Stream.concat(DeduperStores.ofTheVerdict().stream(), DeduperStores.ofTheDetector().stream())
          .forEach(store -> topology.addStateStore(store.withLoggingDisabled(), "take"));
      driver = new TopologyTestDriver(topology, settings, START);
      input = driver.createInputTopic(INPUT, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Events with random keys, evenly over a span of time. */
    void take(int events, Instant from, Duration span) {
      for (int taken = 0; taken < events; taken += CHUNK) {
        Instant at = from.plus(span.multipliedBy(taken).dividedBy(events));
        byte[] count = {};
        int chunk = Math.min(CHUNK, events - taken);
        input.pipeInput(
            new TestRecord<>(
                ByteBuffer.allocate(Short.BYTES).putShort((short) chunk).array(),
                count,
                null,
                at.toEpochMilli()));
      }
    }

    void closeStores() {
      driver.getAllStateStores().values().forEach(StateStore::close);
    }

    @Override
    public void close() {
      driver.close();
    }
  }

  /** Judges as many made-up events as a record's key says. */
  private static final class Taker implements Processor<byte[], byte[], byte[], Outbound> {
    private final SplittableRandom random = new SplittableRandom(20261121);
    private final KeyUseDetector detector =
        new KeyUseDetector(
            INPUT,
            new Reports(
                TopicNames.UNPREFIXED,
                new AvroSerializer(new InMemorySchemaRegistry()),
                Clock.systemUTC()),
            new DeduperMetrics(new SimpleMeterRegistry()));
    private static final RecordHeaders NO_HEADERS = new RecordHeaders();

    private final KeyUseBatch uses = new KeyUseBatch();
    private @Nullable PartitionMemory memory;
    private long offset;

    @Override
    public void init(ProcessorContext<byte[], Outbound> context) {
      memory = new PartitionMemory(context);
      detector.init(context);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      PartitionMemory known = Objects.requireNonNull(memory, "initialized");
      int events = ByteBuffer.wrap(record.key()).getShort();
      for (int i = 0; i < events; i++) {
        Hash delivery = hash();
        long arrival = record.timestamp() + i;
        Candidate candidate =
            new Candidate(
                offset,
                arrival,
                1,
                hash(),
                delivery,
                hash(),
                null,
                hash(),
                random.nextLong(),
                DedupeWindow.DAY,
                DedupeWindow.WEEK);
        known.apply(Judge.judge(known.see(offset, arrival), known, candidate).writes());
        KeyUse use = KeyUse.delivery(candidate, delivery, false, new Position("n", 0, offset));
        uses.add(use, NO_HEADERS);
        detector.process(new Record<>(delivery.bytes(), uses.take(), arrival));
        offset++;
      }
    }

    private Hash hash() {
      return new Hash(random.nextLong(), random.nextLong());
    }
  }
}
