package dev.vestibule.normalizer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Position;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.RegistryException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NormalizerTopologyTest {
  private static final TopicNames TOPICS = TopicNames.UNPREFIXED;

  @TempDir private Path folder;

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final Refusals refusals = new Refusals();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private @Nullable TopologyTestDriver driver;

  @AfterEach
  void stop() {
    if (driver != null) {
      driver.close();
    }
  }

  @Test
  void theShapeIsTheOneOnFile() throws IOException {
    // Given
    Path file = Path.of("src/test/resources/topologies/normalizer.txt");

    // When
    String shape = topology(new AvroSerializer(registry)).build().describe().toString();

    // Then
    assertThat(shape).isEqualTo(Files.readString(file));
  }

  @Test
  void anEventCarriesItsHeadersAndNoOthers() {
    // Given
    start(new AvroSerializer(registry));
    Scenario scenario = Scenario.of("kyberaccess/visitor-checked-in");

    // When
    pipe(scenario.raw(), Fixtures.APPENDED_AT);
    TestRecord<byte[], byte[]> record = onlyOne(Topics.NORMALIZED);

    // Then
    VisitorEvent event = (VisitorEvent) read(Topics.NORMALIZED, record);
    Map<String, String> headers = Headers.all(record.headers());
    assertThat(headers)
        .contains(
            entry("ce_specversion", "1.0"),
            entry("ce_id", event.getEventId()),
            entry("ce_source", "/vendors/kyberaccess/accounts/hq"),
            entry("ce_type", "dev.vestibule.visitor.signed_in"),
            entry("ce_time", "2025-01-15T09:30:00Z"),
            entry("ce_subject", "vis_abc123"),
            entry("content-type", "application/avro"),
            entry("vestibule-revision", event.getRevision()),
            entry("vestibule-raw", "visitor.raw.kyberaccess-0@0"),
            entry("vestibule-key-scheme", "1"),
            entry("vestibule-window-delivery", "24h"),
            entry("vestibule-window-fact", "7d"),
            entry("vestibule-sensitivity", "STANDARD"),
            entry("source", "front"),
            entry("account", "hq"),
            entry("vendor", "kyberaccess"),
            entry("request-id", Fixtures.REQUEST_ID),
            entry("path", "webhook"))
        .containsKeys(
            "traceparent",
            "vestibule-key-transport",
            "vestibule-key-delivery",
            "vestibule-key-fact",
            "vestibule-key-hint",
            "vestibule-identity")
        .doesNotContainKeys("delivery-id", "received-at", "body-sha256", "vestibule-verdict")
        .hasSize(24);
    assertThat(event.getOrigin().getTopic()).isEqualTo("visitor.raw.kyberaccess");
    assertThat(event.getReceivedAt()).isEqualTo(Fixtures.RECEIVED_AT);
    assertThat(event.getVendor()).isEqualTo("kyberaccess");
    assertThat(event.getSource()).isEqualTo("front");
    assertThat(event.getAccount()).isEqualTo("hq");
  }

  @Test
  void keyBytesAndAppendTimePassUntouched() {
    // Given
    start(new AvroSerializer(registry));
    RawRecord raw = Scenario.of("kyberaccess/visitor-checked-in").raw();
    byte[] key = {'h', 'q', ':', (byte) 0xff, 0};

    // When
    pipe(raw, key, Fixtures.APPENDED_AT);
    TestRecord<byte[], byte[]> record = onlyOne(Topics.NORMALIZED);

    // Then
    assertThat(record.key()).isEqualTo(key);
    assertThat(record.getRecordTime()).isEqualTo(Fixtures.APPENDED_AT);
  }

  @Test
  void anAppendTimeFurtherAheadThanFiveMinutesIsClamped() {
    // Given
    start(new AvroSerializer(registry));
    RawRecord raw = Scenario.of("kyberaccess/visitor-checked-in").raw();

    // When
    pipe(raw, Fixtures.APPENDED_AT.plus(Duration.ofMinutes(5)));
    pipe(raw, Fixtures.APPENDED_AT.plus(Duration.ofDays(3)));

    // Then
    assertThat(records(Topics.NORMALIZED))
        .extracting(TestRecord::getRecordTime)
        .containsOnly(Fixtures.APPENDED_AT.plus(Duration.ofMinutes(5)));
    assertThat(meters.counter("vestibule.normalizer.timestamps.clamped").count()).isEqualTo(1);
  }

  @Test
  void aSnapshotYieldsItsFactsAndItsStateInOrder() {
    // Given
    start(new AvroSerializer(registry));

    // When
    pipe(Scenario.of("essentry/e4-left").raw(), Fixtures.APPENDED_AT);

    // Then
    assertThat(records(Topics.NORMALIZED))
        .extracting(record -> ((VisitorEvent) read(Topics.NORMALIZED, record)).getType())
        .containsExactly(EventType.SIGNED_IN, EventType.SIGNED_OUT, EventType.UPDATED);
  }

  @Test
  void aDeadLetterCarriesTheOriginal() {
    // Given
    start(new AvroSerializer(registry));
    RawRecord raw = Fixtures.raw(Vendor.KYBERACCESS, "{broken");

    // When
    pipe(raw, Fixtures.APPENDED_AT);
    TestRecord<byte[], byte[]> record = onlyOne(Topics.DEAD_LETTERS);

    // Then
    DeadLetter letter = (DeadLetter) read(Topics.DEAD_LETTERS, record);
    assertThat(letter.getStage()).isEqualTo("normalizer");
    assertThat(letter.getReason()).isEqualTo("UNREADABLE_BODY");
    assertThat(UTF_8.decode(letter.getOriginal()).toString()).isEqualTo("{broken");
    assertThat(UTF_8.decode(letter.getOriginalKey()).toString()).isEqualTo("hq:object");
    assertThat(letter.getOriginalHeaders()).containsOnlyKeys(raw.headers().keySet());
    assertThat(letter.getRequestId()).isEqualTo(Fixtures.REQUEST_ID);
    assertThat(letter.getOrigin().getTopic()).isEqualTo("visitor.raw.kyberaccess");
    assertThat(letter.getDeadAt()).isEqualTo(Fixtures.APPENDED_AT);
    assertThat(record.key()).isEqualTo("hq:object".getBytes(UTF_8));
    assertThat(Headers.text(record.headers(), Headers.RAW))
        .isEqualTo("visitor.raw.kyberaccess-0@0");
    assertThat(records(Topics.NORMALIZED)).isEmpty();
    assertThat(dead("kyberaccess", "UNREADABLE_BODY")).isEqualTo(1);
  }

  @Test
  void aDeadLetterOfHealthDataCarriesThePositionInstead() {
    // Given
    start(new AvroSerializer(registry));
    RawRecord raw = Fixtures.raw(Vendor.CURACEL, "enrollee=1346");

    // When
    pipe(raw, Fixtures.APPENDED_AT);
    TestRecord<byte[], byte[]> record = onlyOne(Topics.DEAD_LETTERS);

    // Then
    DeadLetter letter = (DeadLetter) read(Topics.DEAD_LETTERS, record);
    assertThat(letter.getOriginal()).isNull();
    assertThat(letter.getOrigin().getTopic()).isEqualTo("visitor.raw.curacel");
    assertThat(new String(record.value(), UTF_8)).doesNotContain("1346");
  }

  @Test
  void aTombstoneIsADeadLetter() {
    // Given
    start(new AvroSerializer(registry));

    // When
    input(Vendor.ENVOY)
        .pipeInput(
            new TestRecord<>(
                "hq:1".getBytes(UTF_8), null, headers(Vendor.ENVOY), Fixtures.APPENDED_AT));

    // Then
    assertThat(((DeadLetter) read(Topics.DEAD_LETTERS, onlyOne(Topics.DEAD_LETTERS))).getReason())
        .isEqualTo("UNREADABLE_BODY");
  }

  @Test
  void whatIsNeverStoredIsCountedAndGone() {
    // Given
    start(new AvroSerializer(registry));

    // When
    pipe(Scenario.of("curacel/claim-vetted").raw(), Fixtures.APPENDED_AT);

    // Then
    assertThat(records(Topics.NORMALIZED)).isEmpty();
    assertThat(records(Topics.DEAD_LETTERS)).isEmpty();
    assertThat(
            meters
                .counter(
                    "vestibule.normalizer.ignored", "vendor", "curacel", "reason", "NEVER_STORED")
                .count())
        .isEqualTo(1);
  }

  @Test
  void everyRecordIsCountedUnderOneOutcome() {
    // Given
    start(new AvroSerializer(registry));

    // When
    List<Scenario> scenarios = Scenario.all().toList();
    scenarios.forEach(scenario -> pipe(scenario.raw(), Fixtures.APPENDED_AT));

    // Then
    assertThat(total("records")).isEqualTo(scenarios.size());
    assertThat(total("normalized") + total("ignored") + total("dead_letters"))
        .isEqualTo(scenarios.size());
    assertThat(records(Topics.NORMALIZED)).hasSize((int) total("events"));
    assertThat(records(Topics.DEAD_LETTERS)).hasSize((int) total("dead_letters"));
  }

  @Test
  void anEventThatFitsIntoNoRecordIsADeadLetter() {
    // Given
    start(new AvroSerializer(registry));
    String body =
        "{\"id\":\"e\",\"event\":\"visitor.updated\",\"timestamp\":\"2026-01-01T00:00:00Z\","
            + "\"account_id\":\"a\",\"data\":{\"remark\":\""
            + "x".repeat(Topics.MAX_RECORD_BYTES)
            + "\"}}";

    // When
    pipe(Fixtures.raw(Vendor.KYBERACCESS, body), Fixtures.APPENDED_AT);
    TestRecord<byte[], byte[]> record = onlyOne(Topics.DEAD_LETTERS);

    // Then
    DeadLetter letter = (DeadLetter) read(Topics.DEAD_LETTERS, record);
    assertThat(letter.getReason()).isEqualTo("TOO_LARGE");
    assertThat(letter.getOriginal()).isNull();
    assertThat(record.value()).hasSizeLessThan(1000);
  }

  @Test
  void aBodyOfOneMebibyteTravelsAsEventAndAsDeadLetter() {
    // Given
    start(new AvroSerializer(registry));
    String body =
        "{\"id\":\"e\",\"event\":\"visitor.updated\",\"timestamp\":\"2026-01-01T00:00:00Z\","
            + "\"account_id\":\"a\",\"data\":{\"remark\":\"%s\"}}";
    String filled = body.formatted("x".repeat(1024 * 1024 - body.length() + 2));

    // When
    pipe(Fixtures.raw(Vendor.KYBERACCESS, filled), Fixtures.APPENDED_AT);
    pipe(Fixtures.raw(Vendor.KYBERACCESS, filled.substring(1)), Fixtures.APPENDED_AT);

    // Then
    assertThat(filled.getBytes(UTF_8)).hasSize(1024 * 1024);
    assertThat(onlyOne(Topics.NORMALIZED).value()).hasSizeGreaterThan(1_000_000);
    assertThat(onlyOne(Topics.DEAD_LETTERS).value()).hasSizeGreaterThan(1_000_000);
  }

  @Test
  void anEventThatATopicRefusedBeforeIsADeadLetterWithTheOriginal() {
    // Given
    start(new AvroSerializer(registry));
    RawRecord raw = Scenario.of("kyberaccess/visitor-checked-in").raw();
    refusals.add(new Position(Vendor.KYBERACCESS.rawTopic(), 0, 0L));

    // When
    pipe(raw, Fixtures.APPENDED_AT);
    pipe(raw, Fixtures.APPENDED_AT);

    // Then
    DeadLetter letter = (DeadLetter) read(Topics.DEAD_LETTERS, onlyOne(Topics.DEAD_LETTERS));
    assertThat(letter.getReason()).isEqualTo("TOO_LARGE");
    assertThat(letter.getOriginal()).isEqualTo(ByteBuffer.wrap(raw.value()));
    assertThat(records(Topics.NORMALIZED)).hasSize(1);
  }

  @Test
  void aRegistryOutOfReachLosesNothing() {
    // Given
    start(
        failing(() -> {
          throw new RegistryException("registry is out of reach");
        }));
    RawRecord raw = Scenario.of("kyberaccess/visitor-checked-in").raw();

    // Then
    assertThatThrownBy(() -> pipe(raw, Fixtures.APPENDED_AT))
        .hasRootCauseInstanceOf(RegistryException.class);
    assertThat(records(Topics.DEAD_LETTERS)).isEmpty();
    assertThat(total("records")).isZero();
  }

  @Test
  void anotherMakersRegistryFailureLosesNothingEither() {
    // Given
    start(
        failing(() -> {
          throw new SerializationException("registering", new IOException("connect"));
        }));
    RawRecord raw = Scenario.of("kyberaccess/visitor-checked-in").raw();

    // Then
    assertThatThrownBy(() -> pipe(raw, Fixtures.APPENDED_AT))
        .hasRootCauseInstanceOf(IOException.class);
    assertThat(records(Topics.DEAD_LETTERS)).isEmpty();
  }

  @Test
  void anEventThatDoesNotFitItsSchemaIsADeadLetter() {
    // Given
    start(
        failing(() -> {
          throw new SerializationException("record does not fit its schema");
        }));

    // When
    pipe(Scenario.of("kyberaccess/visitor-checked-in").raw(), Fixtures.APPENDED_AT);

    // Then
    assertThat(((DeadLetter) read(Topics.DEAD_LETTERS, onlyOne(Topics.DEAD_LETTERS))).getReason())
        .isEqualTo("INTERNAL_ERROR");
  }

  @Test
  void aTraceFromOutsideIsKeptAndAMissingOneDerived() {
    // Given
    start(new AvroSerializer(registry));
    String given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    // When
    for (String traceparent :
        new String[] {given, "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01"}) {
      Map<String, String> headers = Fixtures.headers(Vendor.ENVOY);
      headers.put(Headers.TRACEPARENT, traceparent);
      byte[] body = Scenario.of("envoy/entry-sign-in").body();
      pipe(Fixtures.raw(Vendor.ENVOY, headers, "hq:19", body), Fixtures.APPENDED_AT);
    }

    // Then
    List<TestRecord<byte[], byte[]>> records = records(Topics.NORMALIZED);
    assertThat(Headers.text(records.getFirst().headers(), Headers.TRACEPARENT)).isEqualTo(given);
    assertThat(Headers.text(records.getLast().headers(), Headers.TRACEPARENT))
        .matches("00-" + Fixtures.REQUEST_ID.replace("-", "") + "-[0-9a-f]{16}-01");
  }

  private Serializer<SpecificRecord> failing(Runnable failure) {
    AvroSerializer working = new AvroSerializer(registry);
    return (topic, record) -> {
      if (topic.equals(Topics.NORMALIZED)) {
        failure.run();
      }
      return working.serialize(topic, record);
    };
  }

  private NormalizerTopology topology(Serializer<SpecificRecord> serializer) {
    Normalizer normalizer =
        new Normalizer(
            Fixtures.IDENTITY, Fixtures.CREDENTIAL_KEY, Map.of(), KeyScheme.OF_THIS_BUILD);
    return new NormalizerTopology(
        TOPICS,
        Generation.FIRST,
        () -> {},
        normalizer,
        new RecordWriter(TOPICS, serializer, Fixtures.impatient()),
        refusals,
        () -> Fixtures.APPENDED_AT,
        meters);
  }

  private void start(Serializer<SpecificRecord> serializer) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver = new TopologyTestDriver(topology(serializer).build(), settings);
  }

  private TopologyTestDriver running() {
    return Objects.requireNonNull(driver, "started");
  }

  private void pipe(RawRecord raw, Instant appendedAt) {
    pipe(raw, Objects.requireNonNull(raw.key()).getBytes(UTF_8), appendedAt);
  }

  private void pipe(RawRecord raw, byte[] key, Instant appendedAt) {
    Vendor vendor = Normalizer.vendor(raw).orElseThrow();
    RecordHeaders headers = new RecordHeaders();
    raw.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    input(vendor).pipeInput(new TestRecord<>(key, raw.value(), headers, appendedAt));
  }

  private static RecordHeaders headers(Vendor vendor) {
    RecordHeaders headers = new RecordHeaders();
    Fixtures.headers(vendor).forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    return headers;
  }

  private TestInputTopic<byte[], byte[]> input(Vendor vendor) {
    return running()
        .createInputTopic(vendor.rawTopic(), new ByteArraySerializer(), new ByteArraySerializer());
  }

  private List<TestRecord<byte[], byte[]>> records(String topic) {
    TestOutputTopic<byte[], byte[]> output =
        running()
            .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    return output.readRecordsToList();
  }

  private TestRecord<byte[], byte[]> onlyOne(String topic) {
    List<TestRecord<byte[], byte[]>> records = records(topic);
    assertThat(records).hasSize(1);
    return records.getFirst();
  }

  private SpecificRecord read(String topic, TestRecord<byte[], byte[]> record) {
    Class<? extends SpecificRecord> type =
        topic.equals(Topics.NORMALIZED) ? VisitorEvent.class : DeadLetter.class;
    return Objects.requireNonNull(
        new AvroDeserializer<>(type, registry).deserialize(topic, record.value()));
  }

  private double dead(String vendor, String reason) {
    return meters
        .counter("vestibule.normalizer.dead_letters", "vendor", vendor, "reason", reason)
        .count();
  }

  private double total(String name) {
    return meters.find("vestibule.normalizer." + name).counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }
}
