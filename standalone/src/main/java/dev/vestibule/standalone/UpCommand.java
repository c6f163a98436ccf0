package dev.vestibule.standalone;

import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.VestibuleConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "up",
    description = "Starts everything in this process, with its own broker and registry.")
final class UpCommand implements Callable<Integer> {
  private static final int KAFKA_PORT = 9092;
  private static final int REGISTRY_PORT = 8081;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "F",
      description = "Default: vestibule.yml in the data folder, written at the first start.")
  private @Nullable Path configFile;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Public port; 0 = any free one. Default: the configuration's, else 8080.")
  private @Nullable Integer port;

  @Option(
      names = "--admin-port",
      paramLabel = "P",
      description = "Health, metrics and queries. Default: the configuration's, else 8090.")
  private @Nullable Integer adminPort;

  @Option(names = "--kafka-port", paramLabel = "P", description = "Broker; default 9092.")
  private int kafkaPort = KAFKA_PORT;

  @Option(names = "--registry-port", paramLabel = "P", description = "Registry; default 8081.")
  private int registryPort = REGISTRY_PORT;

  @Option(
      names = "--data-dir",
      paramLabel = "D",
      description = "Everything that is kept; default: $VESTIBULE_DATA, else ./data.")
  private @Nullable Path dataDir;

  @Override
  public Integer call() throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    DataFolder folder = DataFolder.lock(dataDir == null ? DataFolder.byDefault() : dataDir);
    Installation installation;
    try {
      Path file = configFile(folder, err);
      VestibuleConfig config = ConfigOption.load(file, folder.path());
      Logging.toFile(folder.path().resolve("logs"));
      installation =
          Installation.start(
              config,
              () -> ConfigOption.load(file, folder.path()),
              folder,
              ports(config.ingress()));
    } catch (IOException | RuntimeException e) {
      folder.close();
      throw e;
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "ready ingress=%s admin=%s kafka=%s registry=%s data=%s%n",
        installation.ingressUrl(),
        installation.adminUrl(),
        installation.bootstrap(),
        installation.registryUrl(),
        installation.dataDir());
    out.flush();
    return Termination.await(installation, installation::dead, err);
  }

  private Path configFile(DataFolder folder, PrintWriter err) throws IOException {
    if (configFile != null) {
      return configFile;
    }
    Path file = folder.path().resolve(StarterConfig.FILE);
    if (StarterConfig.create(file, new SecureRandom())) {
      err.println("vestibule: wrote " + file + " with a source of every vendor and new secrets");
    }
    return file;
  }

  private Ports ports(IngressConfig config) {
    return new Ports(
        port == null ? config.port() : port,
        adminPort == null ? config.adminPort() : adminPort,
        kafkaPort,
        registryPort);
  }
}
