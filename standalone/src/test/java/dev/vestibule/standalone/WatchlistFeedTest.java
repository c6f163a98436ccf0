package dev.vestibule.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.ingress.decision.snapshot.CompactedTopic;
import dev.vestibule.ingress.decision.watchlist.Change;
import dev.vestibule.ingress.decision.watchlist.EntryJson;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hits of a vendor's screening on a real broker, read by an ingress and then by the next one. */
class WatchlistFeedTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);

  @Test
  void whatOneIngressDoesNotGetToTheNextOneReads() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0)) {
      Map<String, Object> kafka = Map.of("bootstrap.servers", broker.bootstrap());
      createTopics(kafka);
      ServiceContext context = context(broker.bootstrap());

      // When hits come beside what is none, and beside what nobody has confirmed
      try (IngressApplication first = IngressApplication.start(context)) {
        publish(kafka, "an-aborted-one", false, hit("Ghost Writer"));
        publish(kafka, "good", true, "no event".getBytes(UTF_8), hit("Jane Doe"));
        await().atMost(PATIENCE).until(() -> names(kafka).equals(Set.of("Jane Doe")));
        assertThat(first.spools()).isEmpty();
      }
      publish(kafka, "good", true, hit("Max Roe"));
      assertThat(names(kafka)).containsExactly("Jane Doe");

      // Then the next one goes on
      try (IngressApplication next = IngressApplication.start(context)) {
        await().atMost(PATIENCE).until(() -> names(kafka).equals(Set.of("Jane Doe", "Max Roe")));
        assertThat(next.spools()).isEmpty();
      }
    }
  }

  private static void createTopics(Map<String, Object> kafka) throws Exception {
    try (Admin admin = Admin.create(kafka)) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(Topics.EVENTS_RESTRICTED, 2, (short) 1),
                  compacted(Topics.WATCHLIST),
                  compacted(Topics.CONTROL)))
          .all()
          .get();
    }
  }

  private static NewTopic compacted(String topic) {
    return new NewTopic(topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
  }

  private ServiceContext context(String bootstrap) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("vestibule.yml"),
            """
            vestibule:
              sources: { hq-kyber: { vendor: kyberaccess, secrets: [for-tests], account: hq } }
              kafka: { bootstrap.servers: "%s" }
              ingress: { host: 127.0.0.1, port: 0 }
              watchlist: { feed: hq-kyber }
            """
                .formatted(bootstrap));
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    return new ServiceContext(
        config,
        new IdentityKey(new byte[32]),
        null,
        folder,
        registry,
        new SimpleMeterRegistry(),
        InstantSource.fixed(NOW));
  }

  private static void publish(
      Map<String, Object> kafka, String writer, boolean commits, byte[]... values) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("transactional.id", writer);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (byte[] value : values) {
        var _ = producer.send(new ProducerRecord<>(Topics.EVENTS_RESTRICTED, value));
      }
      producer.flush();
      if (commits) {
        producer.commitTransaction();
      } else {
        producer.abortTransaction();
      }
    }
  }

  private static Set<String> names(Map<String, Object> kafka) {
    Set<String> names = new TreeSet<>();
    CompactedTopic.read(
        kafka,
        Topics.WATCHLIST,
        (key, value) -> {
          if (EntryJson.read(key, value) instanceof Change.Put(var entry)) {
            names.addAll(entry.names());
          }
        });
    return names;
  }

  private byte[] hit(String name) {
    byte[] bytes =
        serializer.serialize(
            Topics.EVENTS_RESTRICTED,
            VisitorEvent.newBuilder()
                .setEventId("0198c0de-0000-8000-8000-000000000001")
                .setRevision("00112233445566ff")
                .setType(EventType.BOLO_ALERT)
                .setVendor("kyberaccess")
                .setSource("hq-kyber")
                .setAccount("hq")
                .setVendorEventType("screening.bolo_alert")
                .setOccurredAt(NOW)
                .setOccurredAtBasis(OccurredAtBasis.VENDOR)
                .setReceivedAt(NOW)
                .setPath("webhook")
                .setVisit(Visit.newBuilder().build())
                .setPerson(Person.newBuilder().setFullName(name).build())
                .setHost(Host.newBuilder().build())
                .setSite(Site.newBuilder().build())
                .setCredential(AccessCredential.newBuilder().build())
                .setOutcome(Outcome.newBuilder().build())
                .setAttributes(Map.of())
                .setSensitivity(Sensitivity.RESTRICTED)
                .setOrigin(new Position("visitor.raw.kyberaccess", 3, 17L))
                .build());
    return bytes == null ? new byte[0] : bytes;
  }
}
