package dev.vestibule.standalone.topics;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the groups that read a topic are behind. The end of a partition may be the mark of a
 * transaction, which no reader gets and not every reader commits, so offsets alone do not tell:
 * only a record behind the committed position counts.
 */
final class Lag {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Cluster cluster;
  private final String topic;

  Lag(Cluster cluster, String topic) {
    this.cluster = cluster;
    this.topic = topic;
  }

  /** Offsets between position and end, of the groups that have records to read. */
  Map<String, Long> behind() {
    Map<String, Map<TopicPartition, Long>> readers = cluster.readers(topic);
    Map<String, Long> behind = new TreeMap<>();
    try (Consumer<byte[], byte[]> consumer = cluster.consumer("vestibule-grow")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      readers.forEach((group, positions) -> {
        Map<TopicPartition, Long> from = new HashMap<>();
        ends.forEach((partition, end) -> {
          long position =
              Math.max(Cluster.at(starts, partition), positions.getOrDefault(partition, 0L));
          if (position < end) {
            from.put(partition, position);
          }
        });
        Set<TopicPartition> waiting = withRecords(consumer, from, ends);
        if (!waiting.isEmpty()) {
          behind.put(
              group,
              waiting.stream()
                  .mapToLong(partition -> Cluster.at(ends, partition) - Cluster.at(from, partition))
                  .sum());
        }
      });
    }
    return behind;
  }

  private static Set<TopicPartition> withRecords(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> from,
      Map<TopicPartition, Long> ends) {
    consumer.assign(from.keySet());
    from.forEach(consumer::seek);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    Map<TopicPartition, Boolean> settled = new HashMap<>();
    while (settled.size() < from.size() && System.nanoTime() - deadline < 0) {
      consumer
          .poll(Duration.ofMillis(100))
          .partitions()
          .forEach(partition -> settled.put(partition, true));
      from.keySet().stream()
          .filter(partition -> consumer.position(partition) >= Cluster.at(ends, partition))
          .forEach(partition -> settled.putIfAbsent(partition, false));
      consumer.pause(settled.keySet());
    }
    return from.keySet().stream()
        .filter(partition -> settled.getOrDefault(partition, true))
        .collect(Collectors.toSet());
  }
}
