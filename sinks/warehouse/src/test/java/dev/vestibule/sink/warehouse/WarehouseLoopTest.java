package dev.vestibule.sink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.RegistryException;
import dev.vestibule.sink.EventDecoder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarehouseLoopTest {
  private static final String TOPIC = "visitor.events";
  private static final TopicPartition P1 = new TopicPartition(TOPIC, 1);
  private static final byte[] POISON = "no avro at all".getBytes(StandardCharsets.UTF_8);
  private static final WarehouseSettings SETTINGS =
      new WarehouseSettings(20, Duration.ofMillis(20), 160, Duration.ofSeconds(5), 100);

  @TempDir Path folder;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> log = new HashMap<>();
  private final List<MockConsumer<byte[], byte[]>> consumers = new ArrayList<>();
  private final Map<TopicPartition, Long> reported = new ConcurrentHashMap<>();
  private Desk desk;

  @BeforeEach
  void open() {
    desk = new Desk(folder);
  }

  @AfterEach
  void close() {
    desk.close();
  }

  private byte[] bytes(VisitorEvent event) {
    return Objects.requireNonNull(serializer.serialize(TOPIC, event));
  }

  private void append(TopicPartition partition, long offset, byte @Nullable [] value) {
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.VERDICT, Verdict.NEW.name());
    log.computeIfAbsent(partition, any -> new ArrayList<>())
        .add(
            new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                0L,
                TimestampType.CREATE_TIME,
                0,
                value == null ? 0 : value.length,
                new byte[0],
                value,
                headers,
                java.util.Optional.empty()));
  }

  /** A consumer of the log; everything is there as soon as the partitions are assigned. */
  private MockConsumer<byte[], byte[]> consumer() {
    MockConsumer<byte[], byte[]> consumer =
        new MockConsumer<>("earliest") {
          @Override
          public synchronized void commitAsync(
              Map<TopicPartition, OffsetAndMetadata> offsets, OffsetCommitCallback callback) {
            offsets.forEach((partition, offset) -> reported.put(partition, offset.offset()));
            super.commitAsync(offsets, callback);
          }
        };
    consumer.setMaxPollRecords(7);
    Map<TopicPartition, Long> beginnings = new HashMap<>();
    log.forEach((partition, records) -> beginnings.put(partition, records.getFirst().offset()));
    consumer.updateBeginningOffsets(beginnings);
    consumer.schedulePollTask(() -> {
      consumer.rebalance(log.keySet());
      log.values().forEach(records -> records.forEach(consumer::addRecord));
    });
    consumers.add(consumer);
    return consumer;
  }

  private WarehouseLoop loop(
      Supplier<Consumer<byte[], byte[]>> consumers, EventDecoder decoder, Warehouse warehouse) {
    return new WarehouseLoop(
        consumers,
        List.of(TOPIC),
        Set.of(Sensitivity.STANDARD),
        decoder,
        new RecordDecoder(TopicNames.UNPREFIXED, registry),
        warehouse,
        SETTINGS,
        new WarehouseMetrics(meters, "warehouse"),
        InstantSource.system());
  }

  private EventDecoder decoder() {
    return new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, registry));
  }

  /** Runs the loop until the stored positions are the ends of the log. */
  private void runToEnd(WarehouseLoop loop) throws InterruptedException {
    Map<TopicPartition, Long> ends = new HashMap<>();
    log.forEach((partition, records) -> ends.put(partition, records.getLast().offset() + 1));
    Thread thread = Thread.ofPlatform().start(loop);
    try (DuckDbWarehouse reader = new DuckDbWarehouse(desk.database, "warehouse", Desk.KEY)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> reader.loadOffsets().equals(ends));
    } finally {
      loop.stop();
      thread.join();
    }
  }

  private double count(String name) {
    return meters.find("vestibule.warehouse." + name).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private void assertArithmetic() {
    assertThat(count("consumed"))
        .isEqualTo(count("stored") + count("already_stored") + count("rejected"));
  }

  @Test
  void everyRecordBecomesARowOrARejection() throws InterruptedException {
    // Given an event, poison, a null, an event of another class, a repeated event; with gaps
    VisitorEvent health = Events.signIn("v-2", Events.NINE);
    health.setSensitivity(Sensitivity.HEALTH);
    append(Events.P0, 5, bytes(Events.signIn("v-1", Events.NINE)));
    append(Events.P0, 8, POISON);
    append(Events.P0, 9, null);
    append(P1, 0, bytes(health));
    append(P1, 3, bytes(Events.signIn("v-1", Events.NINE)));

    // When
    runToEnd(loop(this::consumer, decoder(), desk.warehouse));

    // Then
    assertThat(desk.rows("SELECT event_id, verdict FROM visitor_event"))
        .containsExactly("in-v-1|NEW");
    assertThat(desk.rows("SELECT part, off, reason, raw IS NULL FROM rejected_event ORDER BY ALL"))
        .containsExactly("0|8|undecodable|false", "0|9|null_value|true", "1|0|not_granted|true");
    assertThat(count("consumed")).isEqualTo(5);
    assertThat(count("rejected")).isEqualTo(3);
    assertArithmetic();
  }

  @Test
  void positionsAreTakenFromTheWarehouseNotFromKafka() throws InterruptedException {
    // Given a stored position in the middle
    for (int offset = 0; offset < 30; offset++) {
      append(Events.P0, offset, bytes(Events.signIn("v-" + offset, Events.NINE)));
    }
    desk.write(
        java.util.stream.IntStream.range(0, 10)
            .mapToObj(i -> Events.row(Events.signIn("v-" + i, Events.NINE), i))
            .toList());

    // When
    runToEnd(loop(this::consumer, decoder(), desk.warehouse));

    // Then
    assertThat(count("stored")).isEqualTo(20);
    assertThat(count("already_stored")).isZero();
    assertThat(reported).as("what Kafka was told").isEqualTo(Map.of(Events.P0, 30L));
  }

  @Test
  void aRegistryOutOfReachDelaysButRejectsNothing() throws InterruptedException {
    // Given
    append(Events.P0, 0, bytes(Events.signIn("v-1", Events.NINE)));
    AtomicInteger calls = new AtomicInteger();
    AvroDeserializer<VisitorEvent> avro = new AvroDeserializer<>(VisitorEvent.class, registry);
    EventDecoder moody =
        new EventDecoder((topic, bytes) -> {
          if (calls.incrementAndGet() < 3) {
            throw new RegistryException("out of reach");
          }
          return avro.deserialize(topic, bytes);
        });

    // When
    runToEnd(loop(this::consumer, moody, desk.warehouse));

    // Then
    assertThat(desk.rows("SELECT event_id FROM visitor_event")).containsExactly("in-v-1");
    assertThat(desk.rows("FROM rejected_event")).isEmpty();
    assertThat(count("failed")).isEqualTo(2);
  }

  @Test
  void aLoopWhosePositionWasMovedStartsAgainFromTheStoredOne() throws InterruptedException {
    // Given a zombie that moves the position while the loop's first batch is on its way
    for (int offset = 0; offset < 10; offset++) {
      append(Events.P0, offset, bytes(Events.signIn("v-" + offset, Events.NINE)));
    }
    AtomicInteger writes = new AtomicInteger();
    Warehouse overtaken =
        new Forwarding(desk.warehouse) {
          @Override
          public WriteResult writeBatch(Batch batch) {
            if (writes.getAndIncrement() == 0) {
              desk.write(Events.signIn("v-0", Events.NINE));
            }
            return super.writeBatch(batch);
          }
        };

    // When
    runToEnd(loop(this::consumer, decoder(), overtaken));

    // Then
    assertThat(count("fenced")).isEqualTo(1);
    assertThat(count("stored")).isEqualTo(9);
    assertThat(desk.one("SELECT count(*) FROM visitor_event")).isEqualTo("10");
  }

  @Test
  void eventsThatLeftTheLogUnreadAreCounted() throws InterruptedException {
    // Given a stored position that the log no longer holds
    desk.write(Events.signIn("v-0", Events.NINE));
    append(Events.P0, 50, bytes(Events.signIn("v-50", Events.NINE)));

    // When
    runToEnd(loop(this::consumer, decoder(), desk.warehouse));

    // Then
    assertThat(count("skipped")).isEqualTo(1);
    assertThat(desk.one("SELECT count(*) FROM visitor_event")).isEqualTo("2");
  }

  @Test
  void decisionsGoToTheirTableAndBrokenOnesAside() throws InterruptedException {
    // Given
    TopicPartition decisions = new TopicPartition("visitor.decisions", 2);
    append(Events.P0, 0, bytes(Events.signIn("v-1", Events.NINE)));
    append(decisions, 0, serializer.serialize(decisions.topic(), decision()));
    append(new TopicPartition("visitor.decisions", 3), 0, POISON);
    append(decisions, 1, serializer.serialize(decisions.topic(), decision()));

    // When
    runToEnd(loop(this::consumer, decoder(), desk.warehouse));

    // Then
    assertThat(desk.rows("SELECT request_id, src_partition, src_offset FROM decisions"))
        .containsExactly("r-1|2|0");
    assertThat(desk.rows("SELECT topic, off, reason FROM rejected_event"))
        .containsExactly("visitor.decisions|0|undecodable");
    assertThat(count("consumed")).isEqualTo(4);
    assertThat(count("stored")).isEqualTo(2);
    assertThat(count("already_stored")).isEqualTo(1);
  }

  private static Decision decision() {
    return Decision.newBuilder()
        .setDecisionId("d-1")
        .setRequestId("r-1")
        .setPhase(DecisionPhase.DECIDED)
        .setSource("hq-envoy")
        .setVendor("envoy")
        .setAccount("hq")
        .setOutcome(DecisionOutcome.REVIEW)
        .setBasis(DecisionBasis.DEADLINE)
        .setReason("hard_deadline")
        .setRequestedAt(Events.NINE)
        .setDecidedAt(Events.NINE)
        .setLatencyMicros(1)
        .build();
  }

  @Test
  void stoppingWritesWhatIsHeld() throws InterruptedException {
    // Given a batch that neither rows nor time complete
    append(Events.P0, 0, bytes(Events.signIn("v-1", Events.NINE)));
    WarehouseLoop patient =
        new WarehouseLoop(
            this::consumer,
            List.of(TOPIC),
            Set.of(Sensitivity.STANDARD),
            decoder(),
            new RecordDecoder(TopicNames.UNPREFIXED, registry),
            desk.warehouse,
            new WarehouseSettings(1000, Duration.ofHours(1), 160, Duration.ofSeconds(5), 100),
            new WarehouseMetrics(meters, "warehouse"),
            InstantSource.system());
    Thread thread = Thread.ofPlatform().start(patient);
    await()
        .until(() ->
            !consumers.isEmpty()
                && patient.ready()
                && consumers.getFirst().position(Events.P0) == 1);

    // When
    patient.stop();
    thread.join();

    // Then
    assertThat(desk.rows("SELECT event_id FROM visitor_event")).containsExactly("in-v-1");
    assertThat(patient.ready()).isFalse();
    assertThat(patient.live()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14})
  void nothingIsLostOrDoubledUnderAnySchedule(long seed) throws InterruptedException {
    // Given a log with gaps, repetitions and poison
    Random random = new Random(seed);
    Set<String> expected = new TreeSet<>();
    int poison = 0;
    for (int partition = 0; partition < 3; partition++) {
      long offset = random.nextInt(5);
      for (int i = 0; i < 150; i++) {
        TopicPartition source = new TopicPartition(TOPIC, partition);
        if (random.nextInt(25) == 0) {
          append(source, offset, POISON);
          poison++;
        } else {
          String id = "e-" + partition + "-" + random.nextInt(120);
          VisitorEvent event = Events.event(id, EventType.SIGNED_IN, id, Events.NINE);
          append(source, offset, bytes(event));
          expected.add(id);
        }
        offset += 1 + (random.nextInt(10) == 0 ? random.nextInt(3) : 0);
      }
    }

    // When consumers break, commits fail before and after the fact, and processes restart
    AtomicInteger troubles = new AtomicInteger(8);
    for (int restart = 0; restart < 2; restart++) {
      WarehouseLoop loop =
          loop(() -> breaking(random, troubles), decoder(), flaky(random, troubles));
      Thread thread = Thread.ofPlatform().start(loop);
      await().until(() -> !desk.rows("FROM sink_offset").isEmpty());
      loop.stop();
      thread.join();
      desk.close();
      desk = new Desk(folder);
    }
    runToEnd(loop(() -> breaking(random, troubles), decoder(), flaky(random, troubles)));

    // Then
    assertThat(desk.rows("SELECT event_id FROM visitor_event ORDER BY 1"))
        .as("seed %d", seed)
        .containsExactlyElementsOf(expected);
    assertThat(desk.one("SELECT count(*) FROM visit_current"))
        .isEqualTo(Integer.toString(expected.size()));
    assertThat(desk.one("SELECT count(*) FROM rejected_event")).isEqualTo(Integer.toString(poison));
    assertArithmetic();
  }

  private MockConsumer<byte[], byte[]> breaking(Random random, AtomicInteger troubles) {
    MockConsumer<byte[], byte[]> consumer = consumer();
    if (troubles.getAndDecrement() > 0) {
      int polls = 1 + random.nextInt(12);
      for (int poll = 0; poll < polls; poll++) {
        consumer.schedulePollTask(() -> {});
      }
      consumer.schedulePollTask(() -> {
        switch (random.nextInt(3)) {
          case 0 -> consumer.setPollException(new KafkaException("broken on purpose"));
          case 1 -> move(consumer, Set.of(P1));
          default -> move(consumer, Set.of());
        }
      });
    }
    return consumer;
  }

  /** Takes partitions away and, two polls later, gives all back. */
  private void move(MockConsumer<byte[], byte[]> consumer, Collection<TopicPartition> kept) {
    consumer.rebalance(kept);
    consumer.schedulePollTask(() -> {});
    consumer.schedulePollTask(() -> {
      consumer.rebalance(log.keySet());
      log.values().forEach(records -> records.forEach(consumer::addRecord));
    });
  }

  private Warehouse flaky(Random random, AtomicInteger troubles) {
    return new Forwarding(desk.warehouse) {
      @Override
      public WriteResult writeBatch(Batch batch) {
        boolean trouble = random.nextInt(3) == 0 && troubles.getAndDecrement() > 0;
        if (trouble && random.nextBoolean()) {
          throw new WarehouseException("failed before the commit");
        }
        WriteResult result = super.writeBatch(batch);
        if (trouble) {
          throw new WarehouseException("failed after the commit");
        }
        return result;
      }
    };
  }

  private static class Forwarding implements Warehouse {
    private final Warehouse warehouse;

    Forwarding(Warehouse warehouse) {
      this.warehouse = warehouse;
    }

    @Override
    public void migrate() {
      warehouse.migrate();
    }

    @Override
    public Map<TopicPartition, Long> loadOffsets() {
      return warehouse.loadOffsets();
    }

    @Override
    public WriteResult writeBatch(Batch batch) {
      return warehouse.writeBatch(batch);
    }

    @Override
    public void close() {
      warehouse.close();
    }
  }
}
