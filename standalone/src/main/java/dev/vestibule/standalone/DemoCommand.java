package dev.vestibule.standalone;

import dev.vestibule.standalone.demo.DemoRun;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description =
        "Starts everything in a temporary folder, plays a day of signed webhooks, shows what arrived"
            + " where; exit code 0 only if the outcome is right.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Plays the same day again; default: another day each time.")
  private @Nullable Long seed;

  @Option(names = "--keep", description = "Keeps the temporary folder and says where it is.")
  private boolean keep;

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("vestibule-demo");
    Logging.toFile(folder.resolve("logs"));
    PrintWriter out = spec.commandLine().getOut();
    long chosen = seed == null ? new SecureRandom().nextInt(1_000_000) : seed;
    boolean right = false;
    try {
      right = new DemoRun(folder, out, isTerminal()).run(new Random(chosen));
    } finally {
      leave(folder, right, chosen);
    }
    return right ? 0 : Vestibule.FAILED;
  }

  private void leave(Path folder, boolean right, long chosen) throws IOException {
    if (right && !keep) {
      DemoRun.remove(folder);
    } else {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "vestibule: seed " + chosen + ", configuration, data, log and Slack's page in " + folder);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // It is null where -Djdk.console=java.base is set.
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
