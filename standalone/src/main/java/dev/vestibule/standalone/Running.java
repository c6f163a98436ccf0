package dev.vestibule.standalone;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the {@code up} that a command means. */
final class Running {
  private Running() {}

  /** The {@code up} that runs on the given data folder, or on the default one. */
  static Optional<RunFile> find(@Nullable String dataDir) {
    return RunFile.find(dataDir == null ? DataFolder.byDefault() : Path.of(dataDir));
  }
}
