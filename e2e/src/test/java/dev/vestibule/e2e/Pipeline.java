package dev.vestibule.e2e;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.warehouse.WarehouseSink;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;

/** Every service beside each other on a Kafka that somebody else runs. */
final class Pipeline implements AutoCloseable {
  private final EmbeddedRegistry registry;
  private final HttpSchemaRegistry schemas;
  private final ServiceContext context;
  private final SinkConfig warehouseConfig =
      new SinkConfig("warehouse", "warehouse", EnumSet.allOf(Sensitivity.class), Map.of());
  private IngressApplication ingress;
  private NormalizerApplication normalizer;
  private DeduperApplication deduper;
  private WarehouseSink warehouse;

  private Pipeline(EmbeddedRegistry registry, HttpSchemaRegistry schemas, ServiceContext context) {
    this.registry = registry;
    this.schemas = schemas;
    this.context = context;
    this.ingress = IngressApplication.start(context);
    this.normalizer = NormalizerApplication.start(context);
    this.deduper = DeduperApplication.start(context);
    this.warehouse = WarehouseSink.start(context, warehouseConfig);
  }

  static Pipeline start(String bootstrap, Path folder) throws IOException {
    return start(bootstrap, folder, "", InstantSource.system());
  }

  /**
   * @param source one source more, as a line of configuration
   */
  static Pipeline start(String bootstrap, Path folder, String source, InstantSource clock)
      throws IOException {
    Path file = folder.resolve("vestibule.yml");
    Files.writeString(
        file,
        """
        vestibule:
          sources:
            hq-envoy:  { vendor: envoy, secrets: ["envoy-secret"] }
            lobby-sia: { vendor: sign-in-app, secrets: ["sia-secret"] }
            berlin:    { vendor: essentry, auth: { scheme: static-header, header: Authorization, value: "Bearer berlin" } }
            hq-kyber:  { vendor: kyberaccess, secrets: ["kyber-secret"], account: hq }
            clinics:   { vendor: curacel, secrets: ["curacel-secret"] }
            partner:   { vendor: standard-webhooks, secrets: ["whsec_cGFydG5lci1zZWNyZXQ="] }
            %s
          kafka: { bootstrap.servers: "%s" }
          topics: { replication: 1 }
          ingress: { host: 127.0.0.1, port: 0 }
        """
            .formatted(source, bootstrap));
    Path data = Files.createDirectories(folder.resolve("data"));
    VestibuleConfig config = ConfigLoader.load(file, data, Map.of());
    Map<String, Object> kafka = Map.of("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(kafka)) {
      new TopicSetup(config.topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
    }
    EmbeddedRegistry registry = EmbeddedRegistry.start(kafka, "127.0.0.1", 0);
    HttpSchemaRegistry schemas = new HttpSchemaRegistry(registry.url(), null);
    MeterRegistry meters = new SimpleMeterRegistry();
    Pipeline pipeline =
        new Pipeline(
            registry,
            schemas,
            new ServiceContext(
                config,
                IdentityKeys.open(config.identity().keyFile(), data, IfAbsent.CREATE),
                null,
                data,
                schemas,
                meters,
                clock));
    pipeline.awaitReady();
    return pipeline;
  }

  /** Stops the stateful and stateless halves and the sink, and starts them anew. */
  void restartBehindTheIngress() {
    normalizer.close();
    deduper.close();
    warehouse.close();
    deduper = DeduperApplication.start(context);
    normalizer = NormalizerApplication.start(context);
    warehouse = WarehouseSink.start(context, warehouseConfig);
    awaitReady();
  }

  void stopNormalizer() {
    normalizer.close();
  }

  void startNormalizer() {
    normalizer = NormalizerApplication.start(context);
    awaitReady();
  }

  URI ingress() {
    return URI.create("http://127.0.0.1:" + ingress.port());
  }

  SourceConfig source(String name) {
    return Objects.requireNonNull(context.config().sources().get(name), name);
  }

  WarehouseSink warehouse() {
    return warehouse;
  }

  List<SpoolStatus> spools() {
    return ingress.spools();
  }

  VestibuleConfig config() {
    return context.config();
  }

  SinkConfig warehouseConfig() {
    return warehouseConfig;
  }

  String registryUrl() {
    return registry.url();
  }

  HttpSchemaRegistry schemas() {
    return schemas;
  }

  MeterRegistry meters() {
    return context.meters();
  }

  private void awaitReady() {
    for (Service service : new Service[] {ingress, normalizer, deduper, warehouse}) {
      Awaitility.await(service.name()).atMost(Duration.ofSeconds(60)).until(service::ready);
    }
  }

  @Override
  public void close() {
    ingress.close();
    normalizer.close();
    deduper.close();
    warehouse.close();
    schemas.close();
    registry.close();
  }
}
