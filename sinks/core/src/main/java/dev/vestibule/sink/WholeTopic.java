package dev.vestibule.sink;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads a compacted topic as a whole. */
public final class WholeTopic {
  private static final Duration POLL = Duration.ofMillis(200);

  private WholeTopic() {}

  /**
   * Shows every record that is there now, those of a partition in order.
   *
   * @param consumer of no group
   * @throws KafkaException when the topic is missing or cannot be read
   */
  public static void read(
      Consumer<byte[], byte[]> consumer,
      String topic,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    if (partitions.isEmpty()) {
      throw new KafkaException(
          "topic " + topic + " does not exist; 'vestibule topics apply' creates it");
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(POLL).forEach(reader);
    }
  }
}
