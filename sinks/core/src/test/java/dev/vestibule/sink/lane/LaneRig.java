package dev.vestibule.sink.lane;

import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.Alert;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A sink with lanes on topics that live in memory. What is committed outlives {@link #crash}, and
 * nothing else does.
 */
public final class LaneRig implements AutoCloseable {
  /** Name of the sink. */
  public static final String SINK = "door";

  /** As patient as tests are. */
  public static final LaneSettings QUICK =
      new LaneSettings(
          50,
          1 << 20,
          8,
          Duration.ofMillis(5),
          Duration.ofMillis(50),
          Duration.ofMinutes(1),
          Duration.ofSeconds(30),
          Duration.ofMillis(100),
          1_000,
          1 << 20,
          Duration.ofMillis(50),
          Duration.ofMillis(100),
          Duration.ofMillis(100));

  /** Of those that soon park. */
  public static final LaneSettings PARKING =
      new LaneSettings(
          QUICK.records(),
          QUICK.bytes(),
          QUICK.parallel(),
          QUICK.firstBackoff(),
          QUICK.longestBackoff(),
          QUICK.longestRetryAfter(),
          Duration.ofMillis(50),
          QUICK.parkedBackoff(),
          QUICK.parkedRecords(),
          QUICK.parkedBytes(),
          QUICK.breakerWait(),
          QUICK.longestBreakerWait(),
          QUICK.blockedWait());

  private static final int PARTITIONS = 2;
  private static final String PARKED = Topics.parked(SINK).name();

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Handler handler;
  private final LaneSettings settings;
  private final List<List<ConsumerRecord<byte[], byte[]>>> log = new ArrayList<>();
  private final Map<TopicPartition, Long> committed = new HashMap<>();
  private final List<ProducerRecord<byte[], byte[]>> written = new ArrayList<>();
  private @Nullable LaneService service;
  private @Nullable Events consumer;
  private int sessions;

  /** Not started yet. */
  public LaneRig(Handler handler, LaneSettings settings) {
    this.handler = handler;
    this.settings = settings;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      log.add(new ArrayList<>());
      committed.put(new TopicPartition(Topics.EVENTS, partition), 0L);
    }
  }

  /** Starts the sink. */
  public void start() {
    VestibuleConfig config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            Map.of(),
            Map.of(),
            Map.of(),
            new RegistryConfig(null, null, null),
            new TopicsConfig("", (short) 1, Map.of(), Map.of()),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1));
    ServiceContext context =
        new ServiceContext(
            config,
            new IdentityKey(new byte[32]),
            null,
            Path.of("."),
            registry,
            meters,
            InstantSource.system());
    SinkConfig sink =
        new SinkConfig(SINK, "access-control", Set.of(Sensitivity.STANDARD), Map.of());
    service =
        LaneService.start(
            context,
            sink,
            handler,
            settings,
            new LaneService.Clients(this::events, this::parkedReader, this::producer));
  }

  /** Appends an event; its key is the visit. */
  public synchronized void add(String visit, VisitorEvent event) {
    append(visit, serializer.serialize(Topics.EVENTS, event));
  }

  /** Appends bytes that are no event. */
  public synchronized void addBroken(String visit) {
    append(visit, new byte[] {1, 2, 3});
  }

  private void append(String visit, byte @Nullable [] value) {
    int partition = partition(visit);
    List<ConsumerRecord<byte[], byte[]>> records = log.get(partition);
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.VERDICT, Verdict.NEW.name());
    Headers.put(headers, Headers.SOURCE, "hq");
    Headers.put(headers, Headers.PATH, "webhook");
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            Topics.EVENTS,
            partition,
            records.size(),
            System.currentTimeMillis(),
            TimestampType.CREATE_TIME,
            visit.length(),
            value == null ? -1 : value.length,
            visit.getBytes(StandardCharsets.UTF_8),
            value,
            headers,
            Optional.empty());
    records.add(record);
    if (consumer != null) {
      consumer.append(record);
    }
  }

  private static int partition(String visit) {
    return Math.floorMod(visit.hashCode(), PARTITIONS);
  }

  /** Everything is gone but what is committed; the sink comes back by itself. */
  public void crash() {
    synchronized (this) {
      if (consumer != null) {
        consumer.broken = true;
      }
    }
  }

  /** Takes a partition away and gives it back. */
  public synchronized void rebalance() {
    if (consumer != null) {
      consumer.shake = true;
    }
  }

  /** How often a session has begun. */
  public synchronized int sessions() {
    return sessions;
  }

  /** Attempts that are written down. */
  public List<Delivery> deliveries() {
    return values(Topics.DELIVERIES, Delivery.class);
  }

  /** Events that are given up. */
  public List<DeadLetter> deadLetters() {
    return values(Topics.DEAD_LETTERS, DeadLetter.class);
  }

  /** What people were told about. */
  public List<Alert> alerts() {
    return values(Topics.ALERTS, Alert.class);
  }

  /** Records on the parked topic that are not finished, by key. */
  public synchronized Map<String, ProducerRecord<byte[], byte[]>> parked() {
    Map<String, ProducerRecord<byte[], byte[]>> parked = new TreeMap<>();
    for (ProducerRecord<byte[], byte[]> record : written) {
      if (record.topic().equals(PARKED)) {
        String key = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
          parked.remove(key);
        } else {
          parked.put(key, record);
        }
      }
    }
    return parked;
  }

  /** Whether every offset is committed. */
  public synchronized boolean isCommitted() {
    return IntStream.range(0, PARTITIONS)
        .allMatch(partition -> committed(partition) == log.get(partition).size());
  }

  /** Offset up to which the partition of a visit is committed. */
  public synchronized long committed(String visit) {
    return committed(partition(visit));
  }

  private long committed(int partition) {
    return committed.getOrDefault(new TopicPartition(Topics.EVENTS, partition), 0L);
  }

  /** A gauge of the sink. */
  public double gauge(String name) {
    return meters.get("vestibule.lanes." + name).gauge().value();
  }

  private synchronized <T extends SpecificRecord> List<T> values(String topic, Class<T> type) {
    AvroDeserializer<T> reader = new AvroDeserializer<>(type, registry);
    return written.stream()
        .filter(record -> record.topic().equals(topic))
        .map(record -> reader.deserialize(topic, record.value()))
        .toList();
  }

  @Override
  public void close() {
    if (service != null) {
      service.close();
    }
  }

  private synchronized Consumer<byte[], byte[]> events() {
    Events fresh = new Events();
    fresh.updateBeginningOffsets(committed);
    fresh.schedulePollTask(() -> {
      synchronized (this) {
        fresh.rebalance(committed.keySet());
        uncommitted().forEach(fresh::addRecord);
        fresh.assigned = true;
      }
    });
    consumer = fresh;
    sessions++;
    return fresh;
  }

  private List<ConsumerRecord<byte[], byte[]>> uncommitted() {
    return log.stream()
        .flatMap(List::stream)
        .filter(record -> record.offset() >= committed(record.partition()))
        .toList();
  }

  private synchronized Consumer<byte[], byte[]> parkedReader() {
    MockConsumer<byte[], byte[]> reader = new MockConsumer<>("earliest");
    TopicPartition partition = new TopicPartition(PARKED, 0);
    List<ProducerRecord<byte[], byte[]>> records =
        written.stream().filter(record -> record.topic().equals(PARKED)).toList();
    Node node = new Node(0, "127.0.0.1", 1);
    reader.updatePartitions(
        PARKED, List.of(new PartitionInfo(PARKED, 0, node, new Node[0], new Node[0])));
    reader.updateBeginningOffsets(Map.of(partition, 0L));
    reader.updateEndOffsets(Map.of(partition, (long) records.size()));
    reader.schedulePollTask(() -> {
      for (int offset = 0; offset < records.size(); offset++) {
        ProducerRecord<byte[], byte[]> record = records.get(offset);
        reader.addRecord(
            new ConsumerRecord<>(
                PARKED,
                0,
                offset,
                record.timestamp() == null ? 0 : record.timestamp(),
                TimestampType.CREATE_TIME,
                record.key().length,
                record.value() == null ? -1 : record.value().length,
                record.key(),
                record.value(),
                record.headers(),
                Optional.empty()));
      }
    });
    return reader;
  }

  private Producer<byte[], byte[]> producer() {
    return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
      private final Map<TopicPartition, Long> moved = new HashMap<>();
      private final List<ProducerRecord<byte[], byte[]>> sent = new ArrayList<>();

      @Override
      public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
        sent.add(record);
        return super.send(record);
      }

      @Override
      public void sendOffsetsToTransaction(
          Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
        offsets.forEach((partition, offset) -> moved.put(partition, offset.offset()));
        super.sendOffsetsToTransaction(offsets, group);
      }

      @Override
      public void commitTransaction() {
        synchronized (LaneRig.this) {
          if (consumer != null && consumer.broken) {
            throw new KafkaException("broken on purpose");
          }
          super.commitTransaction();
          written.addAll(sent);
          committed.putAll(moved);
          sent.clear();
          moved.clear();
        }
      }
    };
  }

  /** The group's consumer; may be appended to by any thread. */
  private final class Events extends MockConsumer<byte[], byte[]> {
    private final List<ConsumerRecord<byte[], byte[]>> appended = new ArrayList<>();
    private boolean assigned;
    private boolean broken;
    private boolean shake;

    Events() {
      super("earliest");
      setMaxPollRecords(10);
    }

    private void append(ConsumerRecord<byte[], byte[]> record) {
      appended.add(record);
    }

    // Locks in the order of those who append.
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      synchronized (LaneRig.this) {
        if (broken) {
          throw new KafkaException("broken on purpose");
        }
        if (assigned) {
          appended.forEach(this::addRecord);
          appended.clear();
        }
        if (shake) {
          shake = false;
          rebalance(Set.of(new TopicPartition(Topics.EVENTS, 0)));
          updateBeginningOffsets(committed);
          rebalance(committed.keySet());
          uncommitted().forEach(this::addRecord);
        }
      }
      LockSupport.parkNanos(1_000_000);
      return super.poll(timeout);
    }
  }
}
