package dev.vestibule.ingress.reload;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Looks at everything that may change, again and again, on a thread of its own. */
public final class Watch implements AutoCloseable {
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("reload").factory());

  /** Begins after one interval. */
  public Watch(List<Reloading<?>> subjects, Duration interval) {
    var _ =
        thread.scheduleWithFixedDelay(
            () -> subjects.forEach(Reloading::look),
            interval.toNanos(),
            interval.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** Looks no more; a look under way may still finish. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
