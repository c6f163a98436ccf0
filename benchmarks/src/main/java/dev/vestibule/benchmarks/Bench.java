package dev.vestibule.benchmarks;

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

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("vestibule-bench");
    try {
      System.out.println(report(args, folder));
    } finally {
      delete(folder);
    }
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }

  private static Report report(String[] args, Path folder) throws Exception {
    return switch (args.length == 0 ? "" : args[0]) {
      case "path" ->
          new PathBench(argument(args, 1, 200), Duration.ofSeconds(argument(args, 2, 30)))
              .run(folder);
      case "dedupe" ->
          new DedupeBench(argument(args, 1, 1_000_000), argument(args, 2, 2)).run(folder);
      default -> {
        System.err.println(
            """
            usage: vestibule bench path [requests per second] [seconds]
                   vestibule bench dedupe [records] [rounds]\
            """);
        System.exit(2);
        throw new IllegalStateException("unreachable");
      }
    };
  }

  private static int argument(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }
}
