package dev.vestibule.standalone.demo;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.warehouse.Answer;
import dev.vestibule.sink.warehouse.WarehouseSink;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;

/** The rooms side by side in one JVM, without what the command line puts around them. */
final class AssembledPipeline implements DemoTarget {
  private final EmbeddedBroker broker;
  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final WarehouseSink warehouse;
  private final IngressApplication ingress;
  private final List<Service> services;

  AssembledPipeline(VestibuleConfig config, Path folder) {
    broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
    try (Admin admin = Admin.create(kafka())) {
      new TopicSetup(config.topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
    }
    Map<String, String> kafka = new HashMap<>(config.kafka());
    kafka.put("bootstrap.servers", broker.bootstrap());
    VestibuleConfig complete =
        new VestibuleConfig(
            config.identity(),
            config.sources(),
            config.sinks(),
            kafka,
            config.registry(),
            config.topics(),
            config.ingress());
    ServiceContext context =
        new ServiceContext(
            complete,
            new IdentityKey(new byte[32]),
            null,
            folder,
            registry,
            new SimpleMeterRegistry(),
            Clock.systemUTC());
    Service normalizer = NormalizerApplication.start(context);
    Service deduper = DeduperApplication.start(context);
    warehouse = WarehouseSink.start(context, complete.sinks().values().iterator().next());
    ingress = IngressApplication.start(context);
    services = List.of(ingress, normalizer, deduper, warehouse);
  }

  boolean ready() {
    return services.stream().allMatch(Service::ready);
  }

  @Override
  public URI ingress() {
    return URI.create("http://127.0.0.1:" + ingress.port());
  }

  @Override
  public Properties kafka() {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", broker.bootstrap());
    return properties;
  }

  @Override
  public SchemaRegistry registry() {
    return registry;
  }

  @Override
  public long warehouseRows() throws IOException {
    return switch (warehouse.query().ask("SELECT count(*) FROM visitor_event")) {
      case Answer.Rows rows -> ((Number) rows.rows().getFirst().getFirst()).longValue();
      case Answer.Refused refused -> throw new IOException(refused.message());
    };
  }

  @Override
  public void close() {
    services.forEach(Service::close);
    broker.close();
  }
}
