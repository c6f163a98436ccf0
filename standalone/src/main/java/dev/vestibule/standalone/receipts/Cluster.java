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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Topics, offsets and groups, each question answered before the deadline or with an exception. For
 * one look-up.
 */
final class Cluster implements AutoCloseable {
  private static final Duration CLOSE_WITHIN = Duration.ofMillis(200);
  private static final int ANSWER_WITHIN_MS = 2_000;

  private final Admin admin;
  private final Deadline deadline;
  private final InstantSource clock;
  private final Map<String, Integer> partitions = new TreeMap<>();
  private final Map<String, Duration> kept = new HashMap<>();

  private Cluster(Admin admin, Deadline deadline, InstantSource clock) {
    this.admin = admin;
    this.deadline = deadline;
    this.clock = clock;
  }

  /**
   * @param kafka client settings with {@code bootstrap.servers}
   * @param wanted which topics count
   * @throws KafkaException when Kafka cannot be asked
   */
  static Cluster open(
      Map<String, ?> kafka, Predicate<String> wanted, Deadline deadline, InstantSource clock) {
    Cluster cluster = new Cluster(Admin.create(settings(kafka)), deadline, clock);
    try {
      cluster.findTopics(wanted);
      return cluster;
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private static Map<String, Object> settings(Map<String, ?> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(AdminClientConfig.configNames());
    settings.put(AdminClientConfig.CLIENT_ID_CONFIG, "vestibule-receipts");
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    return settings;
  }

  private void findTopics(Predicate<String> wanted) {
    List<String> names = get(admin.listTopics().names()).stream().filter(wanted).toList();
    get(admin.describeTopics(names).allTopicNames())
        .forEach((name, topic) -> partitions.put(name, topic.partitions().size()));
    try {
      get(admin.describeConfigs(names.stream().map(Cluster::resource).toList()).all())
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

  /** Whether the partition of a place is there. */
  boolean has(Place place) {
    return place.partition() < partitions.getOrDefault(place.topic(), 0);
  }

  /** Where a topic takes records of a key; all partitions when there is no key. */
  Set<TopicPartition> partitions(String topic, byte @Nullable [] key) {
    int count = partitions.getOrDefault(topic, 0);
    return key == null || count == 0
        ? partitions(topic)
        : Set.of(new TopicPartition(topic, BuiltInPartitioner.partitionForKey(key, count)));
  }

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
    return since(Instant.EPOCH, partitions);
  }

  /** All that is there. */
  Range everything(TopicPartition partition) {
    return Objects.requireNonNull(everything(Set.of(partition)).get(partition));
  }

  private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked =
        partitions.stream().collect(Collectors.toMap(Function.identity(), _ -> which));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    get(admin.listOffsets(asked).all())
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
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
          } catch (GroupIdNotFoundException e) {
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
      throw new InterruptException(e);
    }
  }

  private static long at(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return Objects.requireNonNull(offsets.get(partition), partition::toString);
  }

  @Override
  public void close() {
    admin.close(CLOSE_WITHIN);
  }
}
