package dev.vestibule.ingress.spool;

import dev.vestibule.ingress.publish.Deadlines;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source's way to Kafka: straight, or through its spool. While the spool holds anything, all
 * new records go through it, so that none overtakes an earlier one of its visit that was answered.
 *
 * <p>A steady flow of new records would keep a spool from ever running empty. So once little is
 * left, new records wait for a moment until the rest is drained, and go straight then.
 */
final class Lane {
  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  /** As much is drained in a fraction of {@link #HAND_OVER}. */
  private static final int LITTLE = 256;

  private static final Duration HAND_OVER = Duration.ofMillis(250);

  /** After a hand-over that took too long: batches until the next. */
  private static final int HOLD_OFF = 16;

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private record Waiting(RawRecord record, CompletableFuture<Receipt> receipt) {}

  /** Those who wait for the spool to run empty. */
  private static final class HandOver {
    final List<Waiting> waiting = new ArrayList<>();
  }

  private final Spool spool;
  private final Publisher kafka;
  private final Duration ackTimeout;
  private final boolean spools;
  private final Drainer drainer;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread writing;
  private final Thread draining;

  /** Null when nobody has to wait. */
  private volatile @Nullable HandOver handingOver;

  private int holdOff;

  /**
   * Does nothing before {@link #start}.
   *
   * @param ackTimeout how long Kafka may take
   * @param spools false for a source that no longer does: its spool is drained and takes nothing
   */
  Lane(Spool spool, Publisher kafka, Duration ackTimeout, boolean spools, SpoolMetrics metrics) {
    this.spool = spool;
    this.kafka = kafka;
    this.ackTimeout = ackTimeout;
    this.spools = spools;
    this.drainer = new Drainer(spool, kafka, metrics, this::sleep);
    // Spends its time in forces, which would hold one of the few carriers of virtual threads.
    this.writing =
        Thread.ofPlatform().daemon().name("spool-" + spool.source()).unstarted(spool::run);
    this.draining = Thread.ofVirtual().name("drain-" + spool.source()).unstarted(this::drain);
  }

  void start() {
    writing.start();
    draining.start();
  }

  SpoolStatus status() {
    return spool.status();
  }

  /** Whether a record would be taken while Kafka is away. */
  boolean accepts() {
    return spools && spool.accepts();
  }

  CompletableFuture<Receipt> publish(RawRecord record) {
    if (handingOver == null && spool.isEmpty()) {
      return straight(record);
    }
    CompletableFuture<Receipt> receipt = await(record);
    if (receipt != null) {
      return receipt;
    }
    return spool.isEmpty() ? straight(record) : spooled(record);
  }

  /** A place among those who wait, or null when nobody does. */
  private synchronized @Nullable CompletableFuture<Receipt> await(RawRecord record) {
    HandOver current = handingOver;
    if (current == null) {
      return null;
    }
    Waiting one = new Waiting(record, new CompletableFuture<>());
    current.waiting.add(one);
    return one.receipt;
  }

  private CompletableFuture<Receipt> straight(RawRecord record) {
    if (!spools) {
      return kafka.publish(record);
    }
    if (!kafka.reachable()) {
      return spooled(record);
    }
    long start = System.nanoTime();
    CompletableFuture<Receipt> sent = kafka.publish(record);
    // Handing over may itself have taken a moment.
    long left = ackTimeout.toNanos() - (System.nanoTime() - start);
    return Deadlines.end(sent, left)
        .exceptionallyCompose(failure ->
            isTooLarge(failure) ? CompletableFuture.failedFuture(failure) : spooled(record));
  }

  private static boolean isTooLarge(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof PublishException refused && refused.reason() == Reason.TOO_LARGE;
  }

  private CompletableFuture<Receipt> spooled(RawRecord record) {
    return spools
        ? spool
            .append(SpooledRecord.encode(record))
            .thenApply(number -> new Receipt.InSpool(spool.source(), number))
        : CompletableFuture.failedFuture(new PublishException(Reason.SPOOL_DRAINING));
  }

  private void drain() {
    try {
      while (stopped.getCount() > 0) {
        drainOnce();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      endHandOver(this::spooled);
    }
  }

  private void drainOnce() throws InterruptedException {
    try {
      boolean busy = drainer.drain();
      if (spool.isEmpty()) {
        endHandOver(this::publish);
      } else if (busy && drainer.flows() && spool.records() <= LITTLE) {
        beginHandOver();
      }
      if (!busy) {
        spool.awaitReadable(LOOK_AGAIN);
      }
    } catch (RuntimeException e) {
      LOG.atError().setCause(e).addKeyValue("source", spool.source()).log("drain failed");
      sleep(LOOK_AGAIN);
    }
  }

  private synchronized void beginHandOver() {
    if (handingOver != null || --holdOff > 0) {
      return;
    }
    HandOver begun = new HandOver();
    handingOver = begun;
    Executor later = CompletableFuture.delayedExecutor(HAND_OVER.toMillis(), TimeUnit.MILLISECONDS);
    later.execute(() -> giveUp(begun));
  }

  /** Those who wait have waited enough. */
  private void giveUp(HandOver begun) {
    synchronized (this) {
      if (handingOver != begun) {
        return;
      }
      holdOff = HOLD_OFF;
    }
    endHandOver(this::spooled);
  }

  private interface Way {
    CompletableFuture<Receipt> publish(RawRecord record);
  }

  private void endHandOver(Way way) {
    HandOver ended;
    synchronized (this) {
      ended = handingOver;
      handingOver = null;
    }
    if (ended != null) {
      ended.waiting.forEach(one -> settle(one, way));
    }
  }

  private static void settle(Waiting one, Way way) {
    var _ =
        way.publish(one.record)
            .whenComplete((receipt, failure) -> {
              if (failure == null) {
                one.receipt.complete(receipt);
              } else {
                one.receipt.completeExceptionally(failure);
              }
            });
  }

  private void sleep(Duration length) throws InterruptedException {
    if (stopped.await(length.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new InterruptedException("stopped");
    }
  }

  /** Asks both threads to end. What was acknowledged stays on disk. */
  void stop() {
    stopped.countDown();
    spool.close();
  }

  /** Waits until they have. */
  void join(Duration patience) throws InterruptedException {
    if (!draining.join(patience)) {
      draining.interrupt();
    }
    boolean _ = writing.join(patience);
  }
}
