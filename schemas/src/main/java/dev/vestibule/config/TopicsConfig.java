package dev.vestibule.config;

import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What an installation says about topics.
 *
 * @param prefix before every topic name; usually empty
 * @param replication replication factor of new topics
 * @param partitions partition counts by topic name (without prefix) where they differ
 * @param retention retention by topic name (without prefix) where it differs
 * @param ofSinks topics that configured sinks have of their own
 */
public record TopicsConfig(
    String prefix,
    short replication,
    Map<String, Integer> partitions,
    Map<String, Duration> retention,
    List<TopicSpec> ofSinks) {

  public TopicsConfig {
    ofSinks = List.copyOf(ofSinks);
  }

  /** Of an installation where no sink parks. */
  public TopicsConfig(
      String prefix,
      short replication,
      Map<String, Integer> partitions,
      Map<String, Duration> retention) {
    this(prefix, replication, partitions, retention, List.of());
  }

  /** Every topic of the installation with its planned settings, in order of creation. */
  public List<TopicSpec> planned() {
    List<TopicSpec> planned = new ArrayList<>(Topics.all());
    planned.addAll(ofSinks);
    return planned;
  }
}
