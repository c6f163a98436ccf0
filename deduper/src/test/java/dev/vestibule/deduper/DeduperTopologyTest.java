package dev.vestibule.deduper;

import static dev.vestibule.deduper.NormalizedRecord.aliceSignsIn;
import static dev.vestibule.deduper.NormalizedRecord.hash;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Position;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DeduperTopologyTest {
  private static final Instant EIGHT = Instant.parse("2026-11-20T08:00:00Z");

  @TempDir Path folder;
  private DrivenDeduper deduper;

  @BeforeEach
  void start() {
    deduper = new DrivenDeduper(folder);
  }

  @AfterEach
  void stop() {
    deduper.close();
  }

  @Test
  void firstCopyPassesUntouchedAndMarkedNew() {
    // Given
    NormalizedRecord alice = aliceSignsIn();

    // When
    deduper.takes(alice);

    // Then
    TestRecord<byte[], byte[]> given = alice.record();
    TestRecord<byte[], byte[]> event = only(deduper.records(Topics.EVENTS));
    assertThat(event.key()).isEqualTo(given.key());
    assertThat(event.value()).isEqualTo(given.value());
    assertThat(event.getRecordTime()).isEqualTo(EIGHT);
    Map<String, String> expected = Headers.all(given.headers());
    expected.put(Headers.VERDICT, "NEW");
    assertThat(Headers.all(event.headers())).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "STANDARD, visitor.events",
    "RESTRICTED, visitor.events.restricted",
    "HEALTH, visitor.events.health",
    "SOMETHING_NEWER, visitor.events.health",
    ", visitor.events.health"
  })
  void sensitivityPicksTheTopic(String sensitivity, String topic) {
    // Given
    NormalizedRecord record = aliceSignsIn().without(Headers.SENSITIVITY);
    if (sensitivity != null) {
      record.with(Headers.SENSITIVITY, sensitivity);
    }

    // When
    deduper.takes(record);

    // Then
    List<String> filled =
        Stream.of(Topics.EVENTS, Topics.EVENTS_RESTRICTED, Topics.EVENTS_HEALTH)
            .filter(name -> !deduper.records(name).isEmpty())
            .toList();
    assertThat(filled).containsExactly(topic);
  }

  @Test
  void repeatedDeliveryIsReportedAndNotEmitted() {
    // Given
    NormalizedRecord retry = aliceSignsIn().arrivingAt(EIGHT.plusSeconds(60));

    // When
    deduper.takes(aliceSignsIn(), retry);

    // Then
    assertThat(deduper.records(Topics.EVENTS)).hasSize(1);
    DuplicateReport report = only(deduper.reports(Topics.DUPLICATES, DuplicateReport.class));
    assertThat(report.getKeyKind()).isEqualTo("delivery");
    assertThat(report.getFirst()).isEqualTo(new Position(Topics.NORMALIZED, 0, 0L));
    assertThat(report.getCopy()).isEqualTo(new Position(Topics.NORMALIZED, 0, 1L));
    assertThat(report.getDelayMs()).isEqualTo(60_000);
    assertThat(report.getEventId()).isEqualTo("3f0c8a51-0000-8000-8000-000000000001");
    assertThat(report.getRaw()).isEqualTo("visitor.raw.kyberaccess-0@17");
    assertThat(report.getVendor()).isEqualTo("kyberaccess");
    assertThat(report.getPath()).isEqualTo("webhook");
  }

  @Test
  void ownRepetitionVanishesWithoutReport() {
    // Given
    NormalizedRecord alice = aliceSignsIn();

    // When
    deduper.takes(alice, alice);

    // Then
    assertThat(deduper.records(Topics.EVENTS)).hasSize(1);
    assertThat(deduper.records(Topics.DUPLICATES)).isEmpty();
    assertThat(deduper.count("vestibule.deduper.verdicts", "verdict", "REPLAY")).isEqualTo(1);
  }

  @Test
  void sameFactOnAnotherPathIsOneEventAndEachRicherCopyOneRevision() {
    // Given
    NormalizedRecord websocket =
        aliceSignsIn().with(Headers.KEY_DELIVERY, hash(0xd2)).with(Headers.PATH, "websocket");
    NormalizedRecord poll = richerPoll();
    NormalizedRecord pollAgain = richerPoll();

    // When
    deduper.takes(aliceSignsIn(), websocket, poll, pollAgain, aliceSignsIn());

    // Then
    List<TestRecord<byte[], byte[]>> events = deduper.records(Topics.EVENTS);
    assertThat(events)
        .extracting(event -> header(event, Headers.VERDICT))
        .containsExactly("NEW", "REVISION");
    assertThat(header(events.get(1), Headers.CE_ID))
        .isEqualTo("3f0c8a51-0000-8000-8000-000000000001.r00000000000000b2");
    assertThat(deduper.reports(Topics.DUPLICATES, DuplicateReport.class))
        .extracting(DuplicateReport::getKeyKind)
        .containsExactly("fact", "fact", "delivery");
  }

  private static NormalizedRecord richerPoll() {
    return aliceSignsIn()
        .without(Headers.KEY_DELIVERY)
        .with(Headers.REVISION, "00000000000000b2")
        .with(Headers.PATH, "backfill");
  }

  @Test
  void usedDeliveryKeyWithAnotherIdentityIsEmittedMarkedAndReportedOnce() {
    // Given
    NormalizedRecord other = bobUnderAlicesDelivery();
    NormalizedRecord retried = bobUnderAlicesDelivery();

    // When
    deduper.takes(aliceSignsIn(), other, retried);

    // Then
    assertThat(deduper.records(Topics.EVENTS))
        .extracting(event -> header(event, Headers.VERDICT))
        .containsExactly("NEW", "CONFLICT");
    ConflictReport report = only(deduper.reports(Topics.CONFLICTS, ConflictReport.class));
    assertThat(report.getKeyKind()).isEqualTo("delivery");
    assertThat(report.getFirst().getOffset()).isZero();
    assertThat(report.getSecond().getOffset()).isEqualTo(1);
    assertThat(report.getFirstIdentity()).isEqualTo(hash(0x1d));
    assertThat(report.getSecondIdentity()).isEqualTo(hash(0xb0b));
    assertThat(deduper.records(Topics.DUPLICATES)).hasSize(1);
  }

  /** The mark of a conflict must not keep the honest copy away. */
  @Test
  void factOfAConflictIsStillNewUnderItsOwnDelivery() {
    // Given
    NormalizedRecord honest = bobUnderAlicesDelivery().with(Headers.KEY_DELIVERY, hash(0xd3));

    // When
    deduper.takes(aliceSignsIn(), bobUnderAlicesDelivery(), honest);

    // Then
    assertThat(deduper.records(Topics.EVENTS))
        .extracting(event -> header(event, Headers.VERDICT))
        .containsExactly("NEW", "CONFLICT", "NEW");
  }

  private static NormalizedRecord bobUnderAlicesDelivery() {
    return aliceSignsIn()
        .with(Headers.KEY_FACT, hash(0xf2))
        .with(Headers.IDENTITY, hash(0xb0b))
        .with(Headers.CE_ID, "3f0c8a51-0000-8000-8000-000000000002");
  }

  @Test
  void hashesOfAnotherKeySchemeMakeNoConflict() {
    // Given
    NormalizedRecord sameKeyLaterScheme =
        bobUnderAlicesDelivery().with(Headers.KEY_SCHEME, "2").with(Headers.KEY_FACT, hash(0xf1));

    // When
    deduper.takes(aliceSignsIn(), sameKeyLaterScheme);

    // Then
    assertThat(deduper.records(Topics.CONFLICTS)).isEmpty();
    assertThat(deduper.records(Topics.EVENTS))
        .extracting(event -> header(event, Headers.VERDICT))
        .containsExactly("NEW", "REVISION");
  }

  @Test
  void unsignedHintUsedForTwoFactsIsReportedAndDecidesNothing() {
    // Given
    NormalizedRecord alice = aliceSignsIn().with(Headers.KEY_HINT, hash(0x41));
    NormalizedRecord bob =
        bobUnderAlicesDelivery()
            .with(Headers.KEY_DELIVERY, hash(0xd9))
            .with(Headers.KEY_HINT, hash(0x41));

    // When
    deduper.takes(alice, bob, alice);

    // Then
    assertThat(deduper.records(Topics.EVENTS))
        .extracting(event -> header(event, Headers.VERDICT))
        .containsExactly("NEW", "NEW");
    ConflictReport report = only(deduper.reports(Topics.CONFLICTS, ConflictReport.class));
    assertThat(report.getKeyKind()).isEqualTo("hint");
    assertThat(report.getEventId()).isEqualTo("3f0c8a51-0000-8000-8000-000000000002");
  }

  @Test
  void verdictOfTheSenderIsNotBelieved() {
    // Given
    NormalizedRecord claim =
        aliceSignsIn().with(Headers.VERDICT, "DUPLICATE").with(Headers.LATE, "true");

    // When
    deduper.takes(claim);

    // Then
    TestRecord<byte[], byte[]> event = only(deduper.records(Topics.EVENTS));
    assertThat(header(event, Headers.VERDICT)).isEqualTo("NEW");
    assertThat(header(event, Headers.LATE)).isNull();
  }

  /** One broken clock must neither forget everything nor produce what the broker refuses. */
  @Test
  void recordStampedDecadesAheadLosesNothingAndForgetsNothing() {
    // Given
    NormalizedRecord poison =
        bobUnderAlicesDelivery()
            .with(Headers.KEY_DELIVERY, hash(0xd4))
            .arrivingAt(Instant.parse("2099-01-01T00:00:00Z"));
    NormalizedRecord carol =
        aliceSignsIn()
            .with(Headers.KEY_DELIVERY, hash(0xd5))
            .with(Headers.KEY_FACT, hash(0xf5))
            .arrivingAt(EIGHT.plusSeconds(2));

    // When
    deduper.takes(aliceSignsIn(), poison, carol, aliceSignsIn().arrivingAt(EIGHT.plusSeconds(3)));

    // Then
    List<TestRecord<byte[], byte[]>> events = deduper.records(Topics.EVENTS);
    assertThat(events)
        .extracting(event -> header(event, Headers.VERDICT))
        .containsExactly("NEW", "NEW", "NEW");
    assertThat(events.get(1).getRecordTime())
        .isEqualTo(DrivenDeduper.NOW.plus(Duration.ofMinutes(5)));
    assertThat(deduper.records(Topics.DUPLICATES)).hasSize(1);
  }

  static Stream<Arguments> unjudgeable() {
    return Stream.of(
        Arguments.of(
            aliceSignsIn().without(Headers.KEY_TRANSPORT), "MISSING_HEADER", Headers.KEY_TRANSPORT),
        Arguments.of(
            aliceSignsIn().without(Headers.KEY_SCHEME), "MISSING_HEADER", Headers.KEY_SCHEME),
        Arguments.of(aliceSignsIn().without(Headers.IDENTITY), "MISSING_HEADER", Headers.IDENTITY),
        Arguments.of(aliceSignsIn().without(Headers.REVISION), "MISSING_HEADER", Headers.REVISION),
        Arguments.of(aliceSignsIn().without(Headers.CE_ID), "MISSING_HEADER", Headers.CE_ID),
        Arguments.of(
            aliceSignsIn().without(Headers.WINDOW_DELIVERY),
            "MISSING_HEADER",
            Headers.WINDOW_DELIVERY),
        Arguments.of(
            aliceSignsIn().without(Headers.WINDOW_FACT), "MISSING_HEADER", Headers.WINDOW_FACT),
        Arguments.of(
            aliceSignsIn().with(Headers.KEY_TRANSPORT, "abc"),
            "MALFORMED_HEADER",
            Headers.KEY_TRANSPORT),
        Arguments.of(
            aliceSignsIn().with(Headers.KEY_DELIVERY, "g".repeat(32)),
            "MALFORMED_HEADER",
            Headers.KEY_DELIVERY),
        Arguments.of(
            aliceSignsIn().with(Headers.KEY_FACT, hash(1) + "00"),
            "MALFORMED_HEADER",
            Headers.KEY_FACT),
        Arguments.of(
            aliceSignsIn().with(Headers.KEY_HINT, "x"), "MALFORMED_HEADER", Headers.KEY_HINT),
        Arguments.of(
            aliceSignsIn().with(Headers.REVISION, "0xb2"), "MALFORMED_HEADER", Headers.REVISION),
        Arguments.of(
            NormalizedRecord.snapshot(hash(1), "arrived,vanished"),
            "MALFORMED_HEADER",
            Headers.SNAPSHOT_FACTS),
        Arguments.of(
            NormalizedRecord.snapshot(hash(1), "").without(Headers.SNAPSHOT_FINGERPRINT),
            "MISSING_HEADER",
            Headers.SNAPSHOT_FINGERPRINT),
        Arguments.of(
            aliceSignsIn().with(Headers.KEY_SCHEME, "99"),
            "UNKNOWN_KEY_SCHEME",
            Headers.KEY_SCHEME),
        Arguments.of(
            aliceSignsIn().with(Headers.KEY_SCHEME, "1.1"),
            "UNKNOWN_KEY_SCHEME",
            Headers.KEY_SCHEME),
        Arguments.of(
            aliceSignsIn().with(Headers.WINDOW_DELIVERY, "5m"),
            "UNKNOWN_WINDOW",
            Headers.WINDOW_DELIVERY),
        Arguments.of(
            aliceSignsIn().with(Headers.WINDOW_FACT, ""), "MISSING_HEADER", Headers.WINDOW_FACT),
        Arguments.of(aliceSignsIn().key(null), "MISSING_KEY", "key"),
        Arguments.of(aliceSignsIn().value(null), "MISSING_VALUE", "value"),
        Arguments.of(
            aliceSignsIn().value(new byte[Topics.MAX_RECORD_BYTES]), "RECORD_TOO_LARGE", "value"),
        Arguments.of(
            aliceSignsIn().with(Headers.CE_SUBJECT, "x".repeat(100_000)),
            "RECORD_TOO_LARGE",
            "headers"));
  }

  @ParameterizedTest
  @MethodSource("unjudgeable")
  void whatCannotBeJudgedIsADeadLetterAndTheNextRecordGoesOn(
      NormalizedRecord broken, String reason, String field) {
    // When
    deduper.takes(broken, aliceSignsIn());

    // Then
    DeadLetter letter = only(deduper.reports(Topics.DEAD_LETTERS, DeadLetter.class));
    assertThat(letter.getStage()).isEqualTo("deduper");
    assertThat(letter.getReason()).isEqualTo(reason);
    assertThat(letter.getField()).isEqualTo(field);
    assertThat(letter.getExpected()).isNotEmpty();
    assertThat(letter.getOrigin()).isEqualTo(new Position(Topics.NORMALIZED, 0, 0L));
    assertThat(letter.getDeadAt()).isEqualTo(DrivenDeduper.NOW);
    assertThat(deduper.count("vestibule.deduper.dead", "reason", reason)).isEqualTo(1);
    assertThat(header(only(deduper.records(Topics.EVENTS)), Headers.VERDICT)).isEqualTo("NEW");
  }

  @Test
  void deadLetterHoldsTheOriginal() {
    // Given
    NormalizedRecord broken = aliceSignsIn().without(Headers.KEY_TRANSPORT);

    // When
    deduper.takes(broken);

    // Then
    TestRecord<byte[], byte[]> given = broken.record();
    DeadLetter letter = only(deduper.reports(Topics.DEAD_LETTERS, DeadLetter.class));
    assertThat(letter.getOriginal()).isEqualTo(ByteBuffer.wrap(given.value()));
    assertThat(letter.getOriginalKey()).isEqualTo(ByteBuffer.wrap(given.key()));
    assertThat(letter.getOriginalHeaders())
        .containsEntry(
            Headers.RAW,
            ByteBuffer.wrap("visitor.raw.kyberaccess-0@17".getBytes(StandardCharsets.UTF_8)));
  }

  static Stream<NormalizedRecord> health() {
    return Stream.of(
        aliceSignsIn().with(Headers.SENSITIVITY, "HEALTH"),
        aliceSignsIn().with(Headers.VENDOR, "curacel"),
        aliceSignsIn().with(Headers.VENDOR, "somebody"),
        aliceSignsIn().without(Headers.VENDOR),
        aliceSignsIn().without(Headers.SENSITIVITY));
  }

  @ParameterizedTest
  @MethodSource("health")
  void deadLetterOfWhatMayBeHealthDataHoldsOnlyItsPosition(NormalizedRecord record) {
    // When
    deduper.takes(record.without(Headers.KEY_TRANSPORT));

    // Then
    DeadLetter letter = only(deduper.reports(Topics.DEAD_LETTERS, DeadLetter.class));
    assertThat(letter.getOriginal()).isNull();
    assertThat(letter.getOrigin()).isEqualTo(new Position(Topics.NORMALIZED, 0, 0L));
  }

  @Test
  void countersAddUp() {
    // Given
    NormalizedRecord replayed = aliceSignsIn();

    // When
    deduper.takes(
        replayed,
        replayed,
        aliceSignsIn(),
        richerPoll(),
        bobUnderAlicesDelivery(),
        aliceSignsIn().without(Headers.KEY_TRANSPORT));

    // Then
    double judged =
        deduper.meters.find("vestibule.deduper.verdicts").counters().stream()
            .mapToDouble(counter -> counter.count())
            .sum();
    assertThat(judged).isEqualTo(5);
    assertThat(deduper.count("vestibule.deduper.consumed")).isEqualTo(6);
  }

  @Test
  void shapeIsTheOneOnRecord() throws IOException {
    // Given
    String recorded;
    try (InputStream file =
        Objects.requireNonNull(getClass().getResourceAsStream("/topologies/deduper.txt"))) {
      recorded = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }

    // When
    String described =
        new DeduperTopology(
                Generation.FIRST,
                1,
                TopicNames.UNPREFIXED,
                new AvroSerializer(new InMemorySchemaRegistry()),
                InstantSource.system(),
                new SimpleMeterRegistry())
            .build()
            .describe()
            .toString();

    // Then
    assertThat(described.strip()).isEqualTo(recorded.strip());
  }

  private static @Nullable String header(TestRecord<byte[], byte[]> record, String name) {
    return Headers.text(record.headers(), name);
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.getFirst();
  }
}
