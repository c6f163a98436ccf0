package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.config.WatchlistConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.control.ControlException;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.topics.Cluster;
import dev.vestibule.standalone.topics.Grow;
import dev.vestibule.standalone.topics.GrowthRequest;
import dev.vestibule.standalone.topics.TopicPlan;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "topics",
    description = "Shows what topics lack, repairs them, and gives them more partitions.",
    synopsisSubcommandLabel = "COMMAND")
final class TopicsCommand implements Runnable {
  private static final String DEFAULT_BOOTSTRAP = "127.0.0.1:9092";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected plan, apply, grow or cancel");
  }

  @Command(name = "plan", description = "Prints what 'apply' and 'grow' would change.")
  int plan(@Mixin Where where) {
    return on(
        where,
        target -> {
          try (Cluster cluster = new Cluster(target.kafka())) {
            TopicPlan plan = target.plan(cluster);
            print(plan.lines());
            return 0;
          }
        });
  }

  @Command(
      name = "apply",
      description = "Creates missing topics and repairs settings; never adds partitions.")
  int apply(@Mixin Where where) {
    return on(
        where,
        target -> {
          try (Cluster cluster = new Cluster(target.kafka())) {
            print(target.plan(cluster).apply(cluster.admin()));
            return 0;
          }
        });
  }

  @Command(
      name = "grow",
      description =
          "Adds partitions while everything runs; the same command goes on after a crash.")
  int grow(
      @Mixin Where where,
      @Parameters(paramLabel = "TOPIC", description = "Full name of the topic.") String topic,
      @Option(
              names = "--partitions",
              paramLabel = "N",
              required = true,
              description = "Count that it shall have.")
          int partitions,
      @Option(
              names = "--drain-within",
              paramLabel = "S",
              defaultValue = "60",
              description =
                  "Seconds that readers may take to come to the end of a topic whose writers"
                      + " wait; default ${DEFAULT-VALUE}.")
          long drainWithin) {
    return on(
        where,
        target -> {
          GrowthRequest request = GrowthRequest.of(topic, partitions, target.names());
          long begin = System.nanoTime();
          try (Cluster cluster = new Cluster(target.kafka())) {
            grow(cluster, target, Duration.ofSeconds(drainWithin), begin).grow(request);
          }
          print(List.of(elapsed(begin) + " done: " + topic + " has " + partitions + " partitions"));
          return 0;
        });
  }

  @Command(
      name = "cancel",
      description = "Lets writers go on after a 'grow' that died and shall not be finished.")
  int cancel(@Mixin Where where) {
    return on(
        where,
        target -> {
          try (Cluster cluster = new Cluster(target.kafka())) {
            grow(cluster, target, Duration.ZERO, System.nanoTime()).cancel();
          }
          print(List.of("cancelled"));
          return 0;
        });
  }

  private Grow grow(Cluster cluster, Target target, Duration drainWithin, long begin) {
    return new Grow(
        cluster,
        target.names(),
        drainWithin,
        InstantSource.system(),
        line -> print(List.of(elapsed(begin) + " " + line)));
  }

  private static String elapsed(long begin) {
    return String.format("%6.1f s", (System.nanoTime() - begin) / 1e9);
  }

  private void print(List<String> lines) {
    PrintWriter out = spec.commandLine().getOut();
    lines.forEach(out::println);
    out.flush();
  }

  /** Works on an installation; what its Kafka cannot do becomes one line for people. */
  static int on(Where where, Function<Target, Integer> work) {
    Logging.off();
    Target target = where.target();
    try {
      return work.apply(target);
    } catch (ControlException e) {
      throw new Failure(String.valueOf(e.getMessage()), e);
    } catch (UnknownTopicOrPartitionException e) {
      throw new Failure(
          e.getMessage()
              + " at "
              + target.kafka().get("bootstrap.servers")
              + "; 'vestibule topics apply' creates what is missing",
          e);
    } catch (KafkaException e) {
      throw new Failure(
          "Kafka at "
              + target.kafka().get("bootstrap.servers")
              + " does not answer as it should: "
              + e.getMessage()
              + "; run the same command again to go on",
          e);
    }
  }

  /**
   * The installation that a command is about.
   *
   * @param kafka client settings
   * @param config what it says about topics
   * @param registry what it says about the schema registry; null where the one beside the broker is
   *     meant
   */
  record Target(
      Map<String, String> kafka,
      TopicsConfig config,
      WatchlistConfig watchlist,
      @Nullable RegistryConfig registry,
      Scale scale) {
    TopicNames names() {
      return new TopicNames(config.prefix());
    }

    TopicPlan plan(Cluster cluster) {
      ControlState state;
      try (ControlReader reader = new ControlReader(kafka, names())) {
        state = reader.read();
      }
      return TopicPlan.of(cluster, new TopicSetup(config, scale), names(), state);
    }
  }

  /** How to find it. */
  static final class Where {
    @Option(
        names = "--bootstrap",
        paramLabel = "HOST:PORT",
        description = "Kafka; default: the running `up` of the data folder, else 127.0.0.1:9092.")
    private @Nullable String bootstrap;

    @Option(
        names = "--config",
        paramLabel = "F",
        description = "The installation's configuration: its Kafka, and what it says about topics.")
    private @Nullable Path configFile;

    @Option(
        names = "--data-dir",
        paramLabel = "D",
        description = "Data folder of the `up` that is meant.")
    private @Nullable Path dataDir;

    Target target() {
      Path folder = dataDir == null ? DataFolder.byDefault() : dataDir;
      Optional<VestibuleConfig> config = config(folder);
      Map<String, String> kafka =
          new HashMap<>(
              configFile == null ? Map.of() : config.map(VestibuleConfig::kafka).orElse(Map.of()));
      TopicsConfig topics =
          config
              .map(VestibuleConfig::topics)
              .orElse(new TopicsConfig("", (short) 1, Map.of(), Map.of()));
      WatchlistConfig watchlist =
          config.map(VestibuleConfig::watchlist).orElse(WatchlistConfig.DEFAULT);
      Optional<RunFile> running = RunFile.find(folder);
      boolean own =
          configFile != null
              && bootstrap == null
              && dataDir == null
              && kafka.containsKey("bootstrap.servers");
      if (own) {
        return new Target(
            kafka,
            topics,
            watchlist,
            config
                .map(VestibuleConfig::registry)
                .filter(registry -> registry.url() != null)
                .orElse(null),
            Scale.PRODUCTION);
      }
      if (running.isPresent()) {
        // How to reach and to trust another cluster means nothing to the embedded one.
        kafka
            .keySet()
            .removeIf(key ->
                key.startsWith("security.") || key.startsWith("sasl.") || key.startsWith("ssl."));
      }
      kafka.put(
          "bootstrap.servers",
          bootstrap != null ? bootstrap : running.map(RunFile::kafka).orElse(DEFAULT_BOOTSTRAP));
      return new Target(
          kafka, EmbeddedPlatform.singleReplica(topics), watchlist, null, Scale.EMBEDDED);
    }

    /** What is asked for; else what an {@code up} of this folder uses unless told otherwise. */
    private Optional<VestibuleConfig> config(Path folder) {
      if (configFile != null) {
        return Optional.of(ConfigOption.load(configFile, folder));
      }
      Path usual = folder.resolve(StarterConfig.FILE);
      try {
        return bootstrap == null && Files.isRegularFile(usual)
            ? Optional.of(ConfigOption.load(usual, folder))
            : Optional.empty();
      } catch (ConfigException e) {
        return Optional.empty();
      }
    }
  }
}
