package dev.vestibule.standalone.receipts;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The questions that one look-up asks Kafka, each answered before the deadline or with an
 * exception. For one thread; is never a member of a group and commits nothing.
 */
final class Log implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSE_WITHIN = Duration.ofMillis(200);
  private static final int ANSWER_WITHIN_MS = 2_000;
  private static final long SLICE = 5_000;
  private static final int FETCH_BYTES = 4 << 20;
  private static final int PARTITION_FETCH_BYTES = 256 << 10;

  private final Admin admin;
  private final Map<String, ?> kafka;
  private final Deadline deadline;
  private final Deadline reading;
  private final InstantSource clock;
  private final Map<String, Integer> partitions = new TreeMap<>();
  private final Map<String, Duration> kept = new HashMap<>();
  private @Nullable Consumer<byte[], byte[]> consumer;
  private long records;

  private Log(Admin admin, Map<String, ?> kafka, Duration patience, InstantSource clock) {
    this.admin = admin;
    this.kafka = kafka;
    this.deadline = Deadline.in(patience);
    // What was read in time is told, rather than thrown away for a last question.
    this.reading = Deadline.in(patience.multipliedBy(2).dividedBy(3));
    this.clock = clock;
  }

  /**
   * @param kafka client settings with {@code bootstrap.servers}
   * @param wanted which topics count
   * @param patience for everything together; reading of records ends before
   * @throws KafkaException when Kafka cannot be asked
   */
  static Log open(
      Map<String, ?> kafka, Predicate<String> wanted, Duration patience, InstantSource clock) {
    Log log = new Log(Admin.create(adminSettings(kafka)), kafka, patience, clock);
    try {
      log.findTopics(wanted);
      return log;
    } catch (RuntimeException e) {
      log.close();
      throw e;
    }
  }

  private static Map<String, Object> adminSettings(Map<String, ?> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(AdminClientConfig.configNames());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "vestibule-receipts");
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    return settings;
  }

  private static Map<String, Object> consumerSettings(Map<String, ?> kafka) {
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

  private void findTopics(Predicate<String> wanted) {
    List<String> names = get(admin.listTopics().names()).stream().filter(wanted).toList();
    get(admin.describeTopics(names).allTopicNames())
        .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
    try {
      get(admin.describeConfigs(names.stream().map(Log::resource).toList()).all())
          .forEach((resource, config) -> kept.put(resource.name(), kept(config)));
    } catch (AuthorizationException e) {
      // Not ours to see: anything may have expired.
    }
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
  }

  /** How long records are kept at least; nothing is promised where their volume counts. */
  private static Duration kept(Config config) {
    return number(config, TopicConfig.RETENTION_BYTES_CONFIG) >= 0
        ? Duration.ZERO
        : number(config, TopicConfig.RETENTION_MS_CONFIG) < 0
            ? ChronoUnit.FOREVER.getDuration()
            : Duration.ofMillis(number(config, TopicConfig.RETENTION_MS_CONFIG));
  }

  private static long number(Config config, String name) {
    ConfigEntry entry = config.get(name);
    return entry == null || entry.value() == null ? -1 : Long.parseLong(entry.value());
  }

  /** Those of the wanted topics that exist, by name. */
  Set<String> topics() {
    return partitions.keySet();
  }

  /** Every partition of a topic; none when it does not exist. */
  Set<TopicPartition> partitions(String topic) {
    Set<TopicPartition> all = new HashSet<>();
    for (int partition = 0; partition < partitions.getOrDefault(topic, 0); partition++) {
      all.add(new TopicPartition(topic, partition));
    }
    return all;
  }

  /** Where a topic takes records of a key; all partitions when there is no key. */
  Set<TopicPartition> partitions(String topic, byte @Nullable [] key) {
    int count = partitions.getOrDefault(topic, 0);
    return key == null || count == 0
        ? partitions(topic)
        : Set.of(new TopicPartition(topic, BuiltInPartitioner.partitionForKey(key, count)));
  }

  /** How many records were looked at. */
  long records() {
    return records;
  }

  /**
   * Offsets of a partition.
   *
   * @param from where to begin
   * @param to where to end, exclusive
   * @param expired whether earlier records may have been there and are not any more
   */
  record Range(long from, long to, boolean expired) {}

  /**
   * Everything stamped at that time or later, up to an end that is asked for now. The end is that
   * of open transactions, too: what a group wrote before it committed a position is within.
   */
  Map<TopicPartition, Range> since(Instant time, Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> firsts = offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, Long> starts =
        offsets(partitions, OffsetSpec.forTimestamp(time.toEpochMilli()));
    Map<TopicPartition, Range> ranges = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long end = at(ends, partition);
      long first = at(firsts, partition);
      long start = at(starts, partition) < 0 ? end : at(starts, partition);
      boolean expired = first > 0 && start <= first && !keeps(partition.topic(), time);
      ranges.put(partition, new Range(start, end, expired));
    }
    return ranges;
  }

  private boolean keeps(String topic, Instant time) {
    Duration age = Duration.between(time, clock.instant());
    return age.compareTo(kept.getOrDefault(topic, Duration.ZERO)) < 0;
  }

  /** All that is there. */
  Map<TopicPartition, Range> everything(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
    Map<TopicPartition, Long> firsts = offsets(partitions, OffsetSpec.earliest());
    Map<TopicPartition, Range> ranges = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long first = at(firsts, partition);
      ranges.put(partition, new Range(first, at(ends, partition), first > 0));
    }
    return ranges;
  }

  private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked =
        partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    get(admin.listOffsets(asked).all())
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
  }

  /** What a look at records has come to. */
  enum Ending {
    /** Everything was seen, or enough. */
    COMPLETE("seen to the end"),
    NO_TIME("there was no more time to look"),
    TOO_MANY("there are too many records to look through");

    private final String reason;

    Ending(String reason) {
      this.reason = reason;
    }

    String reason() {
      return reason;
    }
  }

  /**
   * Looks at committed records, those of a partition in order, until the visitor has had enough.
   *
   * @param most records to look at
   * @param wantsMore told each record
   */
  Ending read(
      Map<TopicPartition, Range> ranges,
      long most,
      Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
    Map<TopicPartition, Range> open = new HashMap<>(ranges);
    open.values().removeIf(range -> range.from() >= range.to());
    Consumer<byte[], byte[]> consumer = consumer();
    consumer.assign(open.keySet());
    open.forEach((partition, range) -> consumer.seek(partition, range.from()));
    long last = records + most;
    while (!open.isEmpty()) {
      if (reading.passed()) {
        return Ending.NO_TIME;
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        Range range = open.get(new TopicPartition(record.topic(), record.partition()));
        if (range == null || record.offset() >= range.to()) {
          continue;
        }
        if (records >= last) {
          return Ending.TOO_MANY;
        }
        records++;
        if (!wantsMore.test(record)) {
          return Ending.COMPLETE;
        }
      }
      Set<TopicPartition> read =
          open.keySet().stream()
              .filter(partition -> consumer.position(partition) >= range(open, partition).to())
              .collect(Collectors.toSet());
      open.keySet().removeAll(read);
      consumer.pause(read);
    }
    return Ending.COMPLETE;
  }

  private Consumer<byte[], byte[]> consumer() {
    Consumer<byte[], byte[]> open = consumer;
    if (open == null) {
      open =
          new KafkaConsumer<>(
              consumerSettings(kafka), new ByteArrayDeserializer(), new ByteArrayDeserializer());
      consumer = open;
    }
    return open;
  }

  /** The record at a place, if it is there. */
  Optional<ConsumerRecord<byte[], byte[]>> read(Place place) {
    if (!partitions(place.topic()).contains(place.topicPartition())) {
      return Optional.empty();
    }
    AtomicReference<@Nullable ConsumerRecord<byte[], byte[]>> found = new AtomicReference<>();
    Ending ending =
        read(
            Map.of(place.topicPartition(), new Range(place.offset(), place.offset() + 1, false)),
            1,
            record -> {
              found.set(record);
              return false;
            });
    if (ending != Ending.COMPLETE) {
      throw new TimeoutException("Kafka did not give the record in time");
    }
    return Optional.ofNullable(found.get());
  }

  /**
   * The same from the ends backwards, in slices that are each read forwards.
   *
   * @param enough asked after each slice
   */
  Ending readNewestFirst(
      Map<TopicPartition, Range> ranges,
      long most,
      Predicate<ConsumerRecord<byte[], byte[]>> wantsMore,
      BooleanSupplier enough) {
    long last = records + most;
    Map<TopicPartition, Range> left = new HashMap<>(ranges);
    while (!enough.getAsBoolean()) {
      left.values().removeIf(range -> range.from() >= range.to());
      if (left.isEmpty()) {
        return Ending.COMPLETE;
      }
      Map<TopicPartition, Range> slice = new HashMap<>();
      left.replaceAll((partition, range) -> {
        long from = Math.max(range.from(), range.to() - SLICE);
        slice.put(partition, new Range(from, range.to(), false));
        return new Range(range.from(), from, range.expired());
      });
      Ending ending = read(slice, last - records, wantsMore);
      if (ending != Ending.COMPLETE) {
        return ending;
      }
    }
    return Ending.COMPLETE;
  }

  /**
   * Committed positions of a group; none of no group. What an open transaction wants to commit does
   * not count, and is not waited for: a deduper that hangs is worth an answer.
   */
  Map<TopicPartition, Long> committed(String group) {
    Map<TopicPartition, Long> committed = new HashMap<>();
    get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
        .forEach((partition, offset) -> {
          // Kafka says null where nothing was committed.
          if (offset != null) {
            committed.put(partition, offset.offset());
          }
        });
    return committed;
  }

  /** Processes in each group; a group that cannot be described is left out. */
  Map<String, Integer> members(Collection<String> groups) {
    Map<String, Integer> members = new HashMap<>();
    admin
        .describeConsumerGroups(groups)
        .describedGroups()
        .forEach((group, description) -> {
          try {
            members.put(group, get(description).members().size());
          } catch (org.apache.kafka.common.errors.GroupIdNotFoundException e) {
            members.put(group, 0);
          } catch (KafkaException e) {
            // Of another kind, or not ours to see: unknown.
          }
        });
    return members;
  }

  private <T> T get(KafkaFuture<T> future) {
    try {
      Duration patience = deadline.left(Duration.ofMillis(ANSWER_WITHIN_MS));
      return future.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new KafkaException("Kafka did not answer", e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("Kafka did not answer in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }

  private static long at(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return Objects.requireNonNull(offsets.get(partition), partition::toString);
  }

  private static Range range(Map<TopicPartition, Range> ranges, TopicPartition partition) {
    return Objects.requireNonNull(ranges.get(partition), partition::toString);
  }

  @Override
  public void close() {
    try {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(CLOSE_WITHIN));
      }
    } finally {
      admin.close(CLOSE_WITHIN);
    }
  }
}
