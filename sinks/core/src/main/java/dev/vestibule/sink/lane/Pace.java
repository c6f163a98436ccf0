package dev.vestibule.sink.lane;

import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How fast one destination may be called: so many calls at a time, and so many a second, evenly
 * spread. Around each call, not around each event, since most events make none and one may make
 * several. Safe for several threads.
 */
public final class Pace {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final Semaphore places;
  private final RateLimiter limiter;

  /**
   * @param destination its name
   * @param perSecond calls a second
   * @param parallel calls at a time
   * @throws IllegalArgumentException when one is less than 1
   */
  public Pace(String destination, int perSecond, int parallel) {
    if (perSecond < 1 || parallel < 1) {
      throw new IllegalArgumentException(
          destination
              + ": "
              + perSecond
              + " calls a second, "
              + parallel
              + " at a time; expected at"
              + " least 1 of each");
    }
    this.places = new Semaphore(parallel, true);
    this.limiter =
        RateLimiter.of(
            destination,
            RateLimiterConfig.custom()
                .limitForPeriod(1)
                .limitRefreshPeriod(Duration.ofSeconds(1).dividedBy(perSecond))
                .timeoutDuration(LONGEST_WAIT)
                .build());
  }

  /** Waits until a call may begin; it ends when the turn is closed. */
  public Turn turn() throws InterruptedException {
    places.acquire();
    try {
      long nanos = limiter.reservePermission();
      if (nanos < 0) {
        throw new IllegalStateException("more than an hour of calls is waiting");
      }
      TimeUnit.NANOSECONDS.sleep(nanos);
      return new Turn();
    } catch (InterruptedException | RuntimeException e) {
      places.release();
      throw e;
    }
  }

  /** One call. */
  public final class Turn implements AutoCloseable {
    private boolean closed;

    private Turn() {}

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        places.release();
      }
    }
  }
}
