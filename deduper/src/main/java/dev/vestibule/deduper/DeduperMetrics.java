package dev.vestibule.deduper;

import dev.vestibule.contract.Verdict;
import dev.vestibule.deduper.Reading.Reason;
import dev.vestibule.deduper.verdict.Judgement;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Counts every record once, by what became of it:
 *
 * <pre>consumed = NEW + REVISION + DUPLICATE + CONFLICT + UNVERIFIED + REPLAY + dead</pre>
 *
 * <p>Seeds of a new generation are counted apart. A late snapshot counts as {@code NEW} and, beside
 * the sum, as {@code late}. After an aborted transaction its records are processed and counted
 * again: the sum holds, it is not the number of records in the topics.
 */
final class DeduperMetrics {
  private final Counter consumed;
  private final Map<Verdict, Counter> verdicts;
  private final Map<Reason, Counter> dead;
  private final Counter late;
  private final Counter seeds;
  private final Counter unreadableSeeds;
  private final Counter crossPartitionConflicts;
  private final DistributionSummary disorder;

  DeduperMetrics(MeterRegistry meters) {
    consumed = meters.counter("vestibule.deduper.consumed");
    verdicts =
        counters(Verdict.class, v -> meters.counter("vestibule.deduper.verdicts", "verdict", v));
    dead = counters(Reason.class, r -> meters.counter("vestibule.deduper.dead", "reason", r));
    late = meters.counter("vestibule.deduper.late");
    seeds = meters.counter("vestibule.deduper.seeds", "outcome", "remembered");
    unreadableSeeds = meters.counter("vestibule.deduper.seeds", "outcome", "unreadable");
    crossPartitionConflicts = meters.counter("vestibule.deduper.key.conflicts");
    disorder =
        DistributionSummary.builder("vestibule.deduper.disorder")
            .description(
                "How far a record's arrival lies behind the latest arrival of its partition. Copies"
                    + " are told apart reliably up to 48 h; alarm well before.")
            .baseUnit("seconds")
            .register(meters);
  }

  private static <E extends Enum<E>> Map<E, Counter> counters(
      Class<E> type, Function<String, Counter> counter) {
    return Arrays.stream(type.getEnumConstants())
        .collect(
            Collectors.toMap(
                Function.identity(),
                value -> counter.apply(value.name()),
                (left, right) -> left,
                () -> new EnumMap<>(type)));
  }

  /**
   * @param behindMillis how far the record's arrival lies behind the latest one
   */
  void consumed(long behindMillis) {
    consumed.increment();
    disorder.record(behindMillis / 1000.0);
  }

  void judged(Judgement judgement) {
    increment(verdicts, judgement.verdict());
    if (judgement.late()) {
      late.increment();
    }
  }

  void dead(Reason reason) {
    increment(dead, reason);
  }

  void seeded() {
    seeds.increment();
  }

  void unreadableSeed() {
    unreadableSeeds.increment();
  }

  void crossPartitionConflict() {
    crossPartitionConflicts.increment();
  }

  private static <E extends Enum<E>> void increment(Map<E, Counter> counters, E value) {
    Objects.requireNonNull(counters.get(value), "every value has a counter").increment();
  }
}
