package dev.vestibule.benchmarks.chaos;

import dev.vestibule.benchmarks.chaos.Evidence.Conflict;
import dev.vestibule.benchmarks.chaos.Evidence.Duplicate;
import dev.vestibule.benchmarks.chaos.Evidence.Event;
import dev.vestibule.benchmarks.chaos.Evidence.Input;
import dev.vestibule.benchmarks.chaos.Evidence.Sent;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Position;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.SchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a read_committed reader finds in the topics. */
public final class Committed {
  private static final Duration POLL = Duration.ofMillis(200);

  private final String bootstrap;
  private final SchemaRegistry registry;

  Committed(String bootstrap, SchemaRegistry registry) {
    this.bootstrap = bootstrap;
    this.registry = registry;
  }

  /** Everything up to the committed ends of this moment, beside what was sent. */
  Evidence evidence(List<Sent> sent) {
    List<Input> inputs = new ArrayList<>();
    read(Topics.NORMALIZED, record -> inputs.add(input(record)));
    List<Event> events = new ArrayList<>();
    for (String topic : List.of(Topics.EVENTS, Topics.EVENTS_RESTRICTED, Topics.EVENTS_HEALTH)) {
      read(topic, record -> events.add(event(record)));
    }
    AvroDeserializer<DuplicateReport> duplicateReader =
        new AvroDeserializer<>(DuplicateReport.class, registry);
    List<Duplicate> duplicates = new ArrayList<>();
    read(
        Topics.DUPLICATES,
        record -> duplicates.add(new Duplicate(place(value(duplicateReader, record).getCopy()))));
    AvroDeserializer<ConflictReport> conflictReader =
        new AvroDeserializer<>(ConflictReport.class, registry);
    List<Conflict> conflicts = new ArrayList<>();
    read(
        Topics.CONFLICTS,
        record -> {
          ConflictReport report = value(conflictReader, record);
          if (withinOnePartition(report)) {
            conflicts.add(new Conflict(place(report.getSecond())));
          }
        });
    List<ConsumerRecord<byte[], byte[]>> deadLetters = new ArrayList<>();
    read(Topics.DEAD_LETTERS, deadLetters::add);
    return new Evidence(sent, inputs, events, duplicates, conflicts, deadLetters.size());
  }

  /** Others come from the side branch, which gates nothing. */
  private static boolean withinOnePartition(ConflictReport report) {
    return report.getKeyKind().equals("delivery")
        && report.getFirst().getPartition() == report.getSecond().getPartition();
  }

  private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> records) {
    read(bootstrap, topic, records);
  }

  /** Hands over every committed record of a topic up to its end of this moment. */
  public static void read(
      String bootstrap, String topic, Consumer<ConsumerRecord<byte[], byte[]>> records) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      List<TopicPartition> partitions = partitions(consumer, topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(POLL).forEach(records);
      }
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrap,
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  private static Input input(ConsumerRecord<byte[], byte[]> record) {
    return new Input(
        new Place(record.partition(), record.offset()),
        key(record),
        header(record, Headers.KEY_TRANSPORT),
        header(record, Headers.RAW));
  }

  static Event event(ConsumerRecord<byte[], byte[]> record) {
    String type = header(record, Headers.CE_TYPE);
    return new Event(
        record.topic(),
        new Place(record.partition(), record.offset()),
        key(record),
        header(record, Headers.KEY_TRANSPORT),
        header(record, Headers.RAW),
        type.substring(type.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT),
        header(record, Headers.VERDICT),
        header(record, Headers.CE_ID),
        header(record, Headers.REVISION));
  }

  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return Objects.requireNonNullElse(Headers.text(record.headers(), name), "none");
  }

  private static <T extends SpecificRecord> T value(
      AvroDeserializer<T> reader, ConsumerRecord<byte[], byte[]> record) {
    return Objects.requireNonNull(reader.deserialize(record.topic(), record.value()));
  }

  private static Place place(Position position) {
    return new Place(position.getPartition(), position.getOffset());
  }
}
