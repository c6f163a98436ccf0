package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.DeliveryResult;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.lane.Outage.Kind;
import dev.vestibule.sink.lane.Outage.Notice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AuditTest {
  private static final Instant NINE = Instant.parse("2026-03-02T09:00:00Z");
  private static final byte[] BYTES = {0, 1, 2, 3};

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final Audit audit =
      new Audit(
          "door",
          TopicNames.UNPREFIXED,
          new IdentityKey(new byte[32]),
          new AvroSerializer(registry),
          () -> NINE);

  private static VisitorEvent event(Sensitivity sensitivity) {
    VisitorEvent event = new MemoryDestination().event("v-1", 7);
    event.setSensitivity(sensitivity);
    return event;
  }

  private static Item<Incoming> item(
      String topic, byte @Nullable [] value, @Nullable VisitorEvent event) {
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.SOURCE, "hq");
    Headers.put(headers, Headers.VENDOR, "envoy");
    Headers.put(headers, Headers.ACCOUNT, "hq-account");
    Headers.put(headers, Headers.REQUEST_ID, "r-1");
    Headers.put(headers, Headers.PATH, "webhook");
    Headers.put(headers, Headers.VERDICT, "NEW");
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(
            topic,
            3,
            42,
            NINE.minusSeconds(2).toEpochMilli(),
            TimestampType.CREATE_TIME,
            3,
            value == null ? -1 : value.length,
            "v-1".getBytes(StandardCharsets.UTF_8),
            value,
            headers,
            Optional.empty());
    Incoming incoming =
        new Incoming(
            record,
            event == null ? null : new Decoded.Event(event, 1, Verdict.NEW, false, "webhook"));
    return new Item<>(new Source(topic, 3), 42, "v-1", 100, false, incoming);
  }

  private Output.Attempted<Incoming> attempted(Item<Incoming> item, Outcome outcome) {
    return new Output.Attempted<>(
        item,
        2,
        outcome,
        NINE.minusMillis(500),
        Duration.ofNanos(123_456_789),
        outcome instanceof Outcome.Retry ? NINE.plusSeconds(5) : null);
  }

  private <T extends SpecificRecord> T read(Class<T> type, ProducerRecord<byte[], byte[]> record) {
    return Objects.requireNonNull(
        new AvroDeserializer<>(type, registry).deserialize(record.topic(), record.value()));
  }

  private static String key(ProducerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  @Test
  void anAttemptIsWrittenDownUnderTheEventsId() {
    Item<Incoming> item = item(Topics.EVENTS, BYTES, event(Sensitivity.STANDARD));

    ProducerRecord<byte[], byte[]> record =
        audit.delivery(attempted(item, new Outcome.Retry(null, "http_500")));

    assertThat(record.topic()).isEqualTo(Topics.DELIVERIES);
    assertThat(key(record)).isEqualTo("v-1.7");
    assertThat(Headers.all(record.headers()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(Headers.SOURCE, "hq", Headers.VENDOR, "envoy", Headers.ACCOUNT, "hq-account"));
    assertThat(read(Delivery.class, record))
        .isEqualTo(
            Delivery.newBuilder()
                .setEventId("v-1.7")
                .setRevision("r-1")
                .setDestination("door")
                .setAttempt(2)
                .setResult(DeliveryResult.RETRY)
                .setReason("http_500")
                .setStartedAt(NINE.minusMillis(500))
                .setLatencyMicros(123_456)
                .setAgeMicros(1_623_000)
                .setRetryAt(NINE.plusSeconds(5))
                .setOrigin(new Position(Topics.EVENTS, 3, 42L))
                .build());
  }

  @Test
  void everyOutcomeHasAResultOfItsOwn() {
    assertThat(Audit.result(new Outcome.Done("ok"))).isEqualTo(DeliveryResult.DELIVERED);
    assertThat(Audit.result(new Outcome.Skip("no"))).isEqualTo(DeliveryResult.SKIPPED);
    assertThat(Audit.result(new Outcome.Retry(null, "500"))).isEqualTo(DeliveryResult.RETRY);
    assertThat(Audit.result(new Outcome.Reject("400"))).isEqualTo(DeliveryResult.REJECTED);
    assertThat(Audit.result(new Outcome.Blocked("401"))).isEqualTo(DeliveryResult.BLOCKED);
  }

  @Test
  void whatCouldNotBeReadIsWrittenDownUnderItsPosition() {
    ProducerRecord<byte[], byte[]> record =
        audit.delivery(
            attempted(item(Topics.EVENTS, BYTES, null), new Outcome.Reject("undecodable")));

    assertThat(key(record)).isEqualTo(Topics.EVENTS + "-3@42");
    Delivery delivery = read(Delivery.class, record);
    assertThat(delivery.getEventId()).isNull();
    assertThat(delivery.getRevision()).isNull();
    assertThat(delivery.getRetryAt()).isNull();
  }

  @Test
  void aDeadLetterHoldsAllThatIsNeededToReplayIt() {
    ProducerRecord<byte[], byte[]> record =
        audit.deadLetter(
            new Output.GivenUp<>(
                item(Topics.EVENTS_RESTRICTED, BYTES, event(Sensitivity.RESTRICTED)), "http_400"));

    assertThat(record.topic()).isEqualTo(Topics.DEAD_LETTERS);
    assertThat(key(record)).isEqualTo("v-1");
    assertThat(Headers.text(record.headers(), Headers.SOURCE)).isEqualTo("hq");
    DeadLetter letter = read(DeadLetter.class, record);
    assertThat(letter.getStage()).isEqualTo("door");
    assertThat(letter.getReason()).isEqualTo("http_400");
    assertThat(letter.getVendor()).isEqualTo("envoy");
    assertThat(letter.getSource()).isEqualTo("hq");
    assertThat(letter.getAccount()).isEqualTo("hq-account");
    assertThat(letter.getRequestId()).isEqualTo("r-1");
    assertThat(letter.getPath()).isEqualTo("webhook");
    assertThat(letter.getDeadAt()).isEqualTo(NINE);
    assertThat(letter.getOrigin()).isEqualTo(new Position(Topics.EVENTS_RESTRICTED, 3, 42L));
    assertThat(letter.getOriginal()).isEqualTo(ByteBuffer.wrap(BYTES));
    assertThat(letter.getOriginalKey())
        .isEqualTo(ByteBuffer.wrap("v-1".getBytes(StandardCharsets.UTF_8)));
    assertThat(letter.getOriginalHeaders())
        .containsEntry(Headers.VERDICT, ByteBuffer.wrap("NEW".getBytes(StandardCharsets.UTF_8)))
        .hasSize(6);
  }

  @Test
  void ofHealthDataOnlyThePositionIsWrittenDown() {
    assertPositionAlone(item(Topics.EVENTS_HEALTH, BYTES, event(Sensitivity.HEALTH)));
  }

  @Test
  void whatNobodyCanReadOnTheHealthTopicIsHealthData() {
    assertPositionAlone(item(Topics.EVENTS_HEALTH, BYTES, null));
  }

  @Test
  void healthDataOnAnotherTopicIsHealthData() {
    assertPositionAlone(item(Topics.EVENTS, BYTES, event(Sensitivity.HEALTH)));
  }

  @Test
  void whatNobodyCanReadAndWasHealthDataIsStillWhenItIsReplayed() {
    Item<Incoming> item = item(Topics.replay("door").name(), BYTES, null);
    Headers.put(item.payload().record().headers(), Headers.SENSITIVITY, Sensitivity.HEALTH.name());

    assertPositionAlone(item);
  }

  private void assertPositionAlone(Item<Incoming> item) {
    DeadLetter letter =
        read(DeadLetter.class, audit.deadLetter(new Output.GivenUp<>(item, "http_400")));

    assertThat(letter.getOriginal()).isNull();
    assertThat(letter.getOriginalKey()).isNull();
    assertThat(letter.getOriginalHeaders()).isEmpty();
    assertThat(letter.getOrigin()).isEqualTo(new Position(item.source().topic(), 3, 42L));
    assertThat(letter.getReason()).isEqualTo("http_400");
  }

  @Test
  void whatWouldNotFitIntoADeadLetterStaysAtItsPosition() {
    byte[] large = new byte[Topics.MAX_RECORD_BYTES - 1_000];

    ProducerRecord<byte[], byte[]> record =
        audit.deadLetter(
            new Output.GivenUp<>(
                item(Topics.EVENTS, large, event(Sensitivity.STANDARD)), "http_400"));

    assertThat(record.value()).hasSizeLessThan(1_000);
    DeadLetter letter = read(DeadLetter.class, record);
    assertThat(letter.getOriginal()).isNull();
    assertThat(letter.getOrigin()).isEqualTo(new Position(Topics.EVENTS, 3, 42L));
  }

  @Test
  void anAlertAboutADestinationNamesTheSinkAndNobody() {
    Instant since = NINE.minusSeconds(600).plusNanos(123_456_789);

    ProducerRecord<byte[], byte[]> record =
        audit.alert(new Notice(Kind.BLOCKED, since, NINE.minusSeconds(1), "http_401"));

    assertThat(record.topic()).isEqualTo(Topics.ALERTS);
    assertThat(key(record)).isEqualTo("door");
    Alert alert = read(Alert.class, record);
    assertThat(alert.getKind()).isEqualTo("destination-blocked");
    assertThat(alert.getSeverity()).isEqualTo(AlertSeverity.CRITICAL);
    assertThat(alert.getVisitKey()).isNull();
    assertThat(alert.getEventId()).isNull();
    assertThat(alert.getOccurredAt()).isEqualTo(NINE.minusSeconds(1));
    assertThat(alert.getRaisedAt()).isEqualTo(NINE);
    assertThat(alert.getDetails())
        .isEqualTo(
            Map.of("sink", "door", "since", "2026-03-02T08:50:00.123Z", "reason", "http_401"));
  }

  @Test
  void copiesOfAnAlertHaveOneIdAndOthersAnother() {
    String id = id(Kind.BLOCKED, NINE, NINE.plusSeconds(1));

    assertThat(id(Kind.BLOCKED, NINE, NINE.plusSeconds(99))).isEqualTo(id);
    assertThat(id(Kind.BLOCKED, NINE.plusSeconds(1), NINE.plusSeconds(1))).isNotEqualTo(id);
    assertThat(id(Kind.BACK, NINE, NINE.plusSeconds(1))).isNotEqualTo(id);
  }

  private String id(Kind kind, Instant since, Instant at) {
    return read(Alert.class, audit.alert(new Notice(kind, since, at, "http_401"))).getAlertId();
  }
}
