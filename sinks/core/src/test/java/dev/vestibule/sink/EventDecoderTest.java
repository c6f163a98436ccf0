package dev.vestibule.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.RegistryException;
import dev.vestibule.sink.Decoded.Reason;
import java.time.Instant;
import java.util.HexFormat;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  private static final String TOPIC = "visitor.events";

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final EventDecoder decoder =
      new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, registry));

  private static VisitorEvent event() {
    return VisitorEvent.newBuilder()
        .setEventId("e-1")
        .setRevision("r-1")
        .setType(EventType.SIGNED_IN)
        .setVendor("envoy")
        .setSource("hq")
        .setAccount("hq")
        .setOccurredAt(Instant.EPOCH)
        .setReceivedAt(Instant.EPOCH)
        .setPath("webhook")
        .setVisit(Visit.newBuilder().build())
        .setPerson(Person.newBuilder().setFullName("Alice Ærø").build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setOrigin(new Position("visitor.raw.envoy", 0, 0L))
        .build();
  }

  private static ConsumerRecord<byte[], byte[]> record(byte @Nullable [] value) {
    return new ConsumerRecord<>(TOPIC, 0, 0, new byte[0], value);
  }

  private byte @Nullable [] bytes() {
    return new AvroSerializer(registry).serialize(TOPIC, event());
  }

  @Test
  void anEventComesWithSchemaIdVerdictMarkAndPath() {
    // Given
    ConsumerRecord<byte[], byte[]> record = record(bytes());
    Headers.put(record.headers(), Headers.VERDICT, "UNVERIFIED");
    Headers.put(record.headers(), Headers.LATE, "true");
    Headers.put(record.headers(), Headers.PATH, "replay");

    // When, then
    assertThat(decoder.decode(record))
        .isEqualTo(new Decoded.Event(event(), 1, Verdict.UNVERIFIED, true, "replay"));
  }

  @Test
  void anEventWithoutVerdictHasNone() {
    assertThat(decoder.decode(record(bytes())))
        .isEqualTo(new Decoded.Event(event(), 1, null, false, null));
  }

  @ParameterizedTest
  @CsvSource({"new", "''", "GRANTED"})
  void anUnknownVerdictIsNone(String text) {
    ConsumerRecord<byte[], byte[]> record = record(bytes());
    Headers.put(record.headers(), Headers.VERDICT, text);

    assertThat(decoder.decode(record)).isEqualTo(new Decoded.Event(event(), 1, null, false, null));
  }

  @Test
  void anEventDoesNotPrintWhomItNames() {
    assertThat(decoder.decode(record(bytes())).toString()).isEqualTo("Event[e-1]");
  }

  @Test
  void aNullValueIsAnErrorAndNoDeletion() {
    assertThat(decoder.decode(record(null))).isEqualTo(new Decoded.Undecodable(Reason.NULL_VALUE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00", "00000001", "0000000001", "0000000063ff", "7b7d7b7d7b7d"})
  void brokenBytesAreUndecodable(String hex) {
    bytes();

    assertThat(decoder.decode(record(HexFormat.of().parseHex(hex))))
        .isEqualTo(new Decoded.Undecodable(Reason.UNDECODABLE));
  }

  @Test
  void aRegistryOutOfReachMakesNoBrokenRecord() {
    EventDecoder cutOff =
        new EventDecoder((topic, bytes) -> {
          throw new RegistryException("out of reach");
        });

    assertThatThrownBy(() -> cutOff.decode(record(bytes()))).isInstanceOf(RegistryException.class);
  }
}
