package dev.vestibule.sink.access;

import dev.vestibule.sink.access.DoorPlan.Op;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Runs many schedules of facts, calls, faults and crashes against targets inside this process, and
 * looks whether a door was ever open that should not have been.
 */
public final class DoorSchedules {
  private DoorSchedules() {}

  /**
   * A schedule that went wrong, with as few steps as still go wrong.
   *
   * @param seed makes the whole schedule again
   * @param text what is wrong and the steps that lead to it
   */
  public record Violation(long seed, String text) {}

  /**
   * Runs a schedule for each of the seeds from {@code first} on, on all processors.
   *
   * @return how many went wrong, and the first of them
   */
  public static Result run(DoorTarget target, long first, long count) {
    long[] wrong =
        LongStream.range(first, first + count)
            .parallel()
            .filter(seed -> DoorRun.violation(DoorPlan.of(seed), target) != null)
            .sorted()
            .toArray();
    return new Result(
        wrong.length, wrong.length == 0 ? Optional.empty() : Optional.of(shrunk(target, wrong[0])));
  }

  /**
   * @param violations how many schedules went wrong
   */
  public record Result(long violations, Optional<Violation> first) {}

  /** Leaves out steps as long as it still goes wrong. */
  static Violation shrunk(DoorTarget target, long seed) {
    DoorPlan plan = DoorPlan.of(seed);
    for (int size = Math.max(1, plan.steps().size() / 2); size > 0; size /= 2) {
      for (int at = 0; at < plan.steps().size(); ) {
        List<Op> fewer = new ArrayList<>(plan.steps());
        fewer.subList(at, Math.min(at + size, fewer.size())).clear();
        DoorPlan smaller = plan.with(fewer);
        if (DoorRun.violation(smaller, target) == null) {
          at += size;
        } else {
          plan = smaller;
        }
      }
    }
    return new Violation(seed, target + ": " + DoorRun.violation(plan, target) + "\n" + plan);
  }
}
