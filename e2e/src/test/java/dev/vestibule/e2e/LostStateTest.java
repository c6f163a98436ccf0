package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the deduper says after all that it remembered is gone: local state and changelogs. */
class LostStateTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private final Instant monthAgo = Instant.now().minus(Duration.ofDays(30));

  @TempDir Path folder;
  private EmbeddedBroker broker;
  private VestibuleConfig config;

  @BeforeEach
  void start() {
    broker = EmbeddedBroker.start(folder.resolve("broker"), 0);
    config =
        new VestibuleConfig(
            new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
            Map.of(),
            Map.of(),
            Map.of("bootstrap.servers", broker.bootstrap()),
            new RegistryConfig(null, null, null),
            new TopicsConfig("", (short) 1, Map.of(), Map.of()),
            new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1 << 20));
    try (Admin admin = admin()) {
      new TopicSetup(config.topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
    }
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  /** To call such an event new could open a door twice; to call it a duplicate could lose it. */
  @Test
  void eventIsUnverifiedUntilTheMemoryCoversItsWindowAgain() throws Exception {
    // Given
    try (DeduperApplication _ = DeduperApplication.start(context())) {
      send(1, monthAgo);
      awaitVerdicts("NEW");
    }

    // When
    loseEverything();
    try (DeduperApplication _ = DeduperApplication.start(context())) {
      send(2, monthAgo.plus(Duration.ofDays(1)));
      awaitVerdicts("NEW", "UNVERIFIED");
      send(3, monthAgo.plus(Duration.ofDays(8)).minusMillis(1));
      awaitVerdicts("NEW", "UNVERIFIED", "UNVERIFIED");
      send(4, monthAgo.plus(Duration.ofDays(8)));
      send(4, monthAgo.plus(Duration.ofDays(8)));

      // Then
      awaitVerdicts("NEW", "UNVERIFIED", "UNVERIFIED", "NEW");
    }
  }

  /** Losing local state alone is no loss: it comes back from the changelogs. */
  @Test
  void duplicateIsStillKnownAfterLocalStateIsLost() throws Exception {
    // Given
    try (DeduperApplication _ = DeduperApplication.start(context())) {
      send(1, monthAgo);
      awaitVerdicts("NEW");
    }

    // When
    loseLocalState();
    try (DeduperApplication _ = DeduperApplication.start(context())) {
      send(1, monthAgo.plusSeconds(60));
      send(2, monthAgo.plusSeconds(120));

      // Then
      awaitVerdicts("NEW", "NEW");
    }
  }

  private ServiceContext context() {
    return new ServiceContext(
        config,
        new IdentityKey(new byte[32]),
        null,
        folder.resolve("data"),
        new InMemorySchemaRegistry(),
        new SimpleMeterRegistry(),
        Clock.systemUTC());
  }

  private Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  private void loseEverything() throws Exception {
    loseLocalState();
    try (Admin admin = admin()) {
      admin
          .deleteTopics(
              admin.listTopics().names().get().stream()
                  .filter(name -> name.endsWith("-changelog"))
                  .collect(Collectors.toSet()))
          .all()
          .get();
    }
  }

  private void loseLocalState() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** One visit's records all lie in one partition. */
  private void send(int delivery, Instant arrival) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              Topics.NORMALIZED,
              null,
              arrival.toEpochMilli(),
              "hq:visit-1".getBytes(UTF_8),
              new byte[] {0, 0, 0, 0, 1, 42});
      Map.of(
              Headers.KEY_SCHEME,
              "1",
              Headers.KEY_TRANSPORT,
              "%032x".formatted(System.nanoTime()),
              Headers.KEY_DELIVERY,
              "%032x".formatted(0xd0 + delivery),
              Headers.KEY_FACT,
              "%032x".formatted(0xf0 + delivery),
              Headers.IDENTITY,
              "%032x".formatted(0x10 + delivery),
              Headers.REVISION,
              "00000000000000a1",
              Headers.WINDOW_DELIVERY,
              "24h",
              Headers.WINDOW_FACT,
              "7d",
              Headers.SENSITIVITY,
              "STANDARD",
              Headers.CE_ID,
              "event-" + delivery)
          .forEach((name, value) -> Headers.put(record.headers(), name, value));
      producer.send(record).get();
    }
  }

  private void awaitVerdicts(String... verdicts) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(verdicts()).containsExactly(verdicts));
  }

  private List<String> verdicts() {
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", broker.bootstrap(),
                "isolation.level", "read_committed",
                "enable.auto.commit", "false"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(Topics.EVENTS).stream()
              .map(info ->
                  new org.apache.kafka.common.TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      List<String> verdicts = new ArrayList<>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          verdicts.add(Headers.text(record.headers(), Headers.VERDICT));
        }
      }
      return verdicts;
    }
  }
}
