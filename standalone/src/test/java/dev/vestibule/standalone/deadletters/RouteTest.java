package dev.vestibule.standalone.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Position;
import dev.vestibule.standalone.receipts.Place;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTest {
  private static final Instant STORED = Instant.parse("2026-03-02T09:00:00Z");
  private static final Replayed BY =
      new Replayed(Instant.parse("2026-03-03T09:00:00Z"), "night shift", "t");

  private static Letter letter(
      String stage, String origin, @Nullable String key, Map<String, String> headers) {
    Map<String, ByteBuffer> originals = new HashMap<>();
    headers.forEach((name, value) -> originals.put(name, ByteBuffer.wrap(value.getBytes(UTF_8))));
    return new Letter(
        new Place("visitor.dead-letters", 1, 7),
        key,
        STORED,
        DeadLetter.newBuilder()
            .setStage(stage)
            .setReason("R")
            .setDeadAt(STORED)
            .setOrigin(new Position(origin, 3, 9L))
            .setOriginalKey(key == null ? null : ByteBuffer.wrap(key.getBytes(UTF_8)))
            .setOriginal(ByteBuffer.wrap(new byte[] {1, 2, 3}))
            .setOriginalHeaders(originals)
            .build());
  }

  private static Route route(String stage, String origin) {
    return Route.of(
        letter(stage, origin, "hq:1", Map.of()), new TopicNames("eu."), new Generation(3));
  }

  private static ProducerRecord<byte[], byte[]> record(Route.To to, Letter letter) {
    return Route.record(to, letter, Objects.requireNonNull(Original.in(letter)), BY);
  }

  @ParameterizedTest
  @CsvSource({
    "normalizer, eu.visitor.raw.envoy,         Raw,        eu.visitor.raw.envoy",
    "deduper,    eu.visitor.normalized,        Normalized, eu.visitor.normalized.g3",
    "deduper,    eu.visitor.normalized.g2,     Normalized, eu.visitor.normalized.g3",
    "doors,      eu.visitor.events,            Sink,       eu.sink.doors.replay",
    "doors,      eu.visitor.events.restricted, Sink,       eu.sink.doors.replay",
    "doors,      eu.visitor.events.health,     Sink,       eu.sink.doors.replay",
    "doors,      eu.sink.doors.replay,         Sink,       eu.sink.doors.replay",
    "normalizer, eu.visitor.events,            Sink,       eu.sink.normalizer.replay"
  })
  void itGoesBackToWhoeverGaveItUp(String stage, String origin, String kind, String topic) {
    Route route = route(stage, origin);

    assertThat(route.getClass().getSimpleName()).isEqualTo(kind);
    assertThat(route)
        .isInstanceOfSatisfying(Route.To.class, to -> assertThat(to.topic()).isEqualTo(topic));
  }

  @ParameterizedTest
  @CsvSource({
    "normalizer, visitor.raw.envoy",
    "normalizer, eu.visitor.raw.nobody",
    "deduper,    eu.visitor.normalized.old",
    "doors,      eu.sink.other.replay",
    "doors,      eu.visitor.decisions"
  })
  void whatNobodyReadsGoesNowhere(String stage, String origin) {
    assertThat(route(stage, origin))
        .isEqualTo(new Route.Closed("nothing of this installation reads " + origin));
  }

  @Test
  void theArrivalOfANormalizedRecordStaysTheDedupersClock() {
    Letter letter =
        letter("deduper", "visitor.normalized", "hq:1", Map.of(Headers.PATH, "webhook"));

    ProducerRecord<byte[], byte[]> record = record(new Route.Normalized("t"), letter);

    assertThat(record.timestamp()).isEqualTo(STORED.toEpochMilli());
    assertThat(record.partition()).isNull();
    assertThat(Headers.all(record.headers()))
        .isEqualTo(
            Map.of(
                Headers.PATH, "replay",
                Headers.REPLAY_OF, "visitor.dead-letters-1@7",
                Headers.REPLAYED_BY, "night shift",
                Headers.REPLAYED_AT, "2026-03-03T09:00:00Z"));
  }

  @Test
  void aSinkSeesWhenItCameToIt() {
    Letter letter = letter("doors", "visitor.events", "hq:1", Map.of(Headers.PATH, "hook"));

    ProducerRecord<byte[], byte[]> record = record(new Route.Sink("t"), letter);

    assertThat(record.timestamp()).isNull();
    assertThat(Headers.text(record.headers(), Headers.PATH)).isEqualTo("replay");
    assertThat(record.key()).isEqualTo("hq:1".getBytes(UTF_8));
    assertThat(record.value()).isEqualTo(new byte[] {1, 2, 3});
  }

  @Test
  void aRawRecordWithoutKeyStaysInItsPartition() {
    Letter letter = letter("normalizer", "visitor.raw.envoy", null, Map.of());

    assertThat(record(new Route.Raw("t"), letter).partition()).isEqualTo(3);
  }

  @Test
  void whatSaysThatItIsHealthDataIsNeverShown() {
    Letter event = letter("doors", "visitor.events", "hq:1", Map.of(Headers.SENSITIVITY, "HEALTH"));
    Letter topic = letter("doors", "eu.visitor.events.health", "hq:1", Map.of());
    Letter other = letter("doors", "visitor.events", "hq:1", Map.of());

    assertThat(event.body()).isEmpty();
    assertThat(topic.body()).isEmpty();
    assertThat(other.body()).isPresent();
  }
}
