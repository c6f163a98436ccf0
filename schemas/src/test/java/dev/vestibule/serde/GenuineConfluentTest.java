package dev.vestibule.serde;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.RegistryConfig;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Position;
import dev.vestibule.events.VisitorEvent;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Against Confluent's own classes, which the build puts on the test class path alone. Both sides
 * start with an empty registry, so the first schema of each has the id 1.
 */
class GenuineConfluentTest {
  private static final String TOPIC = "visitor.events";
  private static final String SERIALIZER = "io.confluent.kafka.serializers.KafkaAvroSerializer";
  private static final String DESERIALIZER = "io.confluent.kafka.serializers.KafkaAvroDeserializer";

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer ours = new AvroSerializer(registry);
  private Serializer<SpecificRecord> genuine;
  private Deserializer<?> genuineReader;

  GenuineConfluentTest() throws ReflectiveOperationException {
    // Each test has a registry of its own inside Confluent's client.
    String scope = "mock://interop-" + System.identityHashCode(this);
    Map<String, String> kafka =
        Map.of("value.serializer", SERIALIZER, AvroSerializer.REGISTRY_URL, scope);
    genuine = AvroSerializer.from(kafka, new RegistryConfig(null, null, null), registry);
    genuineReader =
        Class.forName(DESERIALIZER)
            .asSubclass(Deserializer.class)
            .getDeclaredConstructor()
            .newInstance();
    genuineReader.configure(
        Map.of(AvroSerializer.REGISTRY_URL, scope, "specific.avro.reader", true), false);
  }

  @BeforeEach
  void serializerIsNotOurs() {
    assertThat(genuine.getClass().getName()).isEqualTo(SERIALIZER);
  }

  @AfterEach
  void close() {
    genuine.close();
    genuineReader.close();
  }

  static Stream<SpecificRecord> records() {
    Position first = new Position("visitor.normalized", 0, 1L);
    Position second = new Position("visitor.normalized", 0, 2L);
    return Stream.of(
        Events.aliceSignsIn(),
        VisitorEvent.newBuilder(Events.aliceSignsIn())
            .clearAttributes()
            .clearType()
            .setVendorEventType(null)
            .build(),
        DeadLetter.newBuilder()
            .setStage("normalizer")
            .setReason("UNREADABLE_BODY")
            .setDeadAt(Events.ARRIVAL)
            .setOrigin(first)
            .setOriginal(ByteBuffer.wrap(new byte[] {0, -1, 7}))
            .setOriginalHeaders(Map.of("source", ByteBuffer.wrap(new byte[] {104, 113})))
            .build(),
        DuplicateReport.newBuilder()
            .setEventId("e")
            .setKeyKind("delivery")
            .setVendor("envoy")
            .setAccount("hq")
            .setSource("hq-envoy")
            .setPath("webhook")
            .setFirst(first)
            .setCopy(second)
            .setFirstArrival(Events.ARRIVAL)
            .setArrival(Events.ARRIVAL.plusSeconds(5))
            .setDelayMs(-5_000)
            .build(),
        ConflictReport.newBuilder()
            .setKeyKind("hint")
            .setVendor("kyberaccess")
            .setAccount("hq")
            .setSource("hq-kyber")
            .setPath("webhook")
            .setFirst(first)
            .setSecond(second)
            .setFirstIdentity("00")
            .setSecondIdentity("01")
            .setFirstArrival(Events.ARRIVAL)
            .setArrival(Events.ARRIVAL)
            .build());
  }

  @ParameterizedTest
  @MethodSource("records")
  void bytesAreEqual(SpecificRecord record) {
    assertThat(ours.serialize(TOPIC, record)).isEqualTo(genuine.serialize(TOPIC, record));
  }

  @ParameterizedTest
  @MethodSource("records")
  void theyReadWhatWeWrite(SpecificRecord record) {
    genuine.serialize(TOPIC, record);

    assertThat((Object) genuineReader.deserialize(TOPIC, ours.serialize(TOPIC, record)))
        .isEqualTo(record);
  }

  @ParameterizedTest
  @MethodSource("records")
  void weReadWhatTheyWrite(SpecificRecord record) {
    ours.serialize(TOPIC, record);

    assertThat(reader(record.getClass()).deserialize(TOPIC, genuine.serialize(TOPIC, record)))
        .isEqualTo(record);
  }

  @Test
  void ourToolsReadWhatTheyWrite() {
    ours.serialize(TOPIC, Events.aliceSignsIn());
    byte[] theirs = genuine.serialize(TOPIC, Events.aliceSignsIn());

    GenericRecord read =
        requireNonNull(new GenericAvroDeserializer(registry).deserialize(TOPIC, theirs));

    assertThat(AvroJson.toJson(read)).isEqualTo(AvroJson.toJson(Events.aliceSignsIn()));
  }

  private <T extends SpecificRecord> AvroDeserializer<T> reader(Class<T> type) {
    return new AvroDeserializer<>(type, registry);
  }
}
