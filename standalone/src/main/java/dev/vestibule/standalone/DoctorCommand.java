package dev.vestibule.standalone;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.doctor.Doctor;
import dev.vestibule.standalone.doctor.Doctor.Diagnosis;
import dev.vestibule.standalone.doctor.Doctor.Surroundings;
import dev.vestibule.standalone.doctor.Finding;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "doctor",
    description =
        "Looks an installation over: configuration, secrets, files, TLS, Kafka, topics, clocks,"
            + " registry. Exit code 0 when all is well, 1 with findings.")
final class DoctorCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "F",
      description = "The installation's configuration; default: vestibule.yml in the data folder.")
  private @Nullable Path configFile;

  @Option(
      names = "--data-dir",
      paramLabel = "D",
      description = "Local state and keys; default: $VESTIBULE_DATA, else ./data.")
  private @Nullable Path dataDir;

  @Option(names = "--json", description = "One JSON object instead of text.")
  private boolean json;

  @Override
  public Integer call() {
    Logging.off();
    Path folder = (dataDir == null ? DataFolder.byDefault() : dataDir).toAbsolutePath().normalize();
    Path file = configFile == null ? folder.resolve(StarterConfig.FILE) : configFile;
    if (!Files.isRegularFile(file)) {
      throw new ConfigException("--config", "'" + file + "' is no file; expected a YAML file");
    }
    Diagnosis diagnosis =
        new Doctor(file, folder, System.getenv(), InstantSource.system())
            .examine(config -> surroundings(config, folder));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(json(diagnosis));
    } else {
      print(diagnosis, out);
    }
    out.flush();
    return diagnosis.findings().isEmpty() ? 0 : Vestibule.FAILED;
  }

  /** The configured Kafka; without one the broker of an {@code up} that runs on the folder. */
  private @Nullable Surroundings surroundings(VestibuleConfig config, Path folder) {
    Optional<RunFile> running = RunFile.find(folder);
    boolean own = config.kafka().containsKey("bootstrap.servers");
    if (own && (running.isEmpty() || dataDir == null)) {
      return new Surroundings(config.kafka(), config.topics(), Scale.PRODUCTION, config.registry());
    }
    return running
        .map(up -> {
          Map<String, String> kafka = new HashMap<>();
          kafka.put("bootstrap.servers", up.kafka());
          return new Surroundings(
              kafka,
              EmbeddedPlatform.singleReplica(config.topics()),
              Scale.EMBEDDED,
              new RegistryConfig(up.registry(), null, null));
        })
        .orElse(null);
  }

  private static void print(Diagnosis diagnosis, PrintWriter out) {
    int check = width(diagnosis, "CHECK", true);
    int where = width(diagnosis, "WHERE", false);
    if (!diagnosis.findings().isEmpty()) {
      String row = "%-" + check + "s  %-" + where + "s  %s%n";
      out.printf(row, "CHECK", "WHERE", "WHAT, AND WHAT TO DO");
      for (Finding finding : diagnosis.findings()) {
        out.printf(row, finding.check(), finding.where(), finding.what());
        out.printf(row, "", "", "-> " + finding.remedy());
      }
    }
    diagnosis.skipped().forEach(skipped -> out.println("not looked at: " + skipped));
    int count = diagnosis.findings().size();
    out.println(
        switch (count) {
          case 0 -> "all is well";
          case 1 -> "1 finding";
          default -> count + " findings";
        });
  }

  private static int width(Diagnosis diagnosis, String title, boolean check) {
    return diagnosis.findings().stream()
        .mapToInt(finding -> (check ? finding.check() : finding.where()).length())
        .reduce(title.length(), Math::max);
  }

  private static String json(Diagnosis diagnosis) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("ok", diagnosis.findings().isEmpty());
    object.put("findings", diagnosis.findings());
    object.put("skipped", diagnosis.skipped());
    try {
      return JSON.writeValueAsString(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always JSON", e);
    }
  }
}
