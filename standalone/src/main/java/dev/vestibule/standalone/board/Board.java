package dev.vestibule.standalone.board;

import dev.vestibule.contract.Verdict;
import dev.vestibule.standalone.receipts.StageLag;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the board shows. Counts are those of this process since its start; lag is that of the
 * installation.
 *
 * @param at ISO-8601 time
 * @param stages null when Kafka could not be asked; then {@code problem} says why
 * @param verdicts records by the deduper's verdict
 * @param deadLetters records by reason
 */
record Board(
    String at,
    List<Source> sources,
    @Nullable List<StageLag> stages,
    @Nullable String problem,
    Map<String, Long> verdicts,
    Map<String, Long> deadLetters) {
  private static final String INGRESS = "vestibule.ingress.";
  private static final String SOURCE = "source";

  /**
   * Requests of a source.
   *
   * @param accepted durable and answered 200
   * @param ignored genuine, answered 200 and never stored
   * @param refused answered with another 4xx
   * @param unavailable answered 503
   * @param spooled records in its spool, or null when it has none
   * @param spooledSeconds age of the oldest of them, or null
   */
  record Source(
      String name,
      long received,
      long accepted,
      long ignored,
      long refused,
      long unavailable,
      @Nullable Long spooled,
      @Nullable Long spooledSeconds) {}

  /** What this process has counted, with what Kafka says. */
  static Board of(
      String at, MeterRegistry meters, @Nullable List<StageLag> stages, @Nullable String problem) {
    Set<String> names = new TreeSet<>();
    meters.find(INGRESS + "received").counters().forEach(meter -> names.add(tag(meter, SOURCE)));
    meters.find(INGRESS + "spool.records").gauges().forEach(meter -> names.add(tag(meter, SOURCE)));
    Map<String, Long> verdicts = new LinkedHashMap<>();
    for (Verdict verdict : Verdict.values()) {
      Collection<Counter> counters =
          meters.find("vestibule.deduper.verdicts").tag("verdict", verdict.name()).counters();
      if (!counters.isEmpty()) {
        verdicts.put(verdict.name(), sum(counters.stream()));
      }
    }
    return new Board(
        at,
        names.stream().map(name -> source(meters, name)).toList(),
        stages,
        problem,
        verdicts,
        deadLetters(meters));
  }

  private static Source source(MeterRegistry meters, String name) {
    return new Source(
        name,
        count(meters, "received", name),
        count(meters, "published", name),
        count(meters, "ignored", name),
        count(meters, "rejected", name),
        count(meters, "unavailable", name),
        value(meters, "spool.records", name),
        value(meters, "spool.oldest.age", name));
  }

  private static Map<String, Long> deadLetters(MeterRegistry meters) {
    Map<String, Long> reasons = new TreeMap<>();
    Stream.of("vestibule.normalizer.dead_letters", "vestibule.deduper.dead")
        .flatMap(meter -> meters.find(meter).counters().stream())
        .filter(counter -> counter.count() > 0)
        .forEach(
            counter -> reasons.merge(tag(counter, "reason"), (long) counter.count(), Long::sum));
    return reasons;
  }

  private static long count(MeterRegistry meters, String meter, String source) {
    return sum(meters.find(INGRESS + meter).tag(SOURCE, source).counters().stream());
  }

  private static @Nullable Long value(MeterRegistry meters, String meter, String source) {
    Gauge gauge = meters.find(INGRESS + meter).tag(SOURCE, source).gauge();
    return gauge == null || Double.isNaN(gauge.value()) ? null : (long) gauge.value();
  }

  private static long sum(Stream<Counter> counters) {
    return (long) counters.mapToDouble(Counter::count).sum();
  }

  private static String tag(Meter meter, String name) {
    return Objects.requireNonNullElse(meter.getId().getTag(name), "");
  }
}
