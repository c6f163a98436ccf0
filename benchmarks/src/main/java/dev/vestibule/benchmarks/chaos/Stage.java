package dev.vestibule.benchmarks.chaos;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** A broker and a registry that outlive the sink that is killed. */
final class Stage implements AutoCloseable {
  private final Path folder;
  private final EmbeddedBroker broker;
  private final EmbeddedRegistry registry;

  private Stage(Path folder, EmbeddedBroker broker, EmbeddedRegistry registry) {
    this.folder = folder;
    this.broker = broker;
    this.registry = registry;
  }

  static Stage open(Path folder) throws IOException {
    EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
    return new Stage(
        folder,
        broker,
        EmbeddedRegistry.start(Map.of("bootstrap.servers", broker.bootstrap()), "127.0.0.1", 0));
  }

  String bootstrap() {
    return broker.bootstrap();
  }

  String registryUrl() {
    return registry.url();
  }

  /** Creates the topics of an installation. */
  void topics(Path config) throws IOException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap()))) {
      new TopicSetup(
              ConfigLoader.load(config, folder, Map.of()).topics(), TopicSetup.Scale.EMBEDDED)
          .apply(admin);
    }
  }

  @Override
  public void close() {
    registry.close();
    broker.close();
  }
}
