package dev.vestibule.deduper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.Position;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The side branch over several partitions, which the topology test driver does not have. */
class KeyUseDetectorTest {
  private static final Instant EIGHT = Instant.parse("2026-11-20T08:00:00Z");
  private static final Hash KEY = new Hash(1, 2);
  private static final Hash ALICE = new Hash(3, 4);
  private static final Hash BOB = new Hash(5, 6);

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final MockProcessorContext<byte[], Outbound> context = new MockProcessorContext<>();
  private final KeyUseDetector detector =
      new KeyUseDetector(
          Topics.NORMALIZED,
          new Reports(
              TopicNames.UNPREFIXED, new AvroSerializer(registry), InstantSource.fixed(EIGHT)),
          new DeduperMetrics(new SimpleMeterRegistry()));

  @BeforeEach
  void start() {
    WindowStore<Bytes, byte[]> uses =
        Stores.windowStoreBuilder(
                Stores.inMemoryWindowStore(
                    DeduperStores.KEY_USES,
                    BucketStore.retention(DedupeWindow.DAY),
                    DedupeWindow.DAY.bucket(),
                    false),
                Serdes.Bytes(),
                Serdes.ByteArray())
            .withLoggingDisabled()
            .build();
    uses.init(context.getStateStoreContext(), uses);
    context.addStateStore(uses);
    detector.init(context);
  }

  @Test
  void keyUsedForAnotherFactInAnotherPartitionIsReportedOnce() {
    // When
    use(ALICE, 0, 17, EIGHT);
    use(BOB, 3, 4, EIGHT.plusSeconds(60));
    use(BOB, 3, 5, EIGHT.plusSeconds(120));
    use(ALICE, 0, 18, EIGHT.plusSeconds(180));

    // Then
    assertThat(reports()).hasSize(1);
    ConflictReport report = reports().getFirst();
    assertThat(report.getKeyKind()).isEqualTo("delivery");
    assertThat(report.getFirst()).isEqualTo(new Position(Topics.NORMALIZED, 0, 17L));
    assertThat(report.getSecond()).isEqualTo(new Position(Topics.NORMALIZED, 3, 4L));
    assertThat(report.getFirstIdentity()).isEqualTo(ALICE.hex());
    assertThat(report.getSecondIdentity()).isEqualTo(BOB.hex());
    assertThat(report.getFirstArrival()).isEqualTo(EIGHT);
    assertThat(report.getArrival()).isEqualTo(EIGHT.plusSeconds(60));
    assertThat(report.getEventId()).isEqualTo("event-of-" + BOB.hex());
    assertThat(report.getAccount()).isEqualTo("hq");
  }

  @Test
  void usesThatCameInOneBatchMeetAsWell() {
    // When
    process(
        use(KeyUse.Kind.DELIVERY, ALICE, 1, false, 0, 17, EIGHT),
        use(KeyUse.Kind.DELIVERY, BOB, 1, false, 3, 4, EIGHT.plusSeconds(1)));

    // Then
    assertThat(reports())
        .extracting(ConflictReport::getEventId)
        .containsExactly("event-of-" + BOB.hex());
  }

  @Test
  void conflictWithinOnePartitionIsLeftToTheVerdict() {
    // When
    use(ALICE, 2, 17, EIGHT);
    use(BOB, 2, 18, EIGHT);

    // Then
    assertThat(reports()).isEmpty();
  }

  @Test
  void whatTheVerdictHasReportedIsNotReportedAgain() {
    // When
    use(ALICE, 0, 17, EIGHT);
    process(use(KeyUse.Kind.DELIVERY, BOB, 1, true, 1, 4, EIGHT));

    // Then
    assertThat(reports()).isEmpty();
  }

  @Test
  void hintUsedTwiceInOnePartitionIsReportedHere() {
    // When
    process(use(KeyUse.Kind.HINT, ALICE, 1, false, 1, 3, EIGHT));
    process(use(KeyUse.Kind.HINT, BOB, 1, false, 1, 4, EIGHT));

    // Then
    assertThat(reports()).extracting(ConflictReport::getKeyKind).containsExactly("hint");
  }

  @Test
  void hintAndDeliveryKeyOfTheSameValueDoNotMeet() {
    // When
    use(ALICE, 0, 17, EIGHT);
    process(use(KeyUse.Kind.HINT, BOB, 1, false, 1, 4, EIGHT));

    // Then
    assertThat(reports()).isEmpty();
  }

  @Test
  void identitiesOfDifferentKeySchemesAreNotCompared() {
    // When
    use(ALICE, 0, 17, EIGHT);
    process(use(KeyUse.Kind.DELIVERY, BOB, 2, false, 1, 4, EIGHT));

    // Then
    assertThat(reports()).isEmpty();
  }

  @Test
  void keyMayBeUsedAgainAfterItsWindow() {
    // Given
    Instant exactly = EIGHT.plus(DedupeWindow.DAY.length());

    // When
    use(ALICE, 0, 17, EIGHT);
    use(BOB, 1, 4, exactly.plusMillis(1));

    // Then
    assertThat(reports()).isEmpty();
  }

  private void use(Hash identity, int partition, long offset, Instant arrival) {
    process(use(KeyUse.Kind.DELIVERY, identity, 1, false, partition, offset, arrival));
  }

  private static KeyUse use(
      KeyUse.Kind kind,
      Hash identity,
      int scheme,
      boolean quiet,
      int partition,
      long offset,
      Instant arrival) {
    return new KeyUse(
        kind, KEY, identity, scheme, quiet, partition, offset, arrival.toEpochMilli());
  }

  private void process(KeyUse... uses) {
    KeyUseBatch batch = new KeyUseBatch();
    for (KeyUse use : uses) {
      RecordHeaders headers = new RecordHeaders();
      Headers.put(headers, Headers.ACCOUNT, "hq");
      Headers.put(headers, Headers.CE_ID, "event-of-" + use.identity().hex());
      batch.add(use, headers);
    }
    long latest = batch.latestArrival();
    detector.process(new Record<>(new byte[4], batch.take(), latest));
  }

  private List<ConflictReport> reports() {
    AvroDeserializer<ConflictReport> reader =
        new AvroDeserializer<>(ConflictReport.class, registry);
    return context.forwarded().stream()
        .map(forward -> forward.record().value())
        .map(outbound -> reader.deserialize(outbound.topic(), outbound.value()))
        .toList();
  }
}
