package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.service.ServiceMeters;
import dev.vestibule.sink.access.AccessSinks;
import dev.vestibule.standalone.board.BoardRoute;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.receipts.ReceiptsRoute;
import dev.vestibule.standalone.receipts.Tracer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs one service alone, against the Kafka and the registry that the configuration names. */
@Command
final class ServiceCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServiceCommand.class);
  private static final int CHECK_WITHIN_MS = 15_000;

  /** People stand at the doors: the ingress does not wait for Kafka. */
  private static final int INGRESS_CHECKS_WITHIN_MS = 2_000;

  private final ServiceKind kind;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "F",
      required = true,
      description = "The installation's configuration file.")
  private Path configFile = Path.of("");

  @Option(
      names = "--data-dir",
      paramLabel = "D",
      description = "Local state and keys; default: $VESTIBULE_DATA, else ./data.")
  private @Nullable Path dataDir;

  @Option(
      names = "--admin-port",
      paramLabel = "P",
      description =
          "Health and metrics; 0 = any free one. Default: the configuration's (8090) plus 0 for"
              + " ingress, 1 normalizer, 2 deduper, 3 sink-warehouse, 4 sink-access-control, 5"
              + " sink-slack.")
  private @Nullable Integer adminPort;

  ServiceCommand(ServiceKind kind) {
    this.kind = kind;
  }

  @Override
  public Integer call() {
    Path folder = (dataDir == null ? DataFolder.byDefault() : dataDir).toAbsolutePath().normalize();
    VestibuleConfig config = ConfigOption.load(configFile, folder);
    if (!config.kafka().containsKey("bootstrap.servers")) {
      throw new ConfigException(
          "vestibule.kafka.bootstrap.servers", "is missing; expected host:port of a broker");
    }
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    try {
      Service service = start(config, folder, parts);
      return Termination.await(
          () -> Closing.all(parts),
          () -> service.live() ? List.of() : List.of(service.name()),
          spec.commandLine().getErr());
    } catch (RuntimeException e) {
      Closing.all(parts);
      throw e;
    }
  }

  private Service start(VestibuleConfig config, Path folder, Deque<AutoCloseable> parts) {
    parts.push(DataFolder.lock(folder.resolve(kind.command())));
    IdentityKey identity = IdentityKeys.open(config.identity().keyFile(), folder, IfAbsent.REFUSE);
    PrometheusMeterRegistry meters = ServiceMeters.create();
    parts.push(meters::close);
    IngressConfig ingress = config.ingress();
    AdminAccess access = AdminAccess.fromEnvironment();
    AdminServer admin = access.open(ingress, adminPort(ingress.adminPort()), meters);
    parts.push(admin);
    checkTopics(config);
    HttpSchemaRegistry registry = HttpSchemaRegistry.of(config.registry());
    parts.push(registry);
    Service service =
        kind.start(
            new ServiceContext(
                config,
                identity,
                IdentityKeys.credentialKey(config.identity(), IfAbsent.REFUSE).orElse(null),
                folder,
                registry,
                meters,
                InstantSource.system(),
                () -> ConfigOption.load(configFile, folder)));
    parts.push(service);
    admin.add(service);
    if (service instanceof AccessSinks doors) {
      doors.open(admin, access::admits);
    }
    Tracer tracer =
        new Tracer(
            config,
            ServiceKind.sinks(config),
            () -> spools(service),
            registry,
            InstantSource.system());
    ReceiptsRoute.open(admin, tracer);
    BoardRoute.open(admin, meters, tracer, InstantSource.system());
    admin.complete();
    started(config, service, admin);
    return service;
  }

  private static List<SpoolStatus> spools(Service service) {
    return service instanceof IngressApplication ingress ? ingress.spools() : List.of();
  }

  private void started(VestibuleConfig config, Service service, AdminServer admin) {
    String open =
        service instanceof IngressApplication ingress
            ? " ingress=" + Urls.ingress(config.ingress(), ingress.port())
            : "";
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "started "
            + service.name()
            + open
            + " admin="
            + Urls.http(config.ingress().adminHost(), admin.port()));
    out.flush();
  }

  private int adminPort(int configured) {
    if (adminPort != null) {
      return adminPort;
    }
    return configured == 0 ? 0 : configured + kind.adminPortOffset();
  }

  /** The ingress must take webhooks, or refuse them politely, also while Kafka is away. */
  private void checkTopics(VestibuleConfig config) {
    Map<String, Object> settings = new HashMap<>(config.kafka());
    settings.keySet().retainAll(AdminClientConfig.configNames());
    int within = kind == ServiceKind.INGRESS ? INGRESS_CHECKS_WITHIN_MS : CHECK_WITHIN_MS;
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, within);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, within);
    try (Admin client = Admin.create(settings)) {
      new TopicSetup(config.topics(), Scale.PRODUCTION).apply(client);
    } catch (KafkaException e) {
      if (kind == ServiceKind.INGRESS) {
        LOG.atWarn()
            .addKeyValue("error", e.getClass().getSimpleName())
            .log("topics could not be checked; starting all the same");
        return;
      }
      throw new Failure(
          "Kafka at "
              + config.kafka().get("bootstrap.servers")
              + " cannot be used: "
              + e.getMessage(),
          e);
    }
  }
}
