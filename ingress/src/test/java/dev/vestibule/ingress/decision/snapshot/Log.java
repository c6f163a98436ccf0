package dev.vestibule.ingress.decision.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A topic in memory behind Kafka's own mock consumer, which forgets what it has handed out: each
 * poll is given what the log holds from the position on.
 */
final class Log {
  static final String TOPIC = "visitor.test";

  final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
  private final List<List<ConsumerRecord<byte[], byte[]>>> partitions = new ArrayList<>();
  private long perPoll = Long.MAX_VALUE;
  private boolean silent;
  private boolean failing;

  Log() {
    grow();
  }

  /** One more partition. */
  void grow() {
    partitions.add(new ArrayList<>());
    shape();
  }

  /** Nothing of before is there any more. */
  void recreate() {
    partitions.forEach(List::clear);
    shape();
  }

  void remove() {
    consumer.updatePartitions(TOPIC, List.of());
  }

  void append(String key, @Nullable String value) {
    append(0, key, value);
  }

  void append(int partition, String key, @Nullable String value) {
    List<ConsumerRecord<byte[], byte[]>> records = partitions.get(partition);
    records.add(
        new ConsumerRecord<>(
            TOPIC,
            partition,
            records.size(),
            key.getBytes(UTF_8),
            value == null ? null : value.getBytes(UTF_8)));
    shape();
  }

  /** What a fetch brings at most. */
  void perPoll(int records) {
    perPoll = records;
  }

  /** No leader answers from now on, and polls give nothing. */
  void silent(boolean now) {
    silent = now;
  }

  /** Gets ready for one step of a reader. */
  void serve() {
    if (silent) {
      consumer.setOffsetsException(new TimeoutException("no leader answers"));
      return;
    }
    consumer.setOffsetsException(null);
    if (!failing) {
      consumer.schedulePollTask(this::deliver);
    }
    failing = false;
  }

  void failNextPoll(KafkaException e) {
    consumer.setPollException(e);
    failing = true;
  }

  private void deliver() {
    for (TopicPartition partition : consumer.assignment()) {
      List<ConsumerRecord<byte[], byte[]>> records = partitions.get(partition.partition());
      long position = consumer.position(partition);
      records.stream()
          .filter(record -> record.offset() >= position)
          .limit(perPoll)
          .forEach(consumer::addRecord);
    }
  }

  private void shape() {
    Map<TopicPartition, Long> beginnings = new HashMap<>();
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (int i = 0; i < partitions.size(); i++) {
      beginnings.put(new TopicPartition(TOPIC, i), 0L);
      ends.put(new TopicPartition(TOPIC, i), (long) partitions.get(i).size());
    }
    consumer.updateBeginningOffsets(beginnings);
    consumer.updateEndOffsets(ends);
    Node[] nodes = {new Node(1, "127.0.0.1", 9092)};
    consumer.updatePartitions(
        TOPIC,
        IntStream.range(0, partitions.size())
            .mapToObj(i -> new PartitionInfo(TOPIC, i, nodes[0], nodes, nodes))
            .toList());
  }
}
