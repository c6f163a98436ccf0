package dev.vestibule.deduper.unscreened;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** What was found, and whether anything can be found at all. */
final class Metrics {
  private static final String PREFIX = "vestibule.unscreened.";

  private final MeterRegistry meters;
  private final InstantSource clock;
  private volatile int waiting;
  private volatile @Nullable Instant nextDue;

  Metrics(MeterRegistry meters, Collection<String> sources, InstantSource clock) {
    this.meters = meters;
    this.clock = clock;
    sources.forEach(this::entries);
    for (Finding finding : Finding.values()) {
      judged(finding);
    }
    unreadable();
    Gauge.builder(PREFIX + "waiting", () -> waiting)
        .description("Sign-ins that will be judged")
        .register(meters);
    Gauge.builder(PREFIX + "overdue", this::overdue)
        .description("For how long a sign-in has been due and not judged. Alert at 60.")
        .baseUnit("seconds")
        .register(meters);
  }

  private double overdue() {
    Instant due = nextDue;
    return due == null
        ? 0
        : Math.max(0, Duration.between(due, clock.instant()).toMillis() / 1000.0);
  }

  void waits(Watch watch) {
    waiting = watch.waiting();
    nextDue = watch.nextDue();
  }

  /** Unscreened entries of a source. */
  Counter entries(String source) {
    return meters.counter(PREFIX + "entries", "source", source);
  }

  /** Sign-ins by what was found. */
  Counter judged(Finding finding) {
    return meters.counter(PREFIX + "judged", "finding", finding.tag());
  }

  /** Records that nobody can read. */
  Counter unreadable() {
    return meters.counter(PREFIX + "unreadable");
  }
}
