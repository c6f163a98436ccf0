package dev.vestibule.config;

import dev.vestibule.contract.TopicNames;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
 * @param watchlist how visitors are compared with it
 */
public record VestibuleConfig(
    IdentityConfig identity,
    Map<String, SourceConfig> sources,
    Map<String, SinkConfig> sinks,
    Map<String, String> kafka,
    RegistryConfig registry,
    TopicsConfig topics,
    IngressConfig ingress,
    SpoolConfig spool,
    WatchlistConfig watchlist) {
  private static final Set<String> TUNED_ALONE = Set.of("normalizer", "deduper");

  /** An installation whose spool and watchlist are at their defaults. */
  public VestibuleConfig(
      IdentityConfig identity,
      Map<String, SourceConfig> sources,
      Map<String, SinkConfig> sinks,
      Map<String, String> kafka,
      RegistryConfig registry,
      TopicsConfig topics,
      IngressConfig ingress) {
    this(
        identity,
        sources,
        sinks,
        kafka,
        registry,
        topics,
        ingress,
        SpoolConfig.DEFAULT,
        WatchlistConfig.DEFAULT);
  }

  public TopicNames topicNames() {
    return new TopicNames(topics.prefix());
  }

  /**
   * What Kafka settings mean for one of the services that share them: {@code
   * deduper.commit.interval.ms} goes before {@code commit.interval.ms} for the deduper and does not
   * exist for the others.
   *
   * @param service its name, {@code normalizer} or {@code deduper}
   */
  public Map<String, String> kafkaOf(String service) {
    Map<String, String> own = new HashMap<>();
    Map<String, String> settings = new HashMap<>();
    kafka.forEach((key, value) -> {
      Optional<String> meant =
          TUNED_ALONE.stream().filter(name -> key.startsWith(name + '.')).findFirst();
      if (meant.isEmpty()) {
        settings.put(key, value);
      } else if (meant.get().equals(service)) {
        own.put(key.substring(service.length() + 1), value);
      }
    });
    settings.putAll(own);
    return settings;
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
