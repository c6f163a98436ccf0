package dev.vestibule.standalone.topics;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Copies one generation of the normalized topic into the next. The position that it has reached is
 * committed with the copies themselves, so that it goes on after a crash where it was, and nothing
 * is copied twice.
 */
final class Copy implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A larger record was not judged but became a dead letter: there is nothing to remember. */
  private static final int LARGEST_SEED = Topics.MAX_RECORD_BYTES - 4096;

  private final Consumer<byte[], byte[]> consumer;
  private final ControlWriter writer;
  private final String from;
  private final String to;
  private final Map<TopicPartition, Long> positions = new HashMap<>();

  /**
   * @param group under which the position is kept
   * @param since records that arrived before it are too old to be remembered
   * @param judged what the deduper has behind it; what it has not is copied whatever its age
   */
  Copy(
      Cluster cluster,
      ControlWriter writer,
      String from,
      String to,
      String group,
      Instant since,
      Map<TopicPartition, Long> judged) {
    this.consumer = cluster.consumer(group);
    this.writer = writer;
    this.from = from;
    this.to = to;
    List<TopicPartition> partitions =
        consumer.partitionsFor(from).stream()
            .map(info -> new TopicPartition(from, info.partition()))
            .toList();
    Map<TopicPartition, Long> starts = new HashMap<>();
    partitions.forEach(partition -> starts.put(partition, since.toEpochMilli()));
    Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(starts);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp start = found.get(partition);
      long young = start == null ? Cluster.at(ends, partition) : start.offset();
      long unjudged = judged.getOrDefault(partition, Cluster.at(beginnings, partition));
      positions.put(
          partition, Math.max(Cluster.at(beginnings, partition), Math.min(young, unjudged)));
    }
    cluster.committed(group).forEach(positions::replace);
  }

  /** Where every partition ends now. */
  Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(positions.keySet());
  }

  /** Offsets that are still to be read up to some ends. */
  long left(Map<TopicPartition, Long> ends) {
    return positions.entrySet().stream()
        .mapToLong(at -> Math.max(0, ends.getOrDefault(at.getKey(), 0L) - at.getValue()))
        .sum();
  }

  /** Copies what the deduper has judged, to be remembered and not to be emitted again. */
  long seeds(Map<TopicPartition, Long> ends, LongConsumer progress) {
    return copy(ends, true, progress);
  }

  /** Copies what the deduper has not judged, as it is: it will be judged over there. */
  long live(Map<TopicPartition, Long> ends, LongConsumer progress) {
    return copy(ends, false, progress);
  }

  private long copy(Map<TopicPartition, Long> ends, boolean seeds, LongConsumer progress) {
    List<TopicPartition> open = open(ends);
    consumer.assign(open);
    // A partition that stays assigned stays paused, too.
    consumer.resume(open);
    open.forEach(partition -> consumer.seek(partition, Cluster.at(positions, partition)));
    long copied = 0;
    long movedAt = System.nanoTime();
    while (!open.isEmpty()) {
      List<ProducerRecord<byte[], byte[]>> batch = new ArrayList<>();
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < Cluster.at(ends, partition)
            && !(seeds && size(record) > LARGEST_SEED)) {
          batch.add(seeds ? seed(record) : copy(record));
        }
      }
      Map<TopicPartition, OffsetAndMetadata> reached = new HashMap<>();
      for (TopicPartition partition : open) {
        long position = Math.min(consumer.position(partition), Cluster.at(ends, partition));
        if (position > Cluster.at(positions, partition)) {
          positions.put(partition, position);
          reached.put(partition, new OffsetAndMetadata(position));
        }
      }
      if (reached.isEmpty() && System.nanoTime() - movedAt > PATIENCE.toNanos()) {
        throw new TimeoutException("no more records of " + from + " although there are some");
      }
      if (!reached.isEmpty()) {
        movedAt = System.nanoTime();
        writer.copy(batch, reached, consumer.groupMetadata());
        copied += batch.size();
        progress.accept(left(ends));
      }
      consumer.pause(open.stream().filter(partition -> !open(ends).contains(partition)).toList());
      open = open(ends);
    }
    return copied;
  }

  private List<TopicPartition> open(Map<TopicPartition, Long> ends) {
    return positions.entrySet().stream()
        .filter(at -> at.getValue() < ends.getOrDefault(at.getKey(), 0L))
        .map(Map.Entry::getKey)
        .toList();
  }

  private ProducerRecord<byte[], byte[]> seed(ConsumerRecord<byte[], byte[]> record) {
    ProducerRecord<byte[], byte[]> seed = copy(record);
    Headers.put(
        seed.headers(), Headers.SEED, from + "-" + record.partition() + "@" + record.offset());
    return seed;
  }

  /** Without a partition: the key finds its place among the new count. */
  private ProducerRecord<byte[], byte[]> copy(ConsumerRecord<byte[], byte[]> record) {
    return new ProducerRecord<>(
        to,
        null,
        record.timestamp(),
        record.key(),
        record.value(),
        new RecordHeaders(record.headers()));
  }

  private static long size(ConsumerRecord<byte[], byte[]> record) {
    long size = Math.max(0, record.serializedKeySize());
    size += Math.max(0, record.serializedValueSize());
    for (Header header : record.headers()) {
      size += header.key().length();
      size += header.value() == null ? 0 : header.value().length;
    }
    return size;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
