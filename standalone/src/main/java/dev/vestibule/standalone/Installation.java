package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.RegistryConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.service.ServiceMeters;
import dev.vestibule.sink.warehouse.Query;
import dev.vestibule.standalone.board.BoardRoute;
import dev.vestibule.standalone.receipts.ReceiptsRoute;
import dev.vestibule.standalone.receipts.Tracer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole pipeline in this process, on an embedded broker and registry: for trying out, for small
 * sites, and for tests. Everything that must outlive it lies in its data folder, which opens again
 * after a clean stop, after {@code kill -9}, and on other ports.
 */
public final class Installation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Installation.class);
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  private final Path dataDir;
  private final VestibuleConfig config;
  private final Pipeline pipeline;
  private final RunFile addresses;
  private final Deque<AutoCloseable> parts;

  private Installation(
      Path dataDir,
      VestibuleConfig config,
      Pipeline pipeline,
      RunFile addresses,
      Deque<AutoCloseable> parts) {
    this.dataDir = dataDir;
    this.config = config;
    this.pipeline = pipeline;
    this.addresses = addresses;
    this.parts = parts;
  }

  /**
   * Starts everything and returns when it takes traffic.
   *
   * @param config sources, sinks and topics; its addresses of Kafka and registry do not count here
   * @param dataDir created when absent; may belong to one installation at a time
   * @throws Failure when the folder is in use, a port is taken, or a part does not come up
   * @throws ConfigException when the configuration cannot work
   */
  public static Installation start(VestibuleConfig config, Path dataDir, Ports ports) {
    return start(config, () -> config, DataFolder.lock(dataDir), ports);
  }

  /**
   * The same in a folder that is already ours; the installation gives it back when it closes.
   *
   * @param reload reads the configuration again
   */
  static Installation start(
      VestibuleConfig config, Supplier<VestibuleConfig> reload, DataFolder folder, Ports ports) {
    Deque<AutoCloseable> parts = new ArrayDeque<>();
    parts.push(folder);
    try {
      return start(config, reload, folder.path(), ports, parts);
    } catch (RuntimeException e) {
      Closing.all(parts);
      throw e;
    }
  }

  private static Installation start(
      VestibuleConfig config,
      Supplier<VestibuleConfig> reload,
      Path dataDir,
      Ports ports,
      Deque<AutoCloseable> parts) {
    if (config.sources().isEmpty()) {
      throw new ConfigException("vestibule.sources", "is empty; expected at least one source");
    }
    IdentityKey identity = IdentityKeys.open(config.identity().keyFile(), dataDir, IfAbsent.CREATE);
    @Nullable IdentityKey credentials =
        IdentityKeys.credentialKey(config.identity(), IfAbsent.CREATE).orElse(null);
    IngressConfig ingress = config.ingress();
    ports.check(ingress.host(), ingress.adminHost());

    long begin = System.nanoTime();
    PrometheusMeterRegistry meters = ServiceMeters.create();
    parts.push(meters::close);
    AdminAccess access = AdminAccess.fromEnvironment();
    AdminServer admin = access.open(ingress, ports.admin(), meters);
    parts.push(admin);
    EmbeddedPlatform platform =
        EmbeddedPlatform.start(dataDir.resolve("kafka"), config.topics(), ports);
    parts.push(platform);
    reached("broker, topics and registry are up", begin);
    HttpSchemaRegistry registry = new HttpSchemaRegistry(platform.registryUrl(), null);
    parts.push(registry);

    VestibuleConfig effective = on(platform, config, ports);
    Pipeline pipeline =
        Pipeline.start(
            new ServiceContext(
                effective,
                identity,
                credentials,
                dataDir,
                registry,
                meters,
                InstantSource.system(),
                reload));
    parts.push(pipeline);
    pipeline.services().forEach(admin::add);
    SqlRoute.open(admin, pipeline.query(), access);
    pipeline.doors().open(admin, access::admits);
    Tracer tracer =
        new Tracer(
            effective,
            pipeline.sinks(effective),
            pipeline.ingress()::spools,
            registry,
            InstantSource.system());
    ReceiptsRoute.open(admin, tracer);
    BoardRoute.open(admin, meters, tracer, InstantSource.system());
    admin.complete();
    reached("services are started", begin);
    pipeline.awaitReady(READY_WITHIN);
    reached("everything is ready", begin);

    RunFile addresses =
        RunFile.ofThisProcess(
            Urls.ingress(ingress, pipeline.ingress().port()),
            Urls.http(ingress.adminHost(), admin.port()),
            platform.bootstrap(),
            platform.registryUrl(),
            access.token().reveal());
    leave(addresses, dataDir);
    parts.push(() -> RunFile.delete(dataDir));
    return new Installation(dataDir, effective, pipeline, addresses, parts);
  }

  private static void reached(String stage, long begin) {
    Duration time = Duration.ofNanos(System.nanoTime() - begin);
    LOG.atInfo().addKeyValue("ms", time.toMillis()).log(stage);
  }

  /** The configuration with the addresses that came about. */
  private static VestibuleConfig on(
      EmbeddedPlatform platform, VestibuleConfig config, Ports ports) {
    IngressConfig ingress = config.ingress();
    return new VestibuleConfig(
        config.identity(),
        config.sources(),
        config.sinks(),
        kafka(platform, config),
        new RegistryConfig(platform.registryUrl(), null, null),
        EmbeddedPlatform.singleReplica(config.topics()),
        new IngressConfig(
            ingress.host(),
            ports.ingress(),
            ingress.adminHost(),
            ports.admin(),
            ingress.maxPendingBytes(),
            ingress.connections(),
            ingress.tls()),
        config.spool(),
        config.watchlist());
  }

  /**
   * Tuning is kept; how to reach and to trust another cluster means nothing to the embedded one.
   */
  private static Map<String, String> kafka(EmbeddedPlatform platform, VestibuleConfig config) {
    Map<String, String> kafka = new HashMap<>(config.kafka());
    boolean foreign =
        kafka
            .keySet()
            .removeIf(key ->
                key.equals("bootstrap.servers")
                    || key.startsWith("security.")
                    || key.startsWith("sasl.")
                    || key.startsWith("ssl."));
    if (foreign || config.registry().url() != null) {
      LOG.warn("the configured Kafka and registry are not used: this installation has its own");
    }
    kafka.put("bootstrap.servers", platform.bootstrap());
    return kafka;
  }

  private static void leave(RunFile addresses, Path dataDir) {
    try {
      addresses.write(dataDir);
    } catch (IOException e) {
      throw new Failure("data folder " + dataDir + " cannot be written: " + e.getMessage(), e);
    }
  }

  /** Base URL of the public port. */
  public String ingressUrl() {
    return addresses.ingress();
  }

  /** Base URL of the admin port. */
  public String adminUrl() {
    return addresses.admin();
  }

  /** {@code host:port} of the broker. */
  public String bootstrap() {
    return addresses.kafka();
  }

  /** Base URL of the schema registry. */
  public String registryUrl() {
    return addresses.registry();
  }

  /** Absolute path of the data folder. */
  public Path dataDir() {
    return dataDir;
  }

  /** The configuration as the services see it, with real addresses. */
  public VestibuleConfig config() {
    return config;
  }

  /** Questions to the warehouse. */
  public Query query() {
    return pipeline.query();
  }

  /** Names of services that have given up; empty as long as all is well. */
  List<String> dead() {
    return pipeline.dead();
  }

  /** Stops in the order of the flow, so that what was accepted comes as far as it can. */
  @Override
  public void close() {
    Closing.all(parts);
  }
}
