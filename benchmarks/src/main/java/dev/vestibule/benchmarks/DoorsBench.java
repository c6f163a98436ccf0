package dev.vestibule.benchmarks;

import dev.vestibule.sink.access.DoorSchedules;

/**
 * Whether a door is ever open that should not be: many schedules of grants, revokes, changes and
 * lockdowns in any order, with copies, faults and crashes, against targets in memory.
 */
final class DoorsBench {
  private static final int CHUNK = 50_000;

  private final int schedules;
  private final long seed;

  DoorsBench(int schedules, long seed) {
    this.schedules = schedules;
    this.seed = seed;
  }

  Report run() {
    System.err.println("bench doors: seed " + seed);
    long begin = System.nanoTime();
    long violations = 0;
    for (int done = 0; done < schedules; done += CHUNK) {
      DoorSchedules.Result result =
          DoorSchedules.run(seed + done, Math.min(CHUNK, schedules - done));
      if (violations == 0) {
        result.first().ifPresent(first -> System.err.println("bench doors: " + first.text()));
      }
      violations += result.violations();
      System.err.println(
          "bench doors: " + Math.min(done + CHUNK, schedules) + " done, wrong " + violations);
    }
    Report report = new Report("doors");
    report.goal("violations", (double) violations, 0, false);
    report.figure("schedules", schedules);
    report.figure("seconds", (System.nanoTime() - begin) / 1e9);
    return report;
  }
}
