package dev.vestibule.config;

import dev.vestibule.contract.TopicNames;
import java.util.Map;

/**
 * One installation.
 *
 * @param identity the permanent key
 * @param sources senders by name, in the order of the file
 * @param sinks destinations by name, in the order of the file
 * @param kafka passed through to every Kafka client: {@code bootstrap.servers}, SASL, TLS
 * @param registry where Avro schemas are registered
 * @param topics prefix, counts and retention of topics
 * @param ingress ports and limits of the ingress
 * @param spool what the ingress keeps while Kafka does not take it
 */
public record VestibuleConfig(
    IdentityConfig identity,
    Map<String, SourceConfig> sources,
    Map<String, SinkConfig> sinks,
    Map<String, String> kafka,
    RegistryConfig registry,
    TopicsConfig topics,
    IngressConfig ingress,
    SpoolConfig spool) {

  /** An installation whose spool is at its defaults. */
  public VestibuleConfig(
      IdentityConfig identity,
      Map<String, SourceConfig> sources,
      Map<String, SinkConfig> sinks,
      Map<String, String> kafka,
      RegistryConfig registry,
      TopicsConfig topics,
      IngressConfig ingress) {
    this(identity, sources, sinks, kafka, registry, topics, ingress, SpoolConfig.DEFAULT);
  }

  public TopicNames topicNames() {
    return new TopicNames(topics.prefix());
  }

  /** Names sources, sinks and Kafka's keys only: Kafka's values may be secrets. */
  @Override
  public String toString() {
    return "VestibuleConfig[sources="
        + sources.keySet()
        + ", sinks="
        + sinks.keySet()
        + ", kafka="
        + kafka.keySet()
        + "]";
  }
}
