package dev.vestibule.sink;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What one sink reads: exactly the events topics of the sensitivities it is granted, committed
 * records only, as bytes. Offsets are never committed behind the sink's back.
 *
 * @param group the consumer group; one for each sink
 * @param topics full topic names, in the order of the sensitivities
 * @param settings settings of the consumer
 */
public record EventsSubscription(String group, List<String> topics, Map<String, Object> settings) {

  /** Fetches stay small, since a sink holds what it fetched; a single larger record still comes. */
  private static final int FETCH_BYTES = Topics.MAX_RECORD_BYTES;

  public EventsSubscription {
    topics = List.copyOf(topics);
    settings = Map.copyOf(settings);
  }

  /** The subscription of a configured sink. */
  public static EventsSubscription of(VestibuleConfig config, SinkConfig sink) {
    TopicNames names = config.topicNames();
    String group = names.of("vestibule-sink-" + sink.name());
    List<String> topics =
        sink.sensitivities().stream().sorted().map(Topics::events).map(names::of).toList();
    return new EventsSubscription(group, topics, settings(config.kafka(), group));
  }

  /** A new consumer, not subscribed yet. */
  public Consumer<byte[], byte[]> open() {
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * The same in a group of its own, for what must not wait behind the events.
   *
   * @param part of the sink, behind its group's name
   */
  public EventsSubscription beside(String part) {
    String own = group + "-" + part;
    Map<String, Object> other = new HashMap<>(settings);
    other.put(ConsumerConfig.GROUP_ID_CONFIG, own);
    other.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, own);
    other.put(ConsumerConfig.CLIENT_ID_CONFIG, own);
    return new EventsSubscription(own, topics, other);
  }

  /**
   * A new consumer of no group.
   *
   * @param part of the sink, for its client id
   * @param more settings that go before all others
   */
  public Consumer<byte[], byte[]> openReader(String part, Map<String, Object> more) {
    Map<String, Object> reader = new HashMap<>(settings);
    reader.remove(ConsumerConfig.GROUP_ID_CONFIG);
    reader.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    reader.put(ConsumerConfig.CLIENT_ID_CONFIG, group + "-" + part);
    reader.putAll(more);
    return new KafkaConsumer<>(reader, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Map<String, Object> settings(Map<String, String> kafka, String group) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES);
    // New partitions and topics are seen within this time.
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 5_000);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, group);
    // A sink that was killed takes its partitions back at once, not after a session timeout.
    settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, group);
    settings.putAll(kafka);
    // Guarantees, so they are not the installation's to choose.
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return settings;
  }
}
