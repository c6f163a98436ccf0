package dev.vestibule.deduper;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a stream thread dies: another takes over from the last commit, since most
 * causes pass (registry or broker away). When it happens again and again the client stops, the
 * service is no longer live, and its supervisor decides.
 */
final class ThreadFailures implements StreamsUncaughtExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(ThreadFailures.class);
  private static final int TOLERATED = 10;
  private static final Duration WITHIN = Duration.ofMinutes(5);

  private final InstantSource clock;
  private final Deque<Instant> recent = new ArrayDeque<>();

  ThreadFailures(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public synchronized StreamThreadExceptionResponse handle(Throwable exception) {
    Instant now = clock.instant();
    recent.addLast(now);
    while (recent.peekFirst() != null && recent.peekFirst().isBefore(now.minus(WITHIN))) {
      recent.removeFirst();
    }
    boolean giveUp = exception instanceof Error || recent.size() > TOLERATED;
    log.atError()
        .addKeyValue("failures", recent.size())
        .addKeyValue("gaveUp", giveUp)
        .setCause(exception)
        .log("Deduper thread failed");
    return giveUp
        ? StreamThreadExceptionResponse.SHUTDOWN_CLIENT
        : StreamThreadExceptionResponse.REPLACE_THREAD;
  }
}
