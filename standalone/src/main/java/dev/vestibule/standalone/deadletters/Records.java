package dev.vestibule.standalone.deadletters;

import dev.vestibule.standalone.receipts.Place;
import dev.vestibule.standalone.tail.TopicReader;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
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
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Committed records, by topic or by place. For one thread; is never a member of a group. */
final class Records implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;

  Records(Map<String, ?> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "vestibule-dead-letters");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 9_000);
    this.consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** What lies at a place. */
  sealed interface At {
    record Here(ConsumerRecord<byte[], byte[]> record) implements At {
      // Records name people, so they do not print.
      @Override
      public String toString() {
        return "Here[" + record.offset() + "]";
      }
    }

    /** Deleted by its topic's retention. */
    record Expired() implements At {}

    /**
     * No record, and there never was one that counted.
     *
     * @param because what lies there instead
     */
    record Nothing(String because) implements At {}
  }

  /** Partitions of a topic; none when it does not exist. */
  List<TopicPartition> partitions(String topic) {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    return found == null
        ? List.of()
        : found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  /**
   * Everything from the beginning to the current end, oldest first.
   *
   * @throws UnknownTopicOrPartitionException when there is no such topic
   */
  Iterator<ConsumerRecord<byte[], byte[]>> all(String topic) {
    List<TopicPartition> partitions = partitions(topic);
    if (partitions.isEmpty()) {
      throw new UnknownTopicOrPartitionException("there is no topic " + topic);
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    consumer.assign(Set.of());
    return TopicReader.between(consumer, consumer.beginningOffsets(partitions), ends);
  }

  At at(Place place) {
    TopicPartition partition = place.topicPartition();
    if (!partitions(place.topic()).contains(partition)) {
      return new At.Nothing("there is no partition " + partition);
    }
    Set<TopicPartition> one = Set.of(partition);
    long begin = consumer.beginningOffsets(one).getOrDefault(partition, 0L);
    long end = consumer.endOffsets(one).getOrDefault(partition, 0L);
    if (place.offset() < begin) {
      return new At.Expired();
    }
    if (place.offset() >= end) {
      return new At.Nothing(partition + " ends at " + end);
    }
    consumer.assign(one);
    // What stays assigned stays paused.
    consumer.resume(one);
    consumer.seek(partition, place.offset());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) <= place.offset()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.offset() == place.offset()) {
          return new At.Here(record);
        }
      }
      if (System.nanoTime() - deadline > 0) {
        throw new TimeoutException("Kafka did not give " + place + " in time");
      }
    }
    return new At.Nothing("no record begins there");
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(Duration.ofSeconds(1)));
  }
}
