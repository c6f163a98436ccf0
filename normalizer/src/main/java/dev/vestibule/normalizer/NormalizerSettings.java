package dev.vestibule.normalizer;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndFailProcessingExceptionHandler;

/**
 * How the application is run. The installation's Kafka settings may change what is tuning; what
 * nothing may be lost by is set last.
 */
final class NormalizerSettings {
  private static final String INSTANCE_FILE = "instance-id";

  private NormalizerSettings() {}

  /**
   * @param folder for the little state there is; created when absent
   * @param refusals what topics refused, shared with the topology
   */
  static Map<String, Object> of(VestibuleConfig config, Path folder, Refusals refusals) {
    Map<String, Object> settings = tuning();
    settings.putAll(config.kafkaOf("normalizer"));
    settings.put(
        StreamsConfig.APPLICATION_ID_CONFIG,
        config.topics().prefix() + NormalizerApplication.APPLICATION_ID);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    settings.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
    // Whatever fails outside a record is an outage: skipping would lose a visitor.
    settings.put(
        StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndFailProcessingExceptionHandler.class);
    settings.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, TooLargeToSend.class);
    settings.put(TooLargeToSend.REFUSALS, refusals);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG),
        Topics.MAX_RECORD_BYTES);
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        instanceId(folder));
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.ACKS_CONFIG), "all");
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        Topics.MAX_RECORD_BYTES);
    return settings;
  }

  private static Map<String, Object> tuning() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, 60_000);
    // New partitions of a raw topic are read within this time.
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.METADATA_MAX_AGE_CONFIG), 5_000);
    // When quiet there is nothing to wait for; under load, batches fill behind requests.
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
    settings.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 16 << 20);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 8 << 20);
    return settings;
  }

  /**
   * The same name after every restart on this folder: the restarted process takes its old place in
   * the group at once, instead of waiting until the broker has given up the dead one.
   */
  private static String instanceId(Path folder) {
    Path file = folder.resolve(INSTANCE_FILE);
    try {
      Files.createDirectories(folder);
      String known = Files.exists(file) ? Files.readString(file).strip() : "";
      if (known.isEmpty()) {
        known = UUID.randomUUID().toString();
        Files.writeString(file, known);
      }
      return known;
    } catch (IOException e) {
      throw new UncheckedIOException("state folder of the normalizer is not writable", e);
    }
  }
}
