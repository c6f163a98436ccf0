package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.DeliveryResult;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.lane.Handler;
import dev.vestibule.sink.lane.LaneService;
import dev.vestibule.sink.lane.LaneSettings;
import dev.vestibule.sink.lane.Outcome;
import dev.vestibule.sink.lane.Work;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes over a real broker: transactions, offsets, the compacted topic, and who comes back. */
class LanesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SINK = "hq-doors";
  private static final String GROUP = "vestibule-sink-" + SINK;
  private static final String PARKED = Topics.parked(SINK).name();
  private static final LaneSettings SETTINGS =
      new LaneSettings(
          200,
          1 << 20,
          16,
          Duration.ofMillis(10),
          Duration.ofMillis(100),
          Duration.ofMinutes(1),
          Duration.ofMillis(300),
          Duration.ofMillis(200),
          1_000,
          1 << 20,
          Duration.ofMillis(100),
          Duration.ofMillis(500),
          Duration.ofMillis(500));

  @TempDir Path folder;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);
  private final Map<String, List<String>> taken = new ConcurrentHashMap<>();
  private volatile boolean repaired;

  private Outcome handle(Work work) {
    String visit = work.key();
    if (visit.equals("hq:stuck") && !repaired) {
      return new Outcome.Retry(null, "http_500");
    }
    if (visit.equals("hq:refused")) {
      return new Outcome.Reject("http_400");
    }
    taken
        .computeIfAbsent(visit, _ -> new CopyOnWriteArrayList<>())
        .add(work.event().event().getEventId());
    return new Outcome.Done("taken");
  }

  private LaneService start(String bootstrap, Handler handler) {
    VestibuleConfig config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            Map.of(),
            Map.of(),
            Map.of("bootstrap.servers", bootstrap),
            new RegistryConfig(null, null, null),
            topics(),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1));
    ServiceContext context =
        new ServiceContext(
            config,
            new IdentityKey(new byte[32]),
            null,
            folder,
            registry,
            new SimpleMeterRegistry(),
            InstantSource.system());
    SinkConfig sink =
        new SinkConfig(SINK, "access-control", Set.of(Sensitivity.STANDARD), Map.of());
    return LaneService.start(context, sink, handler, SETTINGS);
  }

  private static TopicsConfig topics() {
    return new TopicsConfig(
        "", (short) 1, Map.of(), Map.of(), List.of(Topics.parked(SINK), Topics.replay(SINK)));
  }

  @Test
  void nothingIsLostOrOutOfOrderOverAStuckVisitARestartAndASecondProcess() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0);
        Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      // Given
      new TopicSetup(topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
      List<String> visits = IntStream.range(0, 20).mapToObj(visit -> "hq:" + visit).toList();
      for (int number = 0; number < 10; number++) {
        for (String visit : visits) {
          produce(producer, visit, number);
        }
      }
      produce(producer, "hq:refused", 0);
      for (int number = 0; number < 3; number++) {
        produce(producer, "hq:stuck", number);
      }
      producer.flush();

      // When
      try (LaneService first = start(broker.bootstrap(), this::handle)) {
        await().atMost(PATIENCE).until(first::ready);
        await().atMost(PATIENCE).until(() -> lag(admin) == 0);
      }

      // Then
      for (String visit : visits) {
        assertThat(taken.get(visit)).isEqualTo(ids(visit, 10));
      }
      assertThat(taken).doesNotContainKey("hq:stuck");
      assertThat(Log.read(broker.bootstrap(), Topics.DEAD_LETTERS)).hasSize(1);
      assertThat(Log.read(broker.bootstrap(), PARKED))
          .extracting(record -> new String(record.key(), UTF_8))
          .containsExactly(
              "hq:stuck#0000000000000000",
              "hq:stuck#0000000000000001",
              "hq:stuck#0000000000000002");

      // When another process takes over from one that does not know it
      produce(producer, "hq:stuck", 3);
      try (LaneService second = start(broker.bootstrap(), this::handle)) {
        await().atMost(PATIENCE).until(second::ready);
        repaired = true;
        await()
            .atMost(PATIENCE)
            .untilAsserted(
                () -> assertThat(taken.get("hq:stuck")).isNotNull().hasSizeGreaterThanOrEqualTo(4));
        await().atMost(PATIENCE).until(() -> lag(admin) == 0);
      }

      // Then
      assertThat(new LinkedHashSet<>(taken.get("hq:stuck")))
          .containsExactlyElementsOf(ids("hq:stuck", 4));
      assertThat(unfinished(broker.bootstrap())).isZero();
      List<Delivery> deliveries = deliveries(broker.bootstrap());
      assertThat(deliveries)
          .filteredOn(delivery -> delivery.getResult() == DeliveryResult.DELIVERED)
          .extracting(Delivery::getEventId)
          .contains(ids("hq:stuck", 4).toArray(String[]::new))
          .contains(ids("hq:7", 10).toArray(String[]::new));
      assertThat(deliveries).extracting(Delivery::getDestination).containsOnly(SINK);
    }
  }

  private void produce(KafkaProducer<byte[], byte[]> producer, String visit, int number) {
    var _ =
        producer.send(
            new ProducerRecord<>(
                Topics.EVENTS,
                visit.getBytes(UTF_8),
                serializer.serialize(Topics.EVENTS, event(visit, number))));
  }

  private static List<String> ids(String visit, int count) {
    return IntStream.range(0, count).mapToObj(number -> visit + "." + number).toList();
  }

  private static long lag(Admin admin) throws Exception {
    Map<TopicPartition, Long> committed = new HashMap<>();
    admin
        .listConsumerGroupOffsets(GROUP)
        .partitionsToOffsetAndMetadata()
        .get()
        .forEach((partition, offset) -> committed.put(partition, offset.offset()));
    long lag = 0;
    for (int partition = 0; partition < 4; partition++) {
      TopicPartition of = new TopicPartition(Topics.EVENTS, partition);
      long end =
          admin.listOffsets(Map.of(of, OffsetSpec.latest())).partitionResult(of).get().offset();
      lag += end - committed.getOrDefault(of, 0L);
    }
    return lag;
  }

  private static long unfinished(String bootstrap) {
    Map<String, Boolean> parked = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : Log.read(bootstrap, PARKED)) {
      parked.put(new String(record.key(), UTF_8), record.value() != null);
    }
    return parked.values().stream().filter(waits -> waits).count();
  }

  private List<Delivery> deliveries(String bootstrap) {
    AvroDeserializer<Delivery> reader = new AvroDeserializer<>(Delivery.class, registry);
    return Log.read(bootstrap, Topics.DELIVERIES).stream()
        .map(record -> reader.deserialize(record.topic(), record.value()))
        .toList();
  }

  private static VisitorEvent event(String visit, int number) {
    Instant at = Instant.parse("2026-03-02T09:00:00Z").plusSeconds(number);
    return VisitorEvent.newBuilder()
        .setEventId(visit + "." + number)
        .setRevision("00000000000000aa")
        .setType(EventType.SIGNED_IN)
        .setVendor("kyberaccess")
        .setSource("hq")
        .setAccount("hq")
        .setOccurredAt(at)
        .setReceivedAt(at)
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).build())
        .setPerson(Person.newBuilder().build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(dev.vestibule.events.Outcome.newBuilder().build())
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.kyberaccess", 0, (long) number))
        .build();
  }
}
