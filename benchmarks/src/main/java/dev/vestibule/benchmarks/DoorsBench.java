package dev.vestibule.benchmarks;

import dev.vestibule.sink.access.DoorSchedules;
import dev.vestibule.sink.access.DoorTarget;

/**
 * Whether a door is ever open that should not be: many schedules of grants, revokes, changes and
 * lockdowns in any order, with copies, faults and crashes, against a target in memory, and a
 * hundredth of them against each vendor's adapter with its fake.
 */
final class DoorsBench {
  private static final int CHUNK = 50_000;
  private static final int ADAPTERS_SHARE = 100;

  private final int schedules;
  private final long seed;
  private long violations;

  DoorsBench(int schedules, long seed) {
    this.schedules = schedules;
    this.seed = seed;
  }

  Report run() {
    System.err.println("bench doors: seed " + seed);
    Report report = new Report("doors");
    long begin = System.nanoTime();
    for (DoorTarget target : DoorTarget.values()) {
      int count =
          target == DoorTarget.SCRIPTED ? schedules : Math.ceilDiv(schedules, ADAPTERS_SHARE);
      report.figure(target + "_schedules", count);
      report.figure(target + "_violations", (double) run(target, count));
    }
    report.goal("violations", (double) violations, 0, false);
    report.figure("seconds", (System.nanoTime() - begin) / 1e9);
    return report;
  }

  private long run(DoorTarget target, int count) {
    long wrong = 0;
    for (int done = 0; done < count; done += CHUNK) {
      DoorSchedules.Result result =
          DoorSchedules.run(target, seed + done, Math.min(CHUNK, count - done));
      if (wrong == 0) {
        result.first().ifPresent(first -> System.err.println("bench doors: " + first.text()));
      }
      wrong += result.violations();
      System.err.println(
          "bench doors: "
              + target
              + ": "
              + Math.min(done + CHUNK, count)
              + " done, wrong "
              + wrong);
    }
    violations += wrong;
    return wrong;
  }
}
