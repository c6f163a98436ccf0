package dev.vestibule.serde;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Position;
import dev.vestibule.events.VisitorEvent;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class AvroSerdeTest {
  private static final String TOPIC = "visitor.events";

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final AvroSerializer serializer = new AvroSerializer(registry);
  private final AvroDeserializer<VisitorEvent> deserializer =
      new AvroDeserializer<>(VisitorEvent.class, registry);

  @Test
  void valueStartsWithZeroByteAndSchemaId() {
    registry.register("another-value", Schema.create(Schema.Type.STRING));

    byte[] bytes = write(Events.aliceSignsIn());

    assertThat(Arrays.copyOf(bytes, 5)).containsExactly(0, 0, 0, 0, 2);
    assertThat(registry.lookup("visitor.events-value", VisitorEvent.getClassSchema())).isEqualTo(2);
  }

  @Test
  void everyFieldSurvivesTheRoundTrip() {
    VisitorEvent event = Events.aliceSignsIn();

    VisitorEvent read = read(write(event));

    assertThat(read).isEqualTo(event);
    assertThat(read.getOccurredAt()).isEqualTo(Events.ARRIVAL);
  }

  @Test
  void nullStaysNull() {
    assertThat(serializer.serialize(TOPIC, null)).isNull();
    assertThat(deserializer.deserialize(TOPIC, null)).isNull();
    assertThat(new GenericAvroDeserializer(registry).deserialize(TOPIC, null)).isNull();
  }

  @Test
  void schemaIsRegisteredOncePerTopic() {
    AtomicInteger calls = new AtomicInteger();
    AvroSerializer counting = new AvroSerializer(new CountingRegistry(registry, calls));

    for (int i = 0; i < 10; i++) {
      counting.serialize(TOPIC, Events.aliceSignsIn());
      counting.serialize("visitor.normalized", Events.aliceSignsIn());
    }

    assertThat(calls).hasValue(2);
  }

  @Test
  void serializerAndDeserializerServeManyThreads() {
    byte[] expected = write(Events.aliceSignsIn());
    AvroSerializer shared = new AvroSerializer(registry);

    long equal =
        IntStream.range(0, 2_000)
            .parallel()
            .filter(i -> {
              byte[] bytes = shared.serialize(TOPIC, Events.aliceSignsIn());
              return Arrays.equals(bytes, expected)
                  && Events.aliceSignsIn().equals(deserializer.deserialize(TOPIC, bytes));
            })
            .count();

    assertThat(equal).isEqualTo(2_000);
  }

  @Test
  void readerUsesItsOwnSchemaForWhatTheWriterDidNotKnow() {
    // A later writer knows a type that this reader does not.
    Schema later =
        new Schema.Parser()
            .parse(
                VisitorEvent.getClassSchema()
                    .toString()
                    .replace("\"SETTINGS_UPDATED\"", "\"SETTINGS_UPDATED\",\"TELEPORTED\""));
    int id = registry.register(TOPIC + "-value", later);
    byte[] bytes = GenericWriter.write(id, later, Events.aliceSignsIn(), "TELEPORTED");

    VisitorEvent read = read(bytes);

    assertThat(read.getType()).isEqualTo(EventType.UNKNOWN);
    assertThat(read.getPerson().getFullName()).isEqualTo("Alice Ærø");
  }

  @Test
  void genericReadingShowsTheWritersFields() {
    byte[] bytes = write(Events.aliceSignsIn());

    GenericRecord read =
        requireNonNull(new GenericAvroDeserializer(registry).deserialize(TOPIC, bytes));

    assertThat(read.getSchema().getFullName()).isEqualTo("dev.vestibule.events.VisitorEvent");
    assertThat(read.get("source")).hasToString("hq-kyber");
  }

  @Test
  void foreignFirstByteIsNamed() {
    byte[] bytes = write(Events.aliceSignsIn());
    bytes[0] = '{';

    assertThatExceptionOfType(SerializationException.class)
        .isThrownBy(() -> deserializer.deserialize(TOPIC, bytes))
        .withMessage("record of topic visitor.events starts with byte 123; expected 0");
  }

  @Test
  void shortValueIsNamed() {
    assertThatExceptionOfType(SerializationException.class)
        .isThrownBy(() -> deserializer.deserialize(TOPIC, new byte[] {0, 0, 0, 1}))
        .withMessageContaining("has 4 bytes");
  }

  @Test
  void unknownIdIsABadRecord() {
    assertThatExceptionOfType(SerializationException.class)
        .isThrownBy(() -> deserializer.deserialize(TOPIC, new byte[] {0, 0, 0, 0, 99, 1}))
        .withMessageContaining("names schema id 99, which is unknown");
  }

  @Test
  void cutValueIsABadRecordAndItsTextStaysOutOfTheMessage() {
    byte[] bytes = write(Events.aliceSignsIn());
    byte[] cut = Arrays.copyOf(bytes, bytes.length / 2);

    assertThatExceptionOfType(SerializationException.class)
        .isThrownBy(() -> deserializer.deserialize(TOPIC, cut))
        .withMessage(
            "record of topic visitor.events with schema id 1 cannot be read as VisitorEvent")
        .withNoCause();
  }

  @Test
  void missingValueIsNamedByItsPath() {
    VisitorEvent event = Events.aliceSignsIn();
    Position origin = event.getOrigin();
    origin.put(0, null);

    assertThatExceptionOfType(SerializationException.class)
        .isThrownBy(() -> serializer.serialize(TOPIC, event))
        .withMessageContaining("topic")
        .withMessageContaining("VisitorEvent.origin")
        .withNoCause();
  }

  @Test
  void withoutAutoRegistrationAnUnknownSchemaIsRefused() {
    AvroSerializer strict = new AvroSerializer(registry, false);

    assertThatExceptionOfType(RegistryException.class)
        .isThrownBy(() -> strict.serialize(TOPIC, Events.aliceSignsIn()))
        .withMessage("subject visitor.events-value does not hold the schema");
  }

  @Test
  void oursIsTheDefaultSerializer() {
    var chosen = AvroSerializer.from(Map.of(), new RegistryConfig(null, null, null), registry);

    assertThat(chosen).isInstanceOf(AvroSerializer.class);
    assertThat(chosen.serialize(TOPIC, Events.aliceSignsIn()))
        .isEqualTo(serializer.serialize(TOPIC, Events.aliceSignsIn()));
  }

  @Test
  void serializerClassComesFromConfiguration() {
    var chosen =
        AvroSerializer.from(
            Map.of("value.serializer", StringSerializer.class.getName()),
            new RegistryConfig("http://127.0.0.1:1", null, null),
            registry);

    assertThat((Object) chosen).isInstanceOf(StringSerializer.class);
  }

  @Test
  void missingSerializerClassIsNamed() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() ->
            AvroSerializer.from(
                Map.of("value.serializer", "no.such.Serializer"),
                new RegistryConfig(null, null, null),
                registry))
        .withMessageContaining("kafka.value.serializer: 'no.such.Serializer'");
  }

  private byte[] write(VisitorEvent event) {
    return requireNonNull(serializer.serialize(TOPIC, event));
  }

  private VisitorEvent read(byte[] bytes) {
    return requireNonNull(deserializer.deserialize(TOPIC, bytes));
  }

  private record CountingRegistry(SchemaRegistry registry, AtomicInteger calls)
      implements SchemaRegistry {
    @Override
    public int register(String subject, Schema schema) {
      calls.incrementAndGet();
      return registry.register(subject, schema);
    }

    @Override
    public int lookup(String subject, Schema schema) {
      calls.incrementAndGet();
      return registry.lookup(subject, schema);
    }

    @Override
    public Schema byId(int id) {
      calls.incrementAndGet();
      return registry.byId(id);
    }
  }
}
