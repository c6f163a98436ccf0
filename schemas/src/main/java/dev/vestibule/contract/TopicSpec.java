package dev.vestibule.contract;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Settings of one topic.
 *
 * @param name topic name
 * @param embeddedPartitions partitions on the embedded broker
 * @param productionPartitions partitions on a production cluster
 * @param settings topic-level Kafka settings
 */
public record TopicSpec(
    String name, int embeddedPartitions, int productionPartitions, Map<String, String> settings) {

  public TopicSpec {
    settings = Map.copyOf(settings);
  }

  static TopicSpec raw(String name, Duration retention) {
    Map<String, String> settings = base(retention);
    settings.put("message.timestamp.type", "LogAppendTime");
    return new TopicSpec(name, 4, 12, settings);
  }

  /** Topics whose partitions are the unit of scale, and whose timestamps may lie in the past. */
  static TopicSpec wide(String name, Duration retention) {
    return new TopicSpec(name, 4, 64, base(retention));
  }

  static TopicSpec narrow(String name, Duration retention) {
    return new TopicSpec(name, 4, 12, base(retention));
  }

  /** Read in the order in which it was written. */
  static TopicSpec single(String name, Duration retention) {
    return new TopicSpec(name, 1, 1, base(retention));
  }

  /** The same, with the time at which Kafka took each record. */
  static TopicSpec arrivals(String name, Duration retention) {
    return new TopicSpec(name, 1, 1, raw(name, retention).settings());
  }

  static TopicSpec compacted(String name) {
    Map<String, String> settings = base(Duration.ofDays(1));
    settings.remove("retention.ms");
    settings.put("cleanup.policy", "compact");
    return new TopicSpec(name, 1, 1, settings);
  }

  private static Map<String, String> base(Duration retention) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("cleanup.policy", "delete");
    settings.put("retention.ms", Long.toString(retention.toMillis()));
    settings.put("max.message.bytes", Integer.toString(Topics.MAX_RECORD_BYTES));
    settings.put("message.timestamp.type", "CreateTime");
    // History is replayed with its old timestamps, so an old record must never be refused.
    settings.put("message.timestamp.before.max.ms", Long.toString(Long.MAX_VALUE));
    return settings;
  }
}
