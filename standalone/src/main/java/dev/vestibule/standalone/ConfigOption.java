package dev.vestibule.standalone;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads what {@code --config} names. */
final class ConfigOption {
  private ConfigOption() {}

  /**
   * @throws ConfigException when the file is missing or anything in it is not understood
   */
  static VestibuleConfig load(Path file, Path dataDir) {
    if (!Files.isRegularFile(file)) {
      throw new ConfigException("--config", "'" + file + "' is no file; expected a YAML file");
    }
    return ConfigLoader.load(file, dataDir.toAbsolutePath().normalize(), System.getenv());
  }
}
