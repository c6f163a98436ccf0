package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.UpProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One command of the command line, run to its end in a JVM of its own. */
final class Command {
  private Command() {}

  /** Runs it in a folder and gives what it printed; it must end with exit code 0. */
  static String run(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(UpProcess.launcher());
    command.addAll(List.of(arguments));
    Path errors = folder.resolve("command.log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectError(errors.toFile())
            .start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return printed;
  }
}
