package dev.vestibule.ingress.decision.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads a topic in nobody's group: a compacted one whole, or what is young of another. */
public final class CompactedTopic {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int ANSWER_WITHIN_MS = 3_000;

  private CompactedTopic() {}

  /** Is handed the records. */
  @FunctionalInterface
  public interface Reader {
    /**
     * One record; a later one of a key replaces the earlier ones.
     *
     * @param value null when the key is taken back
     */
    void take(String key, byte @Nullable [] value);
  }

  /**
   * Reads up to an end that is asked for after this call began.
   *
   * @param kafka the installation's client settings
   * @param topic full name
   * @throws UnknownTopicOrPartitionException when there is no such topic
   * @throws org.apache.kafka.common.KafkaException when it cannot be read to its end right now
   */
  public static void read(Map<String, ?> kafka, String topic, Reader reader) {
    // A fetch that waits for more would hold up the end.
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    try (Consumer<byte[], byte[]> consumer = consumer(settings)) {
      read(consumer, topic, reader);
    }
  }

  private static void read(Consumer<byte[], byte[]> consumer, String topic, Reader reader) {
    Set<TopicPartition> partitions = begin(consumer, topic, null);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long movedAt = System.nanoTime();
    while (!reached(consumer, ends)) {
      var records = consumer.poll(POLL);
      for (ConsumerRecord<byte[], byte[]> record : records) {
        reader.take(key(record), record.value());
      }
      if (!records.isEmpty()) {
        movedAt = System.nanoTime();
      } else if (System.nanoTime() - movedAt > PATIENCE.toNanos()) {
        throw new TimeoutException(topic + " could not be read to its end");
      }
    }
  }

  static Consumer<byte[], byte[]> consumer(Map<String, ?> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "vestibule-snapshot");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    // A position that is gone means another log: what was made of the old one counts no more.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static void close(Consumer<?, ?> consumer) {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
  }

  /**
   * Goes to the beginning of all partitions.
   *
   * @param since where to begin instead: with the first record of that time or later; or null
   */
  static Set<TopicPartition> begin(Consumer<?, ?> consumer, String topic, @Nullable Instant since) {
    Set<TopicPartition> partitions = partitions(consumer, topic);
    if (partitions.isEmpty()) {
      throw new UnknownTopicOrPartitionException("there is no topic " + topic);
    }
    consumer.assign(partitions);
    if (since == null) {
      consumer.seekToBeginning(partitions);
    } else {
      // The ends first: what is written in between must not be passed over.
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, Long> times = new HashMap<>();
      partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
      Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
      ends.forEach((partition, end) -> {
        @Nullable OffsetAndTimestamp first = found.get(partition);
        consumer.seek(partition, first == null ? end : first.offset());
      });
    }
    return partitions;
  }

  static Set<TopicPartition> partitions(Consumer<?, ?> consumer, String topic) {
    @Nullable List<PartitionInfo> found = consumer.partitionsFor(topic);
    return found == null ? Set.of() : Set.copyOf(partitions(found));
  }

  private static Collection<TopicPartition> partitions(List<PartitionInfo> found) {
    return found.stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
  }

  static boolean reached(Consumer<?, ?> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** Empty for records that nobody here has written. */
  static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), UTF_8);
  }
}
