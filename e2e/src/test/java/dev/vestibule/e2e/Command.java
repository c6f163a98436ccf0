package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.UpProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One command of the command line, run to its end in a JVM of its own. */
final class Command {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private Command() {}

  /** Runs it in a folder and gives what it printed; it must end with exit code 0. */
  static String run(Path folder, String... arguments) throws IOException, InterruptedException {
    return runTo(0, folder, arguments);
  }

  /** The same for a command that must end with this exit code. */
  static String runTo(int exitCode, Path folder, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(UpProcess.launcher());
    command.addAll(List.of(arguments));
    Path errors = folder.resolve("command.log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(errors.toFile())
            .start();
    process
        .onExit()
        .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(hanging -> {
          process.destroyForcibly();
          return process;
        });
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isEqualTo(exitCode);
    return printed;
  }
}
