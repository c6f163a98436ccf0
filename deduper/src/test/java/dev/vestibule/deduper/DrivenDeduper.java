package dev.vestibule.deduper;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Properties;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;

/** The whole topology on RocksDB stores, one partition, without a broker. */
final class DrivenDeduper implements AutoCloseable {
  static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final TopologyTestDriver driver;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final TestInputTopic<byte[], byte[]> normalized;

  DrivenDeduper(Path folder) {
    this(folder, Generation.FIRST);
  }

  DrivenDeduper(Path folder, Generation generation) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "vestibule-deduper");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    driver =
        new TopologyTestDriver(
            new DeduperTopology(
                    generation,
                    1,
                    TopicNames.UNPREFIXED,
                    new AvroSerializer(registry),
                    InstantSource.fixed(NOW),
                    meters)
                .build(),
            settings,
            NOW);
    normalized =
        driver.createInputTopic(
            generation.topic(TopicNames.UNPREFIXED),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  void takes(NormalizedRecord... records) {
    for (NormalizedRecord record : records) {
      normalized.pipeInput(record.record());
    }
  }

  List<TestRecord<byte[], byte[]>> records(String topic) {
    return driver
        .createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
        .readRecordsToList();
  }

  <T extends SpecificRecord> List<T> reports(String topic, Class<T> type) {
    return records(topic).stream()
        .map(record -> new AvroDeserializer<>(type, registry).deserialize(topic, record.value()))
        .toList();
  }

  double count(String name, String... tags) {
    Counter counter = meters.find(name).tags(tags).counter();
    return counter == null ? 0 : counter.count();
  }

  @Override
  public void close() {
    driver.close();
  }
}
