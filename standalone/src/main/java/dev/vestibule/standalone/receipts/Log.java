package dev.vestibule.standalone.receipts;

import dev.vestibule.standalone.receipts.Trace.Searched;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Committed records, looked through for one look-up. For one thread; is never a member of a group
 * and commits nothing.
 */
final class Log implements AutoCloseable {
  private static final String NO_TIME = "there was no more time to look";
  private static final String TOO_MANY = "there are too many records to look through";
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSE_WITHIN = Duration.ofMillis(200);
  private static final int ANSWER_WITHIN_MS = 2_000;
  private static final long SLICE = 5_000;
  private static final int FETCH_BYTES = 4 << 20;
  private static final int PARTITION_FETCH_BYTES = 256 << 10;

  private final Map<String, ?> kafka;
  private final Deadline deadline;
  private @Nullable Consumer<byte[], byte[]> consumer;

  /**
   * @param kafka client settings with {@code bootstrap.servers}
   * @param deadline at which a search ends and tells what it has found
   */
  Log(Map<String, ?> kafka, Deadline deadline) {
    this.kafka = kafka;
    this.deadline = deadline;
  }

  private static Map<String, Object> settings(Map<String, ?> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "vestibule-receipts");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    // Small, so that of many partitions each has its turn.
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, PARTITION_FETCH_BYTES);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    return settings;
  }

  /**
   * Looks at records, those of a partition in order, until the visitor has had enough.
   *
   * @param most records to look at
   * @param wantsMore told each record
   */
  Searched read(
      Map<TopicPartition, Range> ranges,
      long most,
      Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
    Map<TopicPartition, Range> open = new HashMap<>(ranges);
    open.values().removeIf(Range::isEmpty);
    Consumer<byte[], byte[]> consumer = consumer();
    consumer.assign(open.keySet());
    open.forEach((partition, range) -> consumer.seek(partition, range.from()));
    long records = 0;
    while (!open.isEmpty()) {
      if (deadline.passed()) {
        return Searched.cutShort(records, NO_TIME);
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        Range range = open.get(new TopicPartition(record.topic(), record.partition()));
        if (range == null || record.offset() >= range.to()) {
          continue;
        }
        if (records >= most) {
          return Searched.cutShort(records, TOO_MANY);
        }
        records++;
        if (!wantsMore.test(record)) {
          return Searched.all(records);
        }
      }
      Set<TopicPartition> read =
          open.keySet().stream()
              .filter(partition -> consumer.position(partition) >= range(open, partition).to())
              .collect(Collectors.toSet());
      open.keySet().removeAll(read);
      consumer.pause(read);
    }
    return Searched.all(records);
  }

  private static Range range(Map<TopicPartition, Range> ranges, TopicPartition partition) {
    return Objects.requireNonNull(ranges.get(partition), partition::toString);
  }

  /**
   * The same from the ends backwards, in slices that are each read forwards.
   *
   * @param enough asked before each slice
   */
  Searched readNewestFirst(
      Map<TopicPartition, Range> ranges,
      long most,
      Predicate<ConsumerRecord<byte[], byte[]>> wantsMore,
      BooleanSupplier enough) {
    Searched searched = Searched.all(0);
    Map<TopicPartition, Range> left = new HashMap<>(ranges);
    left.values().removeIf(Range::isEmpty);
    while (searched.complete() && !left.isEmpty() && !enough.getAsBoolean()) {
      Map<TopicPartition, Range> slice = new HashMap<>();
      left.replaceAll((partition, range) -> {
        long from = Math.max(range.from(), range.to() - SLICE);
        slice.put(partition, new Range(from, range.to(), false));
        return new Range(range.from(), from, range.expired());
      });
      left.values().removeIf(Range::isEmpty);
      searched = searched.plus(read(slice, most - searched.records(), wantsMore));
    }
    return searched;
  }

  /** The record at a place, if it is there. */
  Optional<ConsumerRecord<byte[], byte[]>> read(Place place) {
    AtomicReference<@Nullable ConsumerRecord<byte[], byte[]>> found = new AtomicReference<>();
    Searched searched =
        read(
            Map.of(place.topicPartition(), new Range(place.offset(), place.offset() + 1, false)),
            1,
            record -> {
              found.set(record);
              return false;
            });
    if (!searched.complete()) {
      throw new TimeoutException("Kafka did not give the record in time");
    }
    return Optional.ofNullable(found.get());
  }

  private Consumer<byte[], byte[]> consumer() {
    Consumer<byte[], byte[]> open = consumer;
    if (open == null) {
      open =
          new KafkaConsumer<>(
              settings(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      consumer = open;
    }
    return open;
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.close(CloseOptions.timeout(CLOSE_WITHIN));
    }
  }
}
