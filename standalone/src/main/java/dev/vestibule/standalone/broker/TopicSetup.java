package dev.vestibule.standalone.broker;

import dev.vestibule.config.TopicsConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.broker.TopicDifference.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates the planned topics where they are missing and compares those that exist. Safe to run from
 * several processes at once.
 */
public final class TopicSetup {
  private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
  private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
  private static final short SAFE_REPLICATION = 3;
  private static final String PARTITIONS = "partitions";

  /** Settings where more than asked for does no harm. */
  private static final Set<String> AT_LEAST =
      Set.of(
          TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
          TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG,
          TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);

  private static final Set<String> HARMLESS =
      Set.of(TopicConfig.RETENTION_MS_CONFIG, TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);

  /** Which of a topic's two planned partition counts applies. */
  public enum Scale {
    EMBEDDED,
    PRODUCTION
  }

  private final TopicsConfig config;
  private final Scale scale;

  public TopicSetup(TopicsConfig config, Scale scale) {
    this.config = config;
    this.scale = scale;
  }

  /**
   * Creates what is missing, waits until the cluster shows it, and logs each difference of what was
   * there already.
   *
   * @return differences with which services can live
   * @throws TopicsUnfitException when there are differences with which they cannot
   * @throws org.apache.kafka.common.KafkaException when the cluster cannot be asked
   */
  public List<TopicDifference> apply(Admin admin) {
    Map<String, NewTopic> wanted = wanted();
    Set<String> created = create(admin, wanted);
    Map<String, TopicDescription> described = awaitVisible(admin, wanted.keySet());
    List<TopicDifference> differences =
        compare(
            admin,
            wanted.values().stream().filter(topic -> !created.contains(topic.name())).toList(),
            described);
    differences.removeIf(difference ->
        difference.setting().equals(PARTITIONS) && hasSuccessor(admin, difference.topic()));
    for (TopicDifference difference : differences) {
      LOG.atWarn()
          .addKeyValue("topic", difference.topic())
          .addKeyValue("setting", difference.setting())
          .addKeyValue("found", difference.found())
          .addKeyValue("expected", difference.expected())
          .addKeyValue("severity", difference.severity())
          .log("topic differs from plan");
    }
    List<TopicDifference> errors =
        differences.stream().filter(difference -> difference.severity() == Severity.ERROR).toList();
    if (!errors.isEmpty()) {
      throw new TopicsUnfitException(errors);
    }
    return List.copyOf(differences);
  }

  /**
   * What there is and what there should be; changes nothing.
   *
   * @param generation that counts; the normalized topic of an earlier one may be as it is
   * @throws org.apache.kafka.common.KafkaException when the cluster cannot be asked
   */
  public Findings compare(Admin admin, Generation generation) {
    Map<String, NewTopic> wanted = wanted();
    NewTopic first =
        Objects.requireNonNull(wanted.remove(config.prefix() + Topics.NORMALIZED), "planned");
    String current = generation.topic(new TopicNames(config.prefix()));
    wanted.put(
        current,
        new NewTopic(current, first.numPartitions(), first.replicationFactor())
            .configs(first.configs()));
    Set<String> existing = get(admin.listTopics().names());
    List<NewTopic> missing =
        wanted.values().stream().filter(topic -> !existing.contains(topic.name())).toList();
    List<NewTopic> present =
        wanted.values().stream().filter(topic -> existing.contains(topic.name())).toList();
    Set<String> names = present.stream().map(NewTopic::name).collect(Collectors.toSet());
    return new Findings(
        missing, compare(admin, present, get(admin.describeTopics(names).allTopicNames())));
  }

  /**
   * @param missing topics that are not there, as they would be created
   * @param differences of those that are
   */
  public record Findings(List<NewTopic> missing, List<TopicDifference> differences) {}

  private static List<TopicDifference> compare(
      Admin admin, List<NewTopic> topics, Map<String, TopicDescription> described) {
    List<TopicDifference> differences = new ArrayList<>();
    Map<String, Config> settings =
        settings(admin, topics.stream().map(NewTopic::name).collect(Collectors.toSet()));
    for (NewTopic topic : topics) {
      compareCounts(topic, found(described, topic), differences);
      compareSettings(topic, found(settings, topic), differences);
    }
    return differences;
  }

  /** Every topic as it would be created, by full name. */
  Map<String, NewTopic> wanted() {
    Map<String, NewTopic> wanted = new LinkedHashMap<>();
    for (TopicSpec spec : config.planned()) {
      int planned =
          scale == Scale.EMBEDDED ? spec.embeddedPartitions() : spec.productionPartitions();
      int partitions = config.partitions().getOrDefault(spec.name(), planned);
      Map<String, String> settings = new LinkedHashMap<>(spec.settings());
      Duration retention = config.retention().get(spec.name());
      if (retention != null) {
        settings.put(TopicConfig.RETENTION_MS_CONFIG, Long.toString(retention.toMillis()));
      }
      if (config.replication() >= SAFE_REPLICATION) {
        settings.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
      }
      String name = config.prefix() + spec.name();
      wanted.put(name, new NewTopic(name, partitions, config.replication()).configs(settings));
    }
    return wanted;
  }

  /** Nobody writes a topic any more of which there is a later generation. */
  private static boolean hasSuccessor(Admin admin, String topic) {
    return get(admin.listTopics().names()).stream().anyMatch(name -> name.startsWith(topic + ".g"));
  }

  private static Set<String> create(Admin admin, Map<String, NewTopic> wanted) {
    Set<String> existing = get(admin.listTopics().names());
    List<NewTopic> missing =
        wanted.values().stream().filter(topic -> !existing.contains(topic.name())).toList();
    Map<String, KafkaFuture<Void>> results = admin.createTopics(missing).values();
    return results.entrySet().stream()
        .filter(result -> created(result.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** False when somebody else created it a moment ago; then it is compared like any other. */
  private static boolean created(KafkaFuture<Void> result) {
    try {
      get(result);
      return true;
    } catch (TopicExistsException e) {
      return false;
    }
  }

  /** Streams applications stop when a source topic is not there yet, so wait for the metadata. */
  private static Map<String, TopicDescription> awaitVisible(Admin admin, Set<String> names) {
    long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
    while (true) {
      try {
        return get(admin.describeTopics(names).allTopicNames());
      } catch (UnknownTopicOrPartitionException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        pause();
      }
    }
  }

  private static <T> T found(Map<String, T> answers, NewTopic topic) {
    return Objects.requireNonNull(answers.get(topic.name()), topic.name());
  }

  private static Map<String, Config> settings(Admin admin, Set<String> names) {
    List<ConfigResource> resources =
        names.stream().map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name)).toList();
    return get(admin.describeConfigs(resources).all()).entrySet().stream()
        .collect(Collectors.toMap(entry -> entry.getKey().name(), Map.Entry::getValue));
  }

  private static void compareCounts(
      NewTopic wanted, TopicDescription found, List<TopicDifference> differences) {
    int partitions = found.partitions().size();
    // More is what a topic has after it has grown.
    if (partitions < wanted.numPartitions()) {
      differences.add(
          new TopicDifference(
              wanted.name(),
              PARTITIONS,
              Integer.toString(partitions),
              Integer.toString(wanted.numPartitions()),
              Severity.WARNING));
    }
    int replicas = found.partitions().getFirst().replicas().size();
    if (replicas != wanted.replicationFactor()) {
      differences.add(
          new TopicDifference(
              wanted.name(),
              "replication",
              Integer.toString(replicas),
              Short.toString(wanted.replicationFactor()),
              Severity.WARNING));
    }
  }

  private static void compareSettings(
      NewTopic wanted, Config found, List<TopicDifference> differences) {
    wanted
        .configs()
        .forEach((setting, expected) -> {
          ConfigEntry entry = found.get(setting);
          String actual = entry == null ? "unset" : entry.value();
          if (!fits(setting, expected, actual)) {
            Severity severity = HARMLESS.contains(setting) ? Severity.WARNING : Severity.ERROR;
            differences.add(
                new TopicDifference(wanted.name(), setting, actual, expected, severity));
          }
        });
  }

  private static boolean fits(String setting, String expected, String actual) {
    if (actual.equals(expected)) {
      return true;
    }
    try {
      return AT_LEAST.contains(setting) && Long.parseLong(actual) >= Long.parseLong(expected);
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while topics were created", e);
    }
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException("the cluster did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while topics were created", e);
    }
  }
}
