package dev.vestibule.e2e.registry;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract against a real Apicurio Registry. */
class ApicurioRegistryTest extends RegistryContract {
  @TempDir static Path folder;

  private @Nullable ApicurioRegistry registry;

  @Override
  String start() {
    registry = ApicurioRegistry.start(folder);
    return registry.url();
  }

  @AfterAll
  void stop() {
    if (registry != null) {
      registry.close();
    }
  }
}
