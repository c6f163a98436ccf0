package dev.vestibule.sink.lane;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.DeliveryResult;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.lane.Outage.Notice;
import dev.vestibule.sink.lane.Output.Attempted;
import dev.vestibule.sink.lane.Output.GivenUp;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** What one sink writes down: attempts, records that it gave up, and alerts. */
final class Audit {
  /** What a record may hold beside its value. */
  private static final int ENVELOPE_BYTES = 64 * 1024;

  private final String sink;
  private final TopicNames names;
  private final IdentityKey identity;
  private final Serializer<SpecificRecord> serializer;
  private final InstantSource clock;

  Audit(
      String sink,
      TopicNames names,
      IdentityKey identity,
      Serializer<SpecificRecord> serializer,
      InstantSource clock) {
    this.sink = sink;
    this.names = names;
    this.identity = identity;
    this.serializer = serializer;
    this.clock = clock;
  }

  static DeliveryResult result(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done _ -> DeliveryResult.DELIVERED;
      case Outcome.Skip _ -> DeliveryResult.SKIPPED;
      case Outcome.Retry _ -> DeliveryResult.RETRY;
      case Outcome.Reject _ -> DeliveryResult.REJECTED;
      case Outcome.Blocked _ -> DeliveryResult.BLOCKED;
    };
  }

  /** From the event's record to the end of the attempt. */
  static Duration age(Attempted<Incoming> attempted) {
    return Duration.between(
        Instant.ofEpochMilli(attempted.item().payload().record().timestamp()),
        attempted.startedAt().plus(attempted.latency()));
  }

  ProducerRecord<byte[], byte[]> delivery(Attempted<Incoming> attempted) {
    Incoming incoming = attempted.item().payload();
    Decoded.Event read = incoming.event();
    VisitorEvent event = read == null ? null : read.event();
    Instant retryAt = attempted.retryAt();
    Delivery delivery =
        Delivery.newBuilder()
            .setEventId(event == null ? null : event.getEventId())
            .setRevision(event == null ? null : event.getRevision())
            .setDestination(sink)
            .setAttempt(attempted.attempt())
            .setResult(result(attempted.outcome()))
            .setReason(attempted.outcome().reason())
            .setStartedAt(attempted.startedAt().truncatedTo(ChronoUnit.MICROS))
            .setLatencyMicros(attempted.latency().toNanos() / 1_000)
            .setAgeMicros(age(attempted).toMillis() * 1_000)
            .setRetryAt(retryAt == null ? null : retryAt.truncatedTo(ChronoUnit.MICROS))
            .setOrigin(origin(incoming.record()))
            .build();
    String key = event == null ? incoming.toString() : event.getEventId();
    return record(Topics.DELIVERIES, key.getBytes(StandardCharsets.UTF_8), delivery, incoming);
  }

  ProducerRecord<byte[], byte[]> deadLetter(GivenUp<Incoming> givenUp) {
    Incoming incoming = givenUp.item().payload();
    ConsumerRecord<byte[], byte[]> record = incoming.record();
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setStage(sink)
            .setReason(givenUp.reason())
            .setVendor(header(record, Headers.VENDOR))
            .setSource(header(record, Headers.SOURCE))
            .setAccount(header(record, Headers.ACCOUNT))
            .setRequestId(header(record, Headers.REQUEST_ID))
            .setPath(header(record, Headers.PATH))
            .setDeadAt(clock.instant().truncatedTo(ChronoUnit.MICROS))
            .setOrigin(origin(record))
            .build();
    // Health data stays in its own topic: only the position travels.
    byte[] value = record.value();
    if (!isHealth(incoming) && size(record) < Topics.MAX_RECORD_BYTES - ENVELOPE_BYTES) {
      letter.setOriginalKey(record.key() == null ? null : ByteBuffer.wrap(record.key()));
      letter.setOriginal(value == null ? null : ByteBuffer.wrap(value));
      letter.setOriginalHeaders(headers(record));
    }
    return record(Topics.DEAD_LETTERS, record.key(), letter, incoming);
  }

  /** About the destination, so it names neither source nor visit; its key is the sink's name. */
  ProducerRecord<byte[], byte[]> alert(Notice notice) {
    String kind = notice.kind().word();
    String since = notice.since().truncatedTo(ChronoUnit.MILLIS).toString();
    Alert alert =
        Alert.newBuilder()
            .setAlertId(identity.alert(kind, sink, since))
            .setKind(kind)
            .setSeverity(notice.kind().severity())
            .setOccurredAt(notice.at().truncatedTo(ChronoUnit.MICROS))
            .setRaisedAt(clock.instant().truncatedTo(ChronoUnit.MICROS))
            .setDetails(Map.of("sink", sink, "since", since, "reason", notice.reason()))
            .build();
    String topic = names.of(Topics.ALERTS);
    return new ProducerRecord<>(
        topic, sink.getBytes(StandardCharsets.UTF_8), serializer.serialize(topic, alert));
  }

  private boolean isHealth(Incoming incoming) {
    Decoded.Event read = incoming.event();
    String header = Headers.text(incoming.record().headers(), Headers.SENSITIVITY);
    return incoming.record().topic().equals(names.of(Topics.EVENTS_HEALTH))
        || Sensitivity.HEALTH.name().equals(header)
        || (read != null && read.event().getSensitivity() == Sensitivity.HEALTH);
  }

  private ProducerRecord<byte[], byte[]> record(
      String topic, byte @Nullable [] key, SpecificRecord value, Incoming about) {
    String name = names.of(topic);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(name, key, serializer.serialize(name, value));
    for (String header : new String[] {Headers.SOURCE, Headers.VENDOR, Headers.ACCOUNT}) {
      Headers.put(record.headers(), header, header(about.record(), header));
    }
    return record;
  }

  private static Position origin(ConsumerRecord<byte[], byte[]> record) {
    return new Position(record.topic(), record.partition(), record.offset());
  }

  private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
    String value = Headers.text(record.headers(), name);
    return value == null || value.isBlank() ? null : value;
  }

  private static Map<String, ByteBuffer> headers(ConsumerRecord<byte[], byte[]> record) {
    Map<String, ByteBuffer> headers = new TreeMap<>();
    for (Header header : record.headers()) {
      if (header.value() != null) {
        headers.put(header.key(), ByteBuffer.wrap(header.value()));
      }
    }
    return headers;
  }

  /** Key, value and headers. */
  static int size(ConsumerRecord<byte[], byte[]> record) {
    int size = record.key() == null ? 0 : record.key().length;
    size += record.value() == null ? 0 : record.value().length;
    for (Header header : record.headers()) {
      size += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return size;
  }
}
