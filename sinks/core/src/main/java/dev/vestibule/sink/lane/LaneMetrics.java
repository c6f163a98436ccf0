package dev.vestibule.sink.lane;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a sink with lanes counts. The arithmetic: {@code attempts} by result, where {@code delivered
 * + skipped + rejected} are records that are finished; {@code dead} are those that were given up.
 * {@code in_flight} records are read and not finished, {@code parked} ones wait on the parked
 * topic, {@code failing} visits wait for another attempt. {@code breaker}: 0 closed, 1 trying
 * whether the destination is back, 2 open. {@code blocked} is 1 while a person has to do something.
 */
final class LaneMetrics {
  private static final String PREFIX = "vestibule.lanes.";

  private final MeterRegistry meters;
  private final String sink;
  private final AtomicLong inFlight = new AtomicLong();
  private final AtomicLong parked = new AtomicLong();
  private final AtomicLong parkedVisits = new AtomicLong();
  private final AtomicLong failing = new AtomicLong();
  private final AtomicLong breaker = new AtomicLong();
  private final AtomicLong blocked = new AtomicLong();
  private final Timer lag;

  LaneMetrics(MeterRegistry meters, String sink) {
    this.meters = meters;
    this.sink = sink;
    this.lag = meters.timer(PREFIX + "lag", "sink", sink);
    gauge("in_flight", inFlight);
    gauge("parked", parked);
    gauge("parked_visits", parkedVisits);
    gauge("failing", failing);
    gauge("breaker", breaker);
    gauge("blocked", blocked);
    meters.counter(PREFIX + "dead", "sink", sink);
  }

  void attempted(Outcome outcome, Duration latency, Duration age) {
    String result = Audit.result(outcome).name().toLowerCase(Locale.ROOT);
    meters
        .timer(PREFIX + "attempts", "sink", sink, "result", result, "reason", outcome.reason())
        .record(latency);
    if (outcome instanceof Outcome.Done) {
      lag.record(age);
    }
  }

  void dead() {
    meters.counter(PREFIX + "dead", "sink", sink).increment();
  }

  void failed(Throwable error) {
    meters
        .counter(PREFIX + "failed", "sink", sink, "reason", error.getClass().getSimpleName())
        .increment();
  }

  void state(Lanes<?> lanes) {
    inFlight.set(lanes.inFlight());
    parked.set(lanes.parked());
    parkedVisits.set(lanes.parkedLanes());
    failing.set(lanes.failing());
    blocked.set(lanes.blocked() == null ? 0 : 1);
    breaker.set(
        switch (lanes.breaker()) {
          case OPEN, FORCED_OPEN -> 2;
          case HALF_OPEN -> 1;
          default -> 0;
        });
  }

  private void gauge(String name, AtomicLong value) {
    Gauge.builder(PREFIX + name, value, AtomicLong::get).tag("sink", sink).register(meters);
  }
}
