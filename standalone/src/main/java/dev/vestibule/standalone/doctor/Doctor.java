package dev.vestibule.standalone.doctor;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Everything that is looked at. */
public final class Doctor {
  private final Path file;
  private final Path dataDir;
  private final Map<String, String> environment;
  private final InstantSource clock;

  /**
   * @param file the configuration
   * @param dataDir where the permanent keys lie, unless the configuration says otherwise
   */
  public Doctor(Path file, Path dataDir, Map<String, String> environment, InstantSource clock) {
    this.file = file;
    this.dataDir = dataDir;
    this.environment = Map.copyOf(environment);
    this.clock = clock;
  }

  /**
   * The Kafka and the registry that count.
   *
   * @param kafka client settings with {@code bootstrap.servers}
   */
  public record Surroundings(
      Map<String, String> kafka, TopicsConfig topics, Scale scale, RegistryConfig registry) {}

  /** Where a configuration's Kafka is; null when there is none to ask. */
  @FunctionalInterface
  public interface Locator {
    @Nullable Surroundings of(VestibuleConfig config);
  }

  /**
   * @param findings worst things are not first: they come in the order in which they were looked at
   * @param skipped what could not be looked at, and why
   */
  public record Diagnosis(List<Finding> findings, List<String> skipped) {}

  /** Looks at everything; takes some seconds where something does not answer. */
  public Diagnosis examine(Locator locator) {
    VestibuleConfig config;
    List<Finding> findings;
    try {
      config = ConfigLoader.load(file, dataDir, environment);
      findings =
          new ArrayList<>(
              FileChecks.of(
                  file, ConfigLoader.secretFiles(file, environment), config, clock.instant()));
    } catch (ConfigException e) {
      return new Diagnosis(
          List.of(
              new Finding(
                  "configuration",
                  file.toString(),
                  String.valueOf(e.getMessage()),
                  "mend this setting; nothing else was looked at, and nothing starts with it")),
          List.of());
    }
    findings.addAll(ConfigChecks.of(config));
    Surroundings surroundings = locator.of(config);
    if (surroundings == null) {
      return new Diagnosis(
          List.copyOf(findings),
          List.of(
              "Kafka, topics, clocks and registry: no kafka.bootstrap.servers is configured, and no"
                  + " `up` runs on this data folder"));
    }
    Path identity = config.identity().keyFile();
    if (!Files.isReadable(identity)) {
      findings.add(
          new Finding(
              "unreadable-file",
              identity.toString(),
              "the identity key cannot be read",
              "put a copy of the installation's key there; another key makes every fact new"));
    }
    findings.addAll(
        new ClusterChecks(surroundings.kafka(), surroundings.topics(), surroundings.scale(), clock)
            .ofKafka());
    findings.addAll(ClusterChecks.ofRegistry(surroundings.registry()));
    return new Diagnosis(List.copyOf(findings), List.of());
  }
}
