package dev.vestibule.standalone;

import dev.vestibule.config.TopicsConfig;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;

/** What an installation in one process brings along: broker, topics and schema registry. */
final class EmbeddedPlatform implements AutoCloseable {
  private final EmbeddedBroker broker;
  private final EmbeddedRegistry registry;

  private EmbeddedPlatform(EmbeddedBroker broker, EmbeddedRegistry registry) {
    this.broker = broker;
    this.registry = registry;
  }

  /**
   * @param folder where the broker keeps its log
   * @param topics prefix, counts and retention; of one broker there is one replica
   */
  static EmbeddedPlatform start(Path folder, TopicsConfig topics, Ports ports) {
    EmbeddedBroker broker = EmbeddedBroker.start(folder, ports.kafka());
    Map<String, Object> kafka = Map.of("bootstrap.servers", broker.bootstrap());
    try (Admin admin = Admin.create(kafka);
        ExecutorService side = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> setUp =
          side.submit(() -> new TopicSetup(singleReplica(topics), Scale.EMBEDDED).apply(admin));
      EmbeddedRegistry registry = EmbeddedRegistry.start(kafka, Ports.LOOPBACK, ports.registry());
      EmbeddedPlatform platform = new EmbeddedPlatform(broker, registry);
      try {
        Futures.await(setUp);
        return platform;
      } catch (RuntimeException e) {
        registry.close();
        throw e;
      }
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  static TopicsConfig singleReplica(TopicsConfig topics) {
    return new TopicsConfig(
        topics.prefix(), (short) 1, topics.partitions(), topics.retention(), topics.ofSinks());
  }

  /** {@code host:port} of the broker. */
  String bootstrap() {
    return broker.bootstrap();
  }

  /** Base URL. */
  String registryUrl() {
    return registry.url();
  }

  @Override
  public void close() {
    registry.close();
    broker.close();
  }
}
