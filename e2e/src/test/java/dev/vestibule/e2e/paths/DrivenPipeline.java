package dev.vestibule.e2e.paths;

import static java.util.Objects.requireNonNull;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.deduper.DeduperTopology;
import dev.vestibule.e2e.paths.Scenario.Arrival;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.normalizer.NormalizerTopology;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** Normalizer and deduper one after the other, record by record, on one partition. */
final class DrivenPipeline implements AutoCloseable {
  private static final Instant START = Instant.parse("2026-11-16T08:00:00Z");
  private static final String KEY_USES = "vestibule-deduper-key-uses-repartition";

  private final Vendor vendor;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final TopologyTestDriver normalizer;
  private final TopologyTestDriver deduper;
  private final Map<String, String> labels = new HashMap<>();
  private Instant now = START;

  DrivenPipeline(Vendor vendor, Path folder) {
    this.vendor = vendor;
    AvroSerializer serializer = new AvroSerializer(registry);
    TopicNames topics = TopicNames.UNPREFIXED;
    normalizer =
        driver(
            NormalizerTopology.of(
                topics,
                new IdentityKey(new byte[32]),
                Map.of("front", SourceConfig.of("front", vendor, "hq")),
                serializer,
                () -> now,
                meters),
            "vestibule-normalizer",
            folder);
    deduper =
        driver(
            new DeduperTopology(Generation.FIRST, 1, topics, serializer, () -> now, meters).build(),
            "vestibule-deduper",
            folder);
  }

  private static TopologyTestDriver driver(Topology topology, String id, Path folder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, id);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    return new TopologyTestDriver(topology, settings, START);
  }

  /** What became of each event of a delivery, in the words of a scenario. */
  List<String> take(Arrival arrival) {
    now = START.plus(arrival.at());
    pipe(normalizer, vendor.rawTopic(), raw(arrival));
    List<String> outcomes = new ArrayList<>();
    for (TestRecord<byte[], byte[]> letter : records(normalizer, Topics.DEAD_LETTERS)) {
      outcomes.add("DEAD " + read(DeadLetter.class, Topics.DEAD_LETTERS, letter).getReason());
    }
    for (TestRecord<byte[], byte[]> event : records(normalizer, Topics.NORMALIZED)) {
      pipe(deduper, Topics.NORMALIZED, event);
      outcomes.add(outcome(event));
    }
    return outcomes;
  }

  private TestRecord<byte[], byte[]> raw(Arrival arrival) {
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.SOURCE, "front");
    Headers.put(headers, Headers.ACCOUNT, "hq");
    Headers.put(headers, Headers.VENDOR, vendor.id());
    Headers.put(headers, Headers.REQUEST_ID, arrival.requestId().toString());
    Headers.put(headers, Headers.DELIVERY_ID, arrival.deliveryId());
    Headers.put(headers, Headers.RECEIVED_AT, now.toString());
    Headers.put(headers, Headers.PATH, arrival.path());
    byte[] key = arrival.key().getBytes(StandardCharsets.UTF_8);
    return new TestRecord<>(key, arrival.body(), headers, now);
  }

  private String outcome(TestRecord<byte[], byte[]> normalized) {
    String type = requireNonNull(Headers.text(normalized.headers(), Headers.CE_TYPE));
    String plainId = requireNonNull(Headers.text(normalized.headers(), Headers.CE_ID));
    String event = type.substring(type.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
    List<String> outcomes = new ArrayList<>();
    for (Sensitivity sensitivity : Sensitivity.values()) {
      for (TestRecord<byte[], byte[]> emitted : records(deduper, Topics.events(sensitivity))) {
        String verdict = Headers.text(emitted.headers(), Headers.VERDICT);
        boolean late = Headers.text(emitted.headers(), Headers.LATE) != null;
        outcomes.add(event + " " + verdict + (late ? " late " : " ") + label(plainId));
      }
    }
    for (TestRecord<byte[], byte[]> copy : records(deduper, Topics.DUPLICATES)) {
      String kind = read(DuplicateReport.class, Topics.DUPLICATES, copy).getKeyKind();
      // The id of a state covers the request, so a copy's own id tells nothing.
      String id = kind.equals("snapshot") ? "" : " " + label(plainId);
      outcomes.add(event + " DUPLICATE " + kind + id);
    }
    for (TestRecord<byte[], byte[]> letter : records(deduper, Topics.DEAD_LETTERS)) {
      outcomes.add("DEAD " + read(DeadLetter.class, Topics.DEAD_LETTERS, letter).getReason());
    }
    return outcomes.isEmpty() ? event + " REPLAY" : String.join(" and ", outcomes);
  }

  /** A letter in brackets for each event id, in order of appearance. */
  private String label(String eventId) {
    return labels.computeIfAbsent(eventId, id -> "(" + (char) ('a' + labels.size()) + ")");
  }

  /** Key kinds of the conflicts reported since the last call. */
  List<String> conflicts() {
    return records(deduper, Topics.CONFLICTS).stream()
        .map(report -> read(ConflictReport.class, Topics.CONFLICTS, report).getKeyKind())
        .toList();
  }

  /** What the deduper of this partition says about its keys' uses. */
  List<TestRecord<byte[], byte[]>> keyUses() {
    return records(deduper, KEY_USES);
  }

  /** Hands over what the deduper of another partition says. */
  void takeKeyUses(List<TestRecord<byte[], byte[]>> uses) {
    uses.forEach(use -> pipe(deduper, KEY_USES, use));
  }

  double replays() {
    return meters.get("vestibule.deduper.verdicts").tag("verdict", "REPLAY").counter().count();
  }

  private static void pipe(
      TopologyTestDriver driver, String topic, TestRecord<byte[], byte[]> record) {
    driver
        .createInputTopic(topic, new ByteArraySerializer(), new ByteArraySerializer())
        .pipeInput(record);
  }

  private static List<TestRecord<byte[], byte[]>> records(TopologyTestDriver driver, String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  private <T extends SpecificRecord> T read(
      Class<T> type, String topic, TestRecord<byte[], byte[]> record) {
    return requireNonNull(
        new AvroDeserializer<>(type, registry).deserialize(topic, record.value()));
  }

  @Override
  public void close() {
    normalizer.close();
    deduper.close();
  }
}
