package dev.vestibule.deduper.unscreened;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Opens what a session talks to Kafka with. */
final class Clients {
  private final VestibuleConfig config;
  private final String group;

  Clients(VestibuleConfig config) {
    this.config = config;
    this.group = config.topicNames().of(UnscreenedEntries.GROUP);
  }

  /** Shares the events with other copies of this service. */
  Consumer<byte[], byte[]> entries() {
    Map<String, Object> settings = consumer();
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return open(settings);
  }

  /** Reads decisions and alerts alone and whole. */
  Consumer<byte[], byte[]> records() {
    Map<String, Object> settings = consumer();
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    // In doubt a decision was made.
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_uncommitted");
    return open(settings);
  }

  Producer<byte[], byte[]> alerts() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, group);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 1 << 20);
    settings.putAll(known(ProducerConfig.configNames()));
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private Map<String, Object> consumer() {
    Map<String, Object> settings = new HashMap<>();
    // New partitions are seen long before anything in them is due.
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
    settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, Topics.MAX_RECORD_BYTES);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topics.MAX_RECORD_BYTES);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, group);
    settings.putAll(known(ConsumerConfig.configNames()));
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }

  private static Consumer<byte[], byte[]> open(Map<String, Object> settings) {
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private Map<String, Object> known(Set<String> names) {
    Map<String, Object> known = new HashMap<>(config.kafkaOf("deduper"));
    known.keySet().retainAll(names);
    return known;
  }
}
