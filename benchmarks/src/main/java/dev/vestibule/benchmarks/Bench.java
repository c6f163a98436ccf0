package dev.vestibule.benchmarks;

import dev.vestibule.benchmarks.chaos.Chaos;
import dev.vestibule.benchmarks.chaos.ChaosResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * {@code ./vestibule bench NAME}: progress on stderr, one JSON object as the last line on stdout.
 */
public final class Bench {
  private Bench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    int exitCode = 0;
    boolean keep = false;
    Path folder = Files.createTempDirectory("vestibule-bench");
    try {
      switch (args.length == 0 ? "" : args[0]) {
        case "path" ->
            System.out.println(
                new PathBench(number(args, 1, 200), Duration.ofSeconds(number(args, 2, 30)))
                    .run(folder));
        case "chaos" -> {
          keep = true;
          ChaosResult result =
              new Chaos(number(args, 1, 20_000), number(args, 2, 20), seed(), System.err)
                  .run(folder);
          keep = !result.findings().lines().isEmpty();
          System.out.println(result.report());
        }
        default -> {
          System.err.println("usage: vestibule bench path [requests per second] [seconds]");
          System.err.println("       vestibule bench chaos [visits] [rounds]");
          // Halting would leave the folder behind.
          exitCode = 2;
        }
      }
    } finally {
      if (keep) {
        System.err.println("logs and data are in " + folder);
      } else {
        delete(folder);
      }
    }
    System.exit(exitCode);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }

  private static int number(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }

  private static long seed() {
    return Long.getLong("vestibule.seed", System.nanoTime());
  }
}
