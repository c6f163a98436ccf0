package dev.vestibule.standalone.demo;

import java.time.Duration;
import java.util.List;

/** Percentiles by nearest rank; nothing is interpolated or left out. */
record Latencies(List<Duration> sorted) {

  Latencies {
    sorted = sorted.stream().sorted().toList();
  }

  int count() {
    return sorted.size();
  }

  /**
   * @param percent above 0 and up to 100
   * @return zero when there is nothing to rank
   */
  Duration percentile(int percent) {
    if (sorted.isEmpty()) {
      return Duration.ZERO;
    }
    int rank = (int) Math.ceil(sorted.size() * percent / 100.0);
    return sorted.get(Math.max(rank, 1) - 1);
  }
}
