package dev.vestibule.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code ./vestibule bench NAME}: progress on stderr, one JSON object as the last line on stdout.
 */
public final class Bench {
  private Bench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length < 1 || !List.of("path", "commit").contains(args[0])) {
      System.err.println("usage: vestibule bench path|commit [requests per second] [seconds]");
      System.exit(2);
    }
    int rate = args.length > 1 ? Integer.parseInt(args[1]) : 500;
    Duration length = Duration.ofSeconds(args.length > 2 ? Long.parseLong(args[2]) : 30);
    Path folder = Files.createTempDirectory("vestibule-bench");
    try {
      System.out.println(
          switch (args[0]) {
            case "commit" -> new CommitBench(rate, length).run(folder);
            default -> new PathBench(rate, length).run(folder);
          });
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }
}
