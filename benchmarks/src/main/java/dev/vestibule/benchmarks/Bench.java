package dev.vestibule.benchmarks;

import dev.vestibule.benchmarks.chaos.Chaos;
import dev.vestibule.benchmarks.chaos.ChaosResult;
import dev.vestibule.benchmarks.chaos.DoorKills;
import dev.vestibule.benchmarks.chaos.SlackKills;
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
  private static final String USAGE =
      """
      usage: vestibule bench path [requests per second] [seconds] [seconds of warm-up]
             vestibule bench commit [requests per second] [seconds] [seconds of warm-up]
             vestibule bench dedupe [records] [rounds]
             vestibule bench chaos [visits] [rounds]
             vestibule bench spool [rounds] [seconds]
             vestibule bench forge [requests]
             vestibule bench overload [requests per second] [seconds]
             vestibule bench ingress [rounds] [seconds]
             vestibule bench decide [requests per second] [seconds] [seconds of warm-up] [entries]
             vestibule bench doors [schedules]
             vestibule bench door-kills [rounds] [visits per second]
             vestibule bench slack [names]
             vestibule bench slack-kills [rounds] [milliseconds from visitor to visitor]
             vestibule bench lanes [rounds] [seconds] [events]
             vestibule bench start [rounds]\
      """;

  private Bench() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("vestibule-bench");
    boolean keep = false;
    int exitCode = 0;
    try {
      switch (args.length == 0 ? "" : args[0]) {
        case "path" ->
            System.out.println(
                new PathBench(
                        number(args, 1, 500),
                        Duration.ofSeconds(number(args, 2, 30)),
                        Duration.ofSeconds(number(args, 3, 120)))
                    .run(folder));
        case "commit" ->
            System.out.println(
                new CommitBench(
                        number(args, 1, 500),
                        Duration.ofSeconds(number(args, 2, 30)),
                        Duration.ofSeconds(number(args, 3, 60)))
                    .run(folder));
        case "dedupe" ->
            System.out.println(
                new DedupeBench(number(args, 1, 1_000_000), number(args, 2, 2)).run(folder));
        case "door-kills" -> System.out.println(doorKills(args, folder));
        case "slack" ->
            System.out.println(new SlackBench(number(args, 1, 1_000_000), seed()).run());
        case "slack-kills" -> System.out.println(slackKills(args, folder));
        case "spool" ->
            System.out.println(
                new SpoolBench(number(args, 1, 5), Duration.ofSeconds(number(args, 2, 5)))
                    .run(folder));
        case "forge" ->
            System.out.println(new ForgeBench(number(args, 1, 10_000_000), seed()).run(folder));
        case "overload" ->
            System.out.println(
                new OverloadBench(number(args, 1, 1000), Duration.ofSeconds(number(args, 2, 60)))
                    .run(folder)
                    .report());
        case "ingress" ->
            System.out.println(
                new IngressBench(number(args, 1, 5), Duration.ofSeconds(number(args, 2, 5)))
                    .run(folder));
        case "decide" ->
            System.out.println(
                new DecideBench(
                        number(args, 1, 1000),
                        Duration.ofSeconds(number(args, 2, 30)),
                        Duration.ofSeconds(number(args, 3, 90)),
                        number(args, 4, 1_000_000))
                    .run(folder));
        case "doors" ->
            System.out.println(new DoorsBench(number(args, 1, 1_000_000), seed()).run());
        case "lanes" ->
            System.out.println(
                new LanesBench(
                        number(args, 1, 5),
                        Duration.ofSeconds(number(args, 2, 20)),
                        number(args, 3, 300_000))
                    .run(folder));
        case "start" -> System.out.println(new StartBench(number(args, 1, 5)).run(folder));
        case "chaos" -> {
          keep = true;
          ChaosResult result =
              new Chaos(number(args, 1, 20_000), number(args, 2, 20), seed(), System.err)
                  .run(folder);
          keep = !result.findings().lines().isEmpty();
          System.out.println(result.report());
        }
        default -> {
          System.err.println(USAGE);
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
    // Halting earlier would leave the folder behind.
    System.exit(exitCode);
  }

  private static Report doorKills(String[] args, Path folder)
      throws IOException, InterruptedException {
    DoorKills.Result result =
        new DoorKills(
                number(args, 1, 20),
                number(args, 2, 100),
                seed(),
                line -> System.err.println("bench door-kills: " + line))
            .run(folder);
    Report report = new Report("door-kills");
    report.goal("lost", (double) result.lost(), 0, false);
    report.goal("left-behind", (double) result.leftBehind(), 0, false);
    report.figure("kills", result.kills());
    report.figure("visits", result.visits());
    report.figure("signed-out", result.left());
    report.figure("calls", result.calls());
    report.figure("failed-calls", result.failures());
    report.figure("settled-after-seconds", result.settle().toMillis() / 1000.0);
    return report;
  }

  private static Report slackKills(String[] args, Path folder)
      throws IOException, InterruptedException {
    SlackKills.Result result =
        new SlackKills(
                number(args, 1, 20),
                Duration.ofMillis(number(args, 2, 1_500)),
                seed(),
                line -> System.err.println("bench slack-kills: " + line))
            .run(folder);
    Report report = new Report("slack-kills");
    report.goal("lost", (double) result.lost(), 0, false);
    report.goal("twice", (double) result.twice(), 0, false);
    report.goal("reviews-lost", (double) result.reviewsLost(), 0, false);
    report.goal("reviews-twice", (double) result.reviewsTwice(), 0, false);
    report.figure("kills", result.kills());
    report.figure("kills-while-posting", result.aimed());
    report.figure("visits", result.visits());
    report.figure("reviews", result.reviews());
    report.figure("calls", result.calls());
    report.figure("failed-calls", result.failures());
    report.figure("settled-after-seconds", result.settle().toMillis() / 1000.0);
    return report;
  }

  private static int number(String[] args, int index, int otherwise) {
    return args.length > index ? Integer.parseInt(args[index]) : otherwise;
  }

  private static long seed() {
    return Long.getLong("vestibule.seed", System.nanoTime());
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }
}
