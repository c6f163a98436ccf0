package dev.vestibule.e2e.registry;

import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract against the registry that `up` embeds. */
class EmbeddedRegistryTest extends RegistryContract {
  @TempDir static Path folder;

  private @Nullable EmbeddedBroker broker;
  private @Nullable EmbeddedRegistry registry;

  @Override
  String start() {
    broker = EmbeddedBroker.start(folder, 0);
    registry =
        EmbeddedRegistry.start(Map.of("bootstrap.servers", broker.bootstrap()), "127.0.0.1", 0);
    return registry.url();
  }

  @AfterAll
  void stop() {
    if (registry != null) {
      registry.close();
    }
    if (broker != null) {
      broker.close();
    }
  }
}
