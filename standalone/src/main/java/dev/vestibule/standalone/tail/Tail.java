package dev.vestibule.standalone.tail;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Prints the records of a topic, one line each, committed ones only.
 *
 * @param topic full name
 * @param fromBeginning everything that is there, rather than the last ten records per partition
 * @param follow goes on with what arrives, rather than ending at the current end
 * @param max ends after so many records; without {@code fromBeginning} the newest of those that are
 *     there count first
 */
public record Tail(String topic, boolean fromBeginning, boolean follow, long max) {
  private static final int LAST = 10;
  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * Prints to the end, or for ever.
   *
   * @param kafka client settings with {@code bootstrap.servers}
   * @param avro reads Avro values, or null to print all values as base64
   * @throws NoSuchTopicException when the topic does not exist
   * @throws org.apache.kafka.common.KafkaException when Kafka cannot be reached or refuses
   * @throws dev.vestibule.serde.RegistryException when a schema cannot be fetched
   */
  public void print(
      Map<String, Object> kafka, @Nullable Deserializer<GenericRecord> avro, PrintWriter out) {
    RecordLine line = new RecordLine(avro);
    try (Consumer<byte[], byte[]> consumer = consumer(kafka)) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions(consumer));
      long left = max;
      Iterator<ConsumerRecord<byte[], byte[]>> history = history(consumer, ends);
      while (left > 0 && history.hasNext()) {
        out.println(line.of(history.next()));
        left--;
        if (out.checkError()) {
          return;
        }
      }
      if (follow) {
        follow(consumer, ends, left, line, out);
      }
    }
  }

  private Iterator<ConsumerRecord<byte[], byte[]>> history(
      Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(ends.keySet());
    if (fromBeginning) {
      return TopicReader.between(consumer, beginnings, ends);
    }
    List<ConsumerRecord<byte[], byte[]>> last = TopicReader.last(consumer, beginnings, ends, LAST);
    return last.subList((int) Math.max(0, last.size() - max), last.size()).iterator();
  }

  private static void follow(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> ends,
      long max,
      RecordLine line,
      PrintWriter out) {
    consumer.assign(ends.keySet());
    consumer.resume(consumer.assignment());
    ends.forEach(consumer::seek);
    long left = max;
    while (left > 0 && !out.checkError()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (left > 0) {
          out.println(line.of(record));
          left--;
        }
      }
    }
  }

  private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
    List<PartitionInfo> partitions = consumer.partitionsFor(topic);
    if (partitions == null || partitions.isEmpty()) {
      throw new NoSuchTopicException(topic);
    }
    return partitions.stream()
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .toList();
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 9_000);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
