package dev.vestibule.deduper.unscreened;

import static dev.vestibule.deduper.unscreened.Visits.NINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.IdentityConfig;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.events.Alert;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionTest {
  private static final TopicPartition EVENTS = new TopicPartition("visitor.events", 0);
  private static final TopicPartition DECISIONS = new TopicPartition("visitor.decisions", 0);
  private static final TopicPartition MORE_DECISIONS = new TopicPartition("visitor.decisions", 1);
  private static final TopicPartition ALERTS = new TopicPartition("visitor.alerts", 0);
  private static final Instant DUE = NINE.plus(Duration.ofMinutes(2));

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Set<String> sources = Set.of("hq-envoy");

  /** A record, and when it was written. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Written(Instant at, byte[] value) {}

  /** What lies in Kafka. */
  private final Map<TopicPartition, List<Written>> log = new HashMap<>();

  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  private Instant now = NINE;
  private MockConsumer<byte[], byte[]> entries;
  private MockConsumer<byte[], byte[]> records;
  private MockProducer<byte[], byte[]> producer;
  private Session session;

  @BeforeEach
  void begin() {
    List.of(EVENTS, DECISIONS, ALERTS).forEach(partition -> log.put(partition, new ArrayList<>()));
    committed.put(EVENTS, new OffsetAndMetadata(0));
    open();
  }

  /** A new session on what lies in Kafka, as after a restart. */
  private void open() {
    records =
        new MockConsumer<>("earliest") {
          @Override
          public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
              Map<TopicPartition, Long> times) {
            return since(times);
          }
        };
    entries =
        new MockConsumer<>("earliest") {
          @Override
          public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
              Map<TopicPartition, Long> times) {
            return since(times);
          }

          @Override
          public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
              Set<TopicPartition> partitions) {
            Map<TopicPartition, OffsetAndMetadata> known = new HashMap<>();
            partitions.forEach(partition -> known.put(partition, committed.get(partition)));
            return known;
          }

          @Override
          public synchronized void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
            committed.putAll(offsets);
          }

          @Override
          public synchronized void commitAsync(
              Map<TopicPartition, OffsetAndMetadata> offsets,
              org.apache.kafka.clients.consumer.OffsetCommitCallback callback) {
            committed.putAll(offsets);
          }
        };
    producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    meet();
    ServiceContext context =
        new ServiceContext(
            new VestibuleConfig(
                new IdentityConfig(Path.of("identity.key"), Path.of("credential.key")),
                Map.of(),
                Map.of(),
                Map.of(),
                new RegistryConfig(null, null, null),
                new TopicsConfig("", (short) 1, Map.of(), Map.of()),
                new IngressConfig("127.0.0.1", 0, "127.0.0.1", 0, 1)),
            Visits.KEY,
            null,
            Path.of("."),
            registry,
            meters,
            () -> now);
    session =
        new Session(
            context,
            sources,
            now,
            serializer,
            new Metrics(meters, sources, () -> now),
            entries,
            records,
            producer);
    session.begin();
    OffsetAndMetadata position = committed.get(EVENTS);
    entries.rebalance(List.of(EVENTS));
    if (position != null && position.metadata().isEmpty()) {
      entries.seek(EVENTS, position.offset());
    }
    // From where the session wants to read on.
    feed(entries, EVENTS, entries.position(EVENTS));
    log.keySet().stream()
        .filter(partition -> !partition.equals(EVENTS))
        .forEach(partition -> feed(records, partition, 0));
  }

  private Map<TopicPartition, OffsetAndTimestamp> since(Map<TopicPartition, Long> times) {
    Map<TopicPartition, OffsetAndTimestamp> offsets = new HashMap<>();
    times.forEach((partition, time) -> {
      long before = lying(partition).stream().filter(one -> one.at().toEpochMilli() < time).count();
      offsets.put(
          partition, before == written(partition) ? null : new OffsetAndTimestamp(before, time));
    });
    return offsets;
  }

  /** Lets the clients know topics and their ends. */
  private void meet() {
    Map<TopicPartition, Long> ends = new HashMap<>();
    Map<TopicPartition, Long> beginnings = new HashMap<>();
    Map<String, List<PartitionInfo>> topics = new HashMap<>();
    log.keySet()
        .forEach(partition -> {
          ends.put(partition, (long) written(partition));
          beginnings.put(partition, 0L);
          topics
              .computeIfAbsent(partition.topic(), any -> new ArrayList<>())
              .add(new PartitionInfo(partition.topic(), partition.partition(), null, null, null));
        });
    for (MockConsumer<byte[], byte[]> consumer : List.of(entries, records)) {
      consumer.updateBeginningOffsets(beginnings);
      consumer.updateEndOffsets(ends);
      topics.forEach(consumer::updatePartitions);
    }
  }

  private int written(TopicPartition partition) {
    return log.getOrDefault(partition, List.of()).size();
  }

  private List<Written> lying(TopicPartition partition) {
    return Objects.requireNonNull(log.get(partition));
  }

  private byte[] bytes(TopicPartition partition, SpecificRecord value) {
    return Objects.requireNonNull(serializer.serialize(partition.topic(), value));
  }

  private void feed(MockConsumer<byte[], byte[]> consumer, TopicPartition partition, long from) {
    for (long offset = from; offset < written(partition); offset++) {
      consumer.addRecord(
          new ConsumerRecord<>(
              partition.topic(),
              partition.partition(),
              offset,
              lying(partition).get((int) offset).at().toEpochMilli(),
              TimestampType.CREATE_TIME,
              0,
              0,
              new byte[0],
              lying(partition).get((int) offset).value(),
              new RecordHeaders(),
              java.util.Optional.empty()));
    }
  }

  /** Something is written; the readers get it with {@link #arrive}. */
  private void write(TopicPartition partition, SpecificRecord value) {
    lying(partition).add(new Written(now, bytes(partition, value)));
    meet();
  }

  private void arrive(TopicPartition partition) {
    feed(partition.equals(EVENTS) ? entries : records, partition, written(partition) - 1L);
  }

  private void signsIn(VisitorEvent event) {
    write(EVENTS, event);
    arrive(EVENTS);
  }

  /** Reads on until nothing changes any more. */
  private void steps() {
    for (int step = 0; step < 4; step++) {
      session.step();
      now = now.plusMillis(500);
    }
  }

  /** Visits that an alert was written about; what was written comes back by its topic. */
  private List<String> raised() {
    AvroDeserializer<Alert> reader = new AvroDeserializer<>(Alert.class, registry);
    return producer.history().stream()
        .map(alert -> Objects.requireNonNull(reader.deserialize(alert.topic(), alert.value())))
        .map(Alert::getEventId)
        .toList();
  }

  private double entriesCounted() {
    return meters.counter("vestibule.unscreened.entries", "source", "hq-envoy").count();
  }

  @Test
  void raisesAVisitorTwoMinutesAfterTheSignInInAQuietHour() {
    signsIn(Visits.signsIn("19"));
    now = DUE.minusSeconds(10);
    steps();
    assertThat(raised()).isEmpty();

    now = DUE;
    steps();
    assertThat(raised()).containsExactly("event-19");
    assertThat(producer.history().getFirst().key()).asString().isEqualTo(Visits.visitKey("19"));
    assertThat(entriesCounted()).isEqualTo(1);
    assertThat(meters.get("vestibule.unscreened.overdue").gauge().value()).isZero();
  }

  @Test
  void raisesNobodyWhileDecisionsAreBehind() {
    signsIn(Visits.signsIn("19"));
    write(DECISIONS, Visits.decided("19", NINE));
    now = DUE.plus(Duration.ofHours(1));
    steps();
    assertThat(raised()).as("while the decision was not read").isEmpty();
    assertThat(meters.get("vestibule.unscreened.overdue").gauge().value()).isGreaterThan(3599);

    arrive(DECISIONS);
    steps();
    assertThat(raised()).as("when it was").isEmpty();
    assertThat(meters.get("vestibule.unscreened.waiting").gauge().value()).isZero();
  }

  @Test
  void raisesNobodyWhileTheLeadersDoNotSayWhereDecisionsEnd() {
    signsIn(Visits.signsIn("19"));
    now = DUE;
    records.setOffsetsException(new org.apache.kafka.common.errors.TimeoutException("silent"));
    session.step();
    session.step();
    assertThat(raised()).isEmpty();

    now = DUE.plusSeconds(2);
    steps();
    assertThat(raised()).containsExactly("event-19");
  }

  /** The answer of before a sign-in was due says nothing about decisions of until then. */
  @Test
  void asksAnewForEachThatIsDue() {
    VisitorEvent later = Visits.signsIn("20");
    later.setReceivedAt(NINE.plusSeconds(60));
    signsIn(Visits.signsIn("19"));
    signsIn(later);
    now = DUE;
    steps();
    assertThat(raised()).containsExactly("event-19");

    write(DECISIONS, Visits.decided("20", NINE.plusSeconds(62)));
    now = DUE.plusSeconds(60);
    steps();
    assertThat(raised()).containsExactly("event-19");

    arrive(DECISIONS);
    steps();
    assertThat(raised()).containsExactly("event-19");
  }

  /** Reading to the end may take a while, in which more is written and becomes due. */
  @Test
  void knowsDecisionsUntilItAskedAndNotUntilItHasReadThem() {
    VisitorEvent later = Visits.signsIn("20");
    later.setReceivedAt(NINE.plusSeconds(5));
    signsIn(Visits.signsIn("19"));
    signsIn(later);
    write(DECISIONS, Visits.decided("18", NINE));
    now = DUE;
    session.step();

    now = DUE.plusSeconds(10);
    arrive(DECISIONS);
    write(DECISIONS, Visits.decided("20", NINE.plusSeconds(6)));
    session.step();
    assertThat(raised()).containsExactly("event-19");

    arrive(DECISIONS);
    steps();
    assertThat(raised()).containsExactly("event-19");
  }

  @Test
  void aRestartedWatchJudgesWhatWaitedAndRaisesNothingTwice() {
    signsIn(Visits.signsIn("18"));
    now = DUE;
    steps();
    assertThat(raised()).containsExactly("event-18");
    lying(ALERTS).add(new Written(now, producer.history().getFirst().value()));
    VisitorEvent later = Visits.signsIn("19");
    later.setReceivedAt(now);
    signsIn(Visits.signsIn("18"));
    signsIn(later);
    steps();
    assertThat(Objects.requireNonNull(committed.get(EVENTS)).offset())
        .as("all was read")
        .isEqualTo(3);

    now = now.plus(Duration.ofHours(2));
    open();
    steps();

    assertThat(raised()).containsExactly("event-19");
  }

  @Test
  void aDecisionInANewPartitionCounts() {
    signsIn(Visits.signsIn("19"));
    session.step();
    log.put(MORE_DECISIONS, new ArrayList<>());
    write(MORE_DECISIONS, Visits.decided("19", NINE));
    now = DUE;
    session.step();
    session.step();
    assertThat(raised()).isEmpty();

    arrive(MORE_DECISIONS);
    steps();
    assertThat(raised()).isEmpty();
    assertThat(meters.counter("vestibule.unscreened.judged", "finding", "screened").count())
        .isEqualTo(1);
  }

  @Test
  void theFirstWatchOfAllBeginsWithWhatComesInFromThenOn() {
    committed.clear();
    write(EVENTS, Visits.signsIn("18"));
    now = NINE.plusSeconds(1);
    open();
    signsIn(Visits.signsIn("19"));
    now = DUE.plusSeconds(1);
    steps();

    assertThat(raised()).containsExactly("event-19");
  }

  @Test
  void onlySignInsAtSourcesWithAHookCount() {
    VisitorEvent elsewhere = Visits.signsIn("18");
    elsewhere.setSource("hq-kyber");
    VisitorEvent asked = Visits.signsIn("19");
    asked.setType(dev.vestibule.events.EventType.SCREENING_REQUESTED);
    signsIn(elsewhere);
    signsIn(asked);
    now = DUE;
    steps();

    assertThat(raised()).isEmpty();
    assertThat(meters.get("vestibule.unscreened.waiting").gauge().value()).isZero();
  }

  @Test
  void anAlertThatWasNotWrittenEndsTheSessionAndItsSignInIsReadAgain() {
    signsIn(Visits.signsIn("19"));
    now = DUE;
    producer.sendException = new KafkaException("down");
    assertThatThrownBy(this::steps).isInstanceOf(KafkaException.class);
    assertThat(entriesCounted()).isZero();

    open();
    steps();
    assertThat(raised()).containsExactly("event-19");
  }

  @Test
  void whatNobodyCanReadIsCountedAndPassedOver() {
    lying(EVENTS).add(new Written(now, "no avro".getBytes(StandardCharsets.UTF_8)));
    meet();
    arrive(EVENTS);
    signsIn(Visits.signsIn("19"));
    now = DUE;
    steps();

    assertThat(raised()).containsExactly("event-19");
    assertThat(meters.counter("vestibule.unscreened.unreadable").count()).isEqualTo(1);
  }
}
