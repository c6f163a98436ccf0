package dev.vestibule.normalizer;

import dev.vestibule.serde.RegistryException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a registry that is out of reach, with growing pauses, instead of giving up the stream
 * thread at once: a thread keeps its partitions while it waits, and goes on the moment the registry
 * is back. It waits well below {@code max.poll.interval.ms}, after which Kafka would take the
 * partitions away.
 */
final class OutagePatience {
  private static final Logger log = LoggerFactory.getLogger(OutagePatience.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Duration budget;
  private final Counter retries;
  private final CountDownLatch closing = new CountDownLatch(1);

  /**
   * @param budget sum of all pauses within one call
   */
  OutagePatience(Duration budget, MeterRegistry meters) {
    this.budget = budget;
    this.retries = meters.counter("vestibule.normalizer.registry.retries");
  }

  /**
   * The result of the call, as soon as there is one.
   *
   * @throws RegistryException when the budget is spent, or the service closes
   */
  <T> T call(Supplier<T> attempt) {
    Duration spent = Duration.ZERO;
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return attempt.get();
      } catch (RegistryException e) {
        if (spent.compareTo(budget) >= 0 || closedWithin(pause)) {
          throw e;
        }
        retries.increment();
        log.atWarn()
            .addKeyValue("attempt", retries.count())
            .log("schema registry is out of reach, records wait");
        spent = spent.plus(pause);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
      }
    }
  }

  /** Ends every pause. */
  void close() {
    closing.countDown();
  }

  private boolean closedWithin(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
