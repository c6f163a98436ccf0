package dev.vestibule.benchmarks.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the nemesis can do. */
enum Fault {
  /** {@code kill -9} of a deduper, started again at once on its own data. */
  KILL_DEDUPER,
  /** The same, but it comes back with an empty disk and another name. */
  WIPE_DEDUPER,
  /** SIGSTOP of a deduper until others have its work and its transaction has timed out. */
  FREEZE_DEDUPER,
  /** {@code kill -9} of the broker, started again at once on its own data. */
  KILL_BROKER,
  /** SIGSTOP of the broker for some seconds. */
  FREEZE_BROKER,
  /** {@code kill -9} of the normalizer, started again at once. */
  KILL_NORMALIZER;

  /**
   * What happens in each round: one deduper always dies, now and then with its disk, and another
   * misfortune comes on top in most rounds. Five rounds hold every kind but the frozen broker.
   */
  static List<List<Fault>> schedule(int rounds) {
    List<List<Fault>> cycle =
        List.of(
            List.of(KILL_DEDUPER, KILL_NORMALIZER),
            List.of(KILL_DEDUPER, FREEZE_DEDUPER),
            List.of(KILL_BROKER, KILL_DEDUPER),
            List.of(WIPE_DEDUPER),
            List.of(KILL_DEDUPER),
            List.of(FREEZE_BROKER, KILL_DEDUPER));
    List<List<Fault>> schedule = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      schedule.add(cycle.get(round % cycle.size()));
    }
    return schedule;
  }

  /** For progress lines and figures. */
  String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
