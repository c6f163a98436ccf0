package dev.vestibule.standalone.topics;

import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The questions that growing asks Kafka, and the few things it tells it. */
public final class Cluster implements AutoCloseable {
  private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
  private static final int ANSWER_WITHIN_MS = 15_000;

  private final Map<String, ?> kafka;
  private final Admin admin;

  /**
   * @param kafka client settings with {@code bootstrap.servers}
   */
  public Cluster(Map<String, ?> kafka) {
    this.kafka = Map.copyOf(kafka);
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(AdminClientConfig.configNames());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    this.admin = Admin.create(settings);
  }

  public Admin admin() {
    return admin;
  }

  Map<String, ?> kafka() {
    return kafka;
  }

  /** Partitions of a topic, or empty when there is none. */
  public OptionalInt partitions(String topic) {
    try {
      return OptionalInt.of(
          get(admin.describeTopics(List.of(topic)).allTopicNames())
              .values()
              .iterator()
              .next()
              .partitions()
              .size());
    } catch (UnknownTopicOrPartitionException e) {
      return OptionalInt.empty();
    }
  }

  int replicas(String topic) {
    return get(admin.describeTopics(List.of(topic)).allTopicNames())
        .values()
        .iterator()
        .next()
        .partitions()
        .getFirst()
        .replicas()
        .size();
  }

  /** Settings that somebody has made for a topic, by name. */
  Map<String, String> settings(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return get(admin.describeConfigs(List.of(resource)).all())
        .values()
        .iterator()
        .next()
        .entries()
        .stream()
        .filter(entry -> !entry.isDefault())
        .filter(entry ->
            entry.source()
                == org.apache.kafka.clients.admin.ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG)
        .collect(Collectors.toMap(entry -> entry.name(), entry -> entry.value()));
  }

  /** Creates a topic that may be there already, and waits until it is seen. */
  void create(NewTopic topic) {
    try {
      get(admin.createTopics(List.of(topic)).all());
    } catch (TopicExistsException e) {
      // From before a crash; whoever asked looks at its count.
    }
    awaitPartitions(topic.name(), topic.numPartitions());
  }

  /** Adds partitions up to a count, and waits until they are seen. */
  void grow(String topic, int count) {
    if (partitions(topic).orElse(0) < count) {
      get(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count))).all());
    }
    awaitPartitions(topic, count);
  }

  /** Deletes a topic, and before it a group's positions; either may be gone already. */
  void delete(String group, String topic) {
    try {
      get(admin.deleteConsumerGroups(List.of(group)).all());
    } catch (GroupIdNotFoundException e) {
      // Nothing was copied yet, or an earlier attempt came this far.
    }
    try {
      get(admin.deleteTopics(List.of(topic)).all());
    } catch (UnknownTopicOrPartitionException e) {
      // As above.
    }
    if (!await(VISIBLE_WITHIN, () -> partitions(topic).isEmpty())) {
      throw new Failure("topic " + topic + " is still there; run the same command again");
    }
  }

  private void awaitPartitions(String topic, int count) {
    await(VISIBLE_WITHIN, () -> partitions(topic).orElse(0) >= count);
    if (partitions(topic).orElse(0) != count) {
      throw new Failure(
          "topic "
              + topic
              + " has "
              + partitions(topic).orElse(0)
              + " partitions, expected "
              + count
              + "; somebody else has made it");
    }
  }

  /** Whether no process is a member of a group. */
  boolean isEmpty(String group) {
    return get(admin.listGroups(ListGroupsOptions.forConsumerGroups()).all()).stream()
        .filter(listing -> listing.groupId().equals(group))
        .map(GroupListing::groupState)
        .allMatch(
            state -> state.filter(s -> s == GroupState.EMPTY || s == GroupState.DEAD).isPresent());
  }

  /** Committed positions of a group, those of transactions that are decided. */
  Map<TopicPartition, Long> committed(String group) {
    ListConsumerGroupOffsetsOptions decided =
        new ListConsumerGroupOffsetsOptions().requireStable(true);
    Map<TopicPartition, Long> committed = new HashMap<>();
    get(admin.listConsumerGroupOffsets(group, decided).partitionsToOffsetAndMetadata())
        .forEach((partition, offset) -> {
          // Kafka says null where nothing was committed.
          if (offset != null) {
            committed.put(partition, offset.offset());
          }
        });
    return committed;
  }

  /** Positions of all groups that have read a topic, by group. */
  Map<String, Map<TopicPartition, Long>> readers(String topic) {
    Map<String, Map<TopicPartition, Long>> readers = new TreeMap<>();
    for (GroupListing listing :
        get(admin.listGroups(ListGroupsOptions.forConsumerGroups()).all())) {
      Map<TopicPartition, Long> positions = committed(listing.groupId());
      positions.keySet().removeIf(partition -> !partition.topic().equals(topic));
      if (!positions.isEmpty()) {
        readers.put(listing.groupId(), positions);
      }
    }
    return readers;
  }

  /**
   * A consumer of committed records that is never a member of a group.
   *
   * @param group under whose name it may commit positions
   */
  Consumer<byte[], byte[]> consumer(String group) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, "vestibule-grow");
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, Topics.MAX_RECORD_BYTES);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 2 * Topics.MAX_RECORD_BYTES);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** The offset of a partition that is known to be among these. */
  static long at(Map<TopicPartition, Long> offsets, TopicPartition partition) {
    return Objects.requireNonNull(offsets.get(partition), partition::toString);
  }

  /** Waits for a condition; false when it did not come in time. */
  static boolean await(Duration patience, BooleanSupplier condition) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new Failure("interrupted", e);
      }
    }
    return true;
  }

  static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new KafkaException("the cluster did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(2));
  }
}
