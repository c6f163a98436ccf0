package dev.vestibule.control;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the control topic; for one thread at a time. */
public final class ControlReader implements AutoCloseable {
  /** For those who must know soon; a person's command can wait for a busy broker. */
  static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration POLL = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private final TopicPartition partition;
  private final Duration patience;
  private ControlState state = ControlState.ABSENT;

  /**
   * @param kafka the installation's client settings
   */
  public ControlReader(Map<String, ?> kafka, TopicNames names) {
    this(kafka, names, PATIENCE);
  }

  /**
   * @param patience longest time that one reading takes, roughly
   */
  public ControlReader(Map<String, ?> kafka, TopicNames names, Duration patience) {
    this.patience = patience;
    this.partition = new TopicPartition(names.of(Topics.CONTROL), 0);
    this.consumer =
        new KafkaConsumer<>(
            settings(kafka, patience), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Map<String, Object> settings(Map<String, ?> kafka, Duration patience) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "vestibule-control");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) patience.toMillis());
    return settings;
  }

  /**
   * What the topic says up to an end that was asked for after this call began.
   *
   * @throws org.apache.kafka.common.KafkaException when it cannot be read right now
   * @throws ControlException when it cannot be understood
   */
  public ControlState read() {
    if (!state.exists()) {
      List<PartitionInfo> found = consumer.partitionsFor(partition.topic());
      if (found == null || found.isEmpty()) {
        return state;
      }
      consumer.assign(Set.of(partition));
      consumer.seekToBeginning(Set.of(partition));
      state = ControlState.EMPTY;
    }
    long end = consumer.endOffsets(Set.of(partition)).getOrDefault(partition, 0L);
    long deadline = System.nanoTime() + patience.toNanos();
    while (consumer.position(partition) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.key() != null) {
          String key = new String(record.key(), StandardCharsets.UTF_8);
          state = state.with(key, record.value(), record.offset());
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException("the control topic could not be read to its end");
      }
    }
    return state;
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
  }
}
