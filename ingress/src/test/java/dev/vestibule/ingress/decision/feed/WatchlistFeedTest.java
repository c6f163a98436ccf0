package dev.vestibule.ingress.decision.feed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
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
import dev.vestibule.ingress.decision.watchlist.Change;
import dev.vestibule.ingress.decision.watchlist.Entry;
import dev.vestibule.ingress.decision.watchlist.EntryJson;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.RegistryException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Which events become entries, and that none is lost. */
class WatchlistFeedTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final Duration KEEP = Duration.ofDays(30);
  private static final TopicPartition ONE = new TopicPartition(Topics.EVENTS_RESTRICTED, 0);
  private static final TopicPartition TWO = new TopicPartition(Topics.EVENTS_RESTRICTED, 1);

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(WatchlistFeed.class);
  private MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private boolean registryIsAway;
  private WatchlistFeed feed = feed();

  private Deserializer<VisitorEvent> events() {
    AvroDeserializer<VisitorEvent> reader = new AvroDeserializer<>(VisitorEvent.class, registry);
    return (topic, bytes) -> {
      if (registryIsAway) {
        throw new RegistryException("away");
      }
      return reader.deserialize(topic, bytes);
    };
  }

  private WatchlistFeed feed() {
    SourceConfig fed =
        SourceConfig.of("hq-kyber", Vendor.KYBERACCESS, "hq", new Secret("for-tests"));
    return new WatchlistFeed(
        consumer,
        producer,
        events(),
        new Hits(List.of(fed), KEEP, new Normal(null)),
        TopicNames.UNPREFIXED,
        () -> NOW,
        meters);
  }

  @BeforeEach
  void assign() {
    feed.subscribe();
    consumer.rebalance(List.of(ONE, TWO));
    consumer.updateBeginningOffsets(Map.of(ONE, 0L, TWO, 0L));
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void detach() {
    logger.detachAppender(lines);
  }

  @Test
  void aHitBecomesAnEntryAndIsReadAfterIt() {
    hit(ONE, 0, "Jane Doe", NOW);

    feed.tryStep();

    Entry entry = entries().getFirst();
    assertThat(entry.names()).containsExactly("Jane Doe");
    assertThat(entry.expires()).isEqualTo(NOW.plus(KEEP));
    assertThat(new String(producer.history().getFirst().key(), UTF_8)).isEqualTo(entry.id());
    assertThat(committed(ONE)).isEqualTo(1);
    assertThat(count("entered")).isEqualTo(1);
  }

  @Test
  void otherEventsOtherAccountsAndWhoIsUnknownOrOverAreRead() {
    put(ONE, 0, event(EventType.SCREENING_CLEARED, "kyberaccess", "hq", "Jane Doe", NOW));
    put(ONE, 1, event(EventType.WATCHLIST_HIT, "kyberaccess", "elsewhere", "Jane Doe", NOW));
    put(ONE, 2, event(EventType.WATCHLIST_HIT, "curacel", "hq", "Jane Doe", NOW));
    hit(ONE, 3, "Jane", NOW);
    hit(ONE, 4, "Jane Doe", NOW.minus(KEEP));

    feed.tryStep();

    assertThat(producer.history()).isEmpty();
    assertThat(committed(ONE)).isEqualTo(5);
    assertThat(List.of(count("other"), count("unidentified"), count("expired")))
        .containsExactly(3.0, 1.0, 1.0);
  }

  @Test
  void whatCannotBeReadIsPassedOverAndNamedByItsPlace() {
    add(ONE, 0, "no event".getBytes(UTF_8));
    add(ONE, 1, null);
    add(ONE, 2, new byte[] {0, 0, 0, 0, 99, 1});
    hit(ONE, 3, "Max Roe", Instant.ofEpochSecond(Long.MAX_VALUE / 1_000_000));
    hit(ONE, 4, "Jane Doe", NOW);

    feed.tryStep();

    assertThat(entries()).hasSize(1);
    assertThat(committed(ONE)).isEqualTo(5);
    assertThat(count("malformed")).isEqualTo(4);
    assertThat(lines.list.toString()).doesNotContain("Roe", "Jane");
    assertThat(lines.list.getFirst().getKeyValuePairs().toString())
        .contains("offset=\"0\"", Topics.EVENTS_RESTRICTED);
  }

  @Test
  void whatIsNotAcknowledgedIsNotReadAndComesAgain() {
    hit(ONE, 0, "Jane Doe", NOW);
    hit(TWO, 7, "Max Roe", NOW);
    producer.sendException = new TopicAuthorizationException(Topics.WATCHLIST);

    feed.tryStep();
    assertThat(committed(ONE)).isNegative();
    assertThat(meters.counter("vestibule.ingress.watchlist.feed.failures").count()).isEqualTo(1);

    producer.sendException = null;
    hit(ONE, 0, "Jane Doe", NOW);
    hit(TWO, 7, "Max Roe", NOW);
    feed.tryStep();
    assertThat(entries())
        .extracting(Entry::names)
        .contains(List.of("Jane Doe"), List.of("Max Roe"));
    assertThat(List.of(committed(ONE), committed(TWO))).containsExactly(1L, 8L);
  }

  @Test
  void anAcknowledgementThatFailsLaterCountsToo() {
    producer =
        new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public synchronized void flush() {
            assertThat(errorNext(new KafkaException("too late"))).isTrue();
          }
        };
    feed = feed();
    hit(ONE, 0, "Jane Doe", NOW);

    feed.tryStep();

    assertThat(committed(ONE)).isNegative();
    assertThat(consumer.position(ONE)).as("read again").isZero();
  }

  @Test
  void aRegistryThatIsAwayIsNoReasonToPassOver() {
    registryIsAway = true;
    hit(ONE, 0, "Jane Doe", NOW);
    feed.tryStep();
    assertThat(committed(ONE)).isNegative();
    assertThat(consumer.position(ONE)).isZero();
    assertThat(count("malformed")).isZero();

    registryIsAway = false;
    hit(ONE, 0, "Jane Doe", NOW);
    feed.tryStep();
    assertThat(entries()).hasSize(1);
  }

  @Test
  void aHitThatIsReadAgainWritesTheSameRecord() {
    hit(ONE, 0, "Jane Doe", NOW);
    feed.tryStep();
    feed = feed();
    consumer.seek(ONE, 0);
    hit(ONE, 0, "Jane Doe", NOW);
    feed.tryStep();

    assertThat(producer.history()).hasSize(2);
    assertThat(producer.history().getFirst().value())
        .isEqualTo(producer.history().getLast().value());
    assertThat(producer.history().getFirst().key()).isEqualTo(producer.history().getLast().key());
  }

  @Test
  void anEarlierHitThatIsReadLaterShortensNothing() {
    hit(ONE, 0, "Jane Doe", NOW);
    hit(ONE, 1, "Doe, Jane", NOW.minusSeconds(60));
    feed.tryStep();
    hit(TWO, 0, "Jane Doe", NOW.minusSeconds(120));
    feed.tryStep();
    assertThat(entries()).extracting(Entry::expires).containsExactly(NOW.plus(KEEP));
    assertThat(count("known")).isEqualTo(1);

    hit(TWO, 1, "Jane Doe", NOW.plusSeconds(1));
    feed.tryStep();
    assertThat(entries()).hasSize(2);
    assertThat(entries().getLast().expires()).isEqualTo(NOW.plus(KEEP).plusSeconds(1));
  }

  private void hit(TopicPartition partition, long offset, String name, Instant arrival) {
    put(partition, offset, event(EventType.WATCHLIST_HIT, "kyberaccess", "hq", name, arrival));
  }

  private void put(TopicPartition partition, long offset, SpecificRecord event) {
    add(partition, offset, serializer.serialize(partition.topic(), event));
  }

  private void add(TopicPartition partition, long offset, byte @Nullable [] value) {
    if (consumer.position(partition) < offset && offset == 7) {
      consumer.seek(partition, offset);
    }
    consumer.addRecord(
        new ConsumerRecord<>(partition.topic(), partition.partition(), offset, null, value));
  }

  private static VisitorEvent event(
      EventType type, String vendor, String account, String name, Instant arrival) {
    return VisitorEvent.newBuilder()
        .setEventId("0198c0de-0000-8000-8000-000000000001")
        .setRevision("00112233445566ff")
        .setType(type)
        .setVendor(vendor)
        .setSource("of-the-same-account")
        .setAccount(account)
        .setVendorEventType("screening.watchlist_hit")
        .setOccurredAt(NOW)
        .setOccurredAtBasis(OccurredAtBasis.VENDOR)
        .setReceivedAt(arrival)
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
        .build();
  }

  private List<Entry> entries() {
    return producer.history().stream()
        .map(record -> EntryJson.read(new String(record.key(), UTF_8), record.value()))
        .map(change -> ((Change.Put) change).entry())
        .toList();
  }

  private long committed(TopicPartition partition) {
    OffsetAndMetadata committed = consumer.committed(Set.of(partition)).get(partition);
    return committed == null ? -1 : committed.offset();
  }

  private double count(String outcome) {
    return meters.counter("vestibule.ingress.watchlist.feed", "outcome", outcome).count();
  }
}
