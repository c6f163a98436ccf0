package dev.vestibule.deduper;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailExceptionHandler;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;

/**
 * How the application is run. The installation's Kafka settings may change what is tuning (threads,
 * standbys, commit interval); what the promise rests on is set last.
 */
final class DeduperSettings {
  private static final String INSTANCE_FILE = "instance-id";

  private final VestibuleConfig config;
  private final Path folder;
  private final Generation generation;

  private DeduperSettings(VestibuleConfig config, Path folder, Generation generation) {
    this.config = config;
    this.folder = folder;
    this.generation = generation;
  }

  /**
   * @param folder for local state; created when absent
   * @param generation of the input; each has its own application
   */
  static DeduperSettings of(VestibuleConfig config, Path folder, Generation generation) {
    return new DeduperSettings(config, folder, generation);
  }

  /** Application id, consumer group and prefix of internal topics. */
  String id() {
    return config.topics().prefix() + DeduperApplication.applicationId(generation);
  }

  Map<String, Object> adminClient() {
    Map<String, Object> settings = new HashMap<>(config.kafka());
    settings.keySet().retainAll(AdminClientConfig.configNames());
    return settings;
  }

  Map<String, Object> streams(RocksMemory memory) {
    Map<String, Object> settings = new HashMap<>(tuning());
    settings.putAll(config.kafkaOf("deduper"));
    settings.putAll(promise());
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksMemory.Setter.class);
    settings.put(RocksMemory.SETTING, memory);
    return settings;
  }

  private Map<String, Object> tuning() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(
        StreamsConfig.NUM_STREAM_THREADS_CONFIG,
        Math.clamp(Runtime.getRuntime().availableProcessors() / 2, 1, 2));
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 20);
    // The thread looks at the clock for its commit only between polls.
    settings.put(StreamsConfig.POLL_MS_CONFIG, 5);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, (int) config.topics().replication());
    settings.put(StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG, 21_600_000);
    settings.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, 60_000);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 2);
    // The first write of a transaction is refused while the markers of the last one are written.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 5);
    // A record is about 2 KB with its headers: the default holds eight of them.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 64 << 10);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 32 << 20);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 8 << 20);
    settings.put(
        StreamsConfig.topicPrefix(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG),
        config.topics().replication() > 2 ? 2 : 1);
    return settings;
  }

  private Map<String, Object> promise() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, id());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    settings.put(
        StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class.getName());
    settings.put(
        StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class.getName());
    // Bytes cannot fail to deserialize, and every bad record is a dead letter by our own hand:
    // whatever else happens is a bug or an outage, where skipping would lose a visitor.
    settings.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailExceptionHandler.class);
    settings.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailProcessingExceptionHandler.class);
    settings.put(
        StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG,
        DefaultProductionExceptionHandler.class);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        Topics.MAX_RECORD_BYTES);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), instanceId());
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        Topics.MAX_RECORD_BYTES + (64 << 10));
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), 10_000);
    return settings;
  }

  /**
   * The same name after every restart on this folder, so that a restarted process takes its old
   * place in the group at once instead of waiting until the broker has given up the old one.
   */
  private String instanceId() {
    Path file = folder.resolve(INSTANCE_FILE);
    try {
      Files.createDirectories(folder);
      if (Files.exists(file)) {
        String known = Files.readString(file).strip();
        if (!known.isEmpty()) {
          return known;
        }
      }
      String fresh = UUID.randomUUID().toString();
      Files.writeString(file, fresh);
      return fresh;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
