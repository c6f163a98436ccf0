package dev.vestibule.normalizer;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows when a stream thread dies: after a pause that grows with each failure in a row,
 * another reads on from the last commit. What can kill a thread here is an outage (registry or
 * broker), and waiting loses nothing, so it never gives up; a failure of the JVM itself ends the
 * client.
 */
final class ThreadReplacement implements StreamsUncaughtExceptionHandler {
  private static final Logger log = LoggerFactory.getLogger(ThreadReplacement.class);
  private static final int MAX_DOUBLINGS = 6;

  private static final Duration CALM = Duration.ofMinutes(5);

  private final Duration firstPause;
  private final InstantSource clock;
  private final CountDownLatch closing = new CountDownLatch(1);
  private int inARow;
  private Instant last = Instant.MIN;

  ThreadReplacement(Duration firstPause, InstantSource clock) {
    this.firstPause = firstPause;
    this.clock = clock;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable exception) {
    int failures = count();
    log.atError()
        .addKeyValue("failures", failures)
        .addKeyValue("error", rootCause(exception).getClass().getName())
        .log("normalizer thread failed");
    if (exception instanceof VirtualMachineError) {
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    pause(firstPause.multipliedBy(1L << Math.min(failures - 1, MAX_DOUBLINGS)));
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  /** Failures in a row; after five calm minutes the next is the first again. */
  private synchronized int count() {
    Instant now = clock.instant();
    inARow = last.isBefore(now.minus(CALM)) ? 1 : inARow + 1;
    last = now;
    return inARow;
  }

  /** Ends every pause. */
  void close() {
    closing.countDown();
  }

  private void pause(Duration length) {
    try {
      boolean closed = closing.await(length.toMillis(), TimeUnit.MILLISECONDS);
      log.atDebug().addKeyValue("closed", closed).log("normalizer thread is replaced");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Throwable rootCause(Throwable exception) {
    Throwable cause = exception;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
