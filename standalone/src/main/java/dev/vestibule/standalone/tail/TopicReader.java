package dev.vestibule.standalone.tail;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The records of all partitions between two positions, oldest first: partitions are merged by
 * timestamp, while the order inside each stays. Holds about one batch per partition in memory.
 */
public final class TopicReader implements Iterator<ConsumerRecord<byte[], byte[]>> {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Long> ends;
  private final Map<TopicPartition, Deque<ConsumerRecord<byte[], byte[]>>> fetched =
      new HashMap<>();
  private long progressAt = System.nanoTime();

  private TopicReader(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    this.consumer = consumer;
    this.ends = ends;
    ends.keySet().forEach(partition -> fetched.put(partition, new ArrayDeque<>()));
  }

  /**
   * Everything from the given positions up to the given ends. The consumer must read {@code
   * read_committed}; ends are offsets that it reported, so that control records and aborted
   * transactions before them count as read.
   */
  public static TopicReader between(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> starts,
      Map<TopicPartition, Long> ends) {
    consumer.assign(ends.keySet());
    starts.forEach(consumer::seek);
    return new TopicReader(consumer, ends);
  }

  /**
   * The last records of each partition, oldest first. How many offsets they cover is unknown, since
   * transactions leave gaps: looks back ever farther until there are enough.
   */
  static List<ConsumerRecord<byte[], byte[]>> last(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Long> beginnings,
      Map<TopicPartition, Long> ends,
      int count) {
    Map<TopicPartition, Deque<ConsumerRecord<byte[], byte[]>>> found = new HashMap<>();
    ends.forEach((partition, end) ->
        found.put(
            partition,
            last(consumer, partition, beginnings.getOrDefault(partition, 0L), end, count)));
    List<ConsumerRecord<byte[], byte[]>> merged = new ArrayList<>();
    for (var next = oldest(found.values()); next != null; next = oldest(found.values())) {
      merged.add(next.removeFirst());
    }
    return merged;
  }

  private static Deque<ConsumerRecord<byte[], byte[]>> last(
      Consumer<byte[], byte[]> consumer,
      TopicPartition partition,
      long beginning,
      long end,
      int count) {
    for (long back = 2L * count; ; back *= 8) {
      long start = Math.max(beginning, end - back);
      Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
      between(consumer, Map.of(partition, start), Map.of(partition, end))
          .forEachRemaining(record -> {
            records.addLast(record);
            if (records.size() > count) {
              records.removeFirst();
            }
          });
      if (records.size() == count || start == beginning) {
        return records;
      }
    }
  }

  /**
   * @throws IllegalStateException when the broker gives nothing more although the end is not
   *     reached
   */
  @Override
  public boolean hasNext() {
    List<TopicPartition> wanting = wanting();
    while (!wanting.isEmpty()) {
      fetch(wanting);
      wanting = wanting();
    }
    return oldest(fetched.values()) != null;
  }

  @Override
  public ConsumerRecord<byte[], byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Deque<ConsumerRecord<byte[], byte[]>> oldest = oldest(fetched.values());
    if (oldest == null) {
      throw new NoSuchElementException();
    }
    return oldest.removeFirst();
  }

  /** Partitions of which nothing is at hand although their end is not reached. */
  private List<TopicPartition> wanting() {
    return ends.keySet().stream()
        .filter(partition -> fetchedOf(partition).isEmpty())
        .filter(partition -> consumer.position(partition) < end(partition))
        .toList();
  }

  private void fetch(List<TopicPartition> wanting) {
    consumer.pause(consumer.assignment());
    consumer.resume(wanting);
    Map<TopicPartition, Long> before = new HashMap<>();
    wanting.forEach(partition -> before.put(partition, consumer.position(partition)));
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      TopicPartition partition = new TopicPartition(record.topic(), record.partition());
      if (record.offset() < end(partition)) {
        fetchedOf(partition).addLast(record);
      }
    }
    boolean moved =
        wanting.stream()
            .anyMatch(
                partition -> consumer.position(partition) > before.getOrDefault(partition, 0L));
    if (moved) {
      progressAt = System.nanoTime();
    } else if (System.nanoTime() - progressAt > PATIENCE.toNanos()) {
      throw new IllegalStateException(
          "Kafka gave no records for " + PATIENCE.toSeconds() + " s although there are more");
    }
  }

  private static @Nullable Deque<ConsumerRecord<byte[], byte[]>> oldest(
      Collection<Deque<ConsumerRecord<byte[], byte[]>>> fetched) {
    return fetched.stream()
        .filter(records -> !records.isEmpty())
        .min(
            Comparator.<Deque<ConsumerRecord<byte[], byte[]>>>comparingLong(
                    records -> records.getFirst().timestamp())
                .thenComparingInt(records -> records.getFirst().partition()))
        .orElse(null);
  }

  private Deque<ConsumerRecord<byte[], byte[]>> fetchedOf(TopicPartition partition) {
    return fetched.computeIfAbsent(partition, _ -> new ArrayDeque<>());
  }

  private long end(TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }
}
