package dev.vestibule.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a longer commit interval buys and costs: how fast a backlog of raw records becomes events,
 * and how long a single event takes at a steady rate, on a fresh installation for each interval.
 */
final class CommitBench {
  private static final List<Integer> INTERVALS = List.of(5, 10, 20, 50, 100);
  private static final int BACKLOG = 10_000;

  private final int rate;
  private final Duration length;
  private final Duration warmUp;

  /**
   * @param rate requests per second while latency is measured
   * @param length how long to measure it for each interval
   * @param warmUp at the same rate, before
   */
  CommitBench(int rate, Duration length, Duration warmUp) {
    this.rate = rate;
    this.length = length;
    this.warmUp = warmUp;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    Report report = new Report("commit");
    report.figure("rate_per_s", rate);
    report.figure("backlog", BACKLOG);
    report.figure("warm_up_s", (double) warmUp.toSeconds());
    System.out.println(
        "| commit interval ms | drained/s | event p50 ms | event p99 ms | missing |");
    System.out.println("|---:|---:|---:|---:|---:|");
    for (int interval : INTERVALS) {
      System.err.println("bench commit: " + interval + " ms");
      measure(Files.createDirectories(folder.resolve("every" + interval)), interval, report);
    }
    return report;
  }

  private void measure(Path folder, int interval, Report report)
      throws IOException, InterruptedException {
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(
        config, Traffic.CONFIG + "  kafka: { deduper.commit.interval.ms: \"" + interval + "\" }\n");
    try (UpProcess up = UpProcess.start(Files.createDirectories(folder.resolve("data")), config)) {
      Traffic traffic = new Traffic(up, rate);
      traffic.run(warmUp, "warm");
      Traffic.Measured measured = traffic.run(length, "run");
      // The first backlog only warms up: batches of many records are code that trickles never ran.
      traffic.drain(BACKLOG, "first");
      double drained = traffic.drain(BACKLOG, "second");
      report.figure("drained_per_s_at_" + interval, drained);
      report.figure("event_p50_ms_at_" + interval, measured.toEvent().millis(0.5));
      report.figure("event_p99_ms_at_" + interval, measured.toEvent().millis(0.99));
      report.figure("missing_at_" + interval, measured.missing());
      System.out.printf(
          "| %d | %.0f | %.1f | %.1f | %d |%n",
          interval,
          drained,
          measured.toEvent().millis(0.5),
          measured.toEvent().millis(0.99),
          measured.missing());
      up.stop();
    }
  }
}
