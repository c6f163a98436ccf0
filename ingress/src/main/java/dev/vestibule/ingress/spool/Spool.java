package dev.vestibule.ingress.spool;

import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import dev.vestibule.ingress.spool.SegmentLog.Batch;
import dev.vestibule.ingress.spool.SegmentLog.Payload;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source's records on disk, first in, first out. Many may append at once: whoever comes while
 * the disk is busy is in the next group, and one force serves them all.
 */
final class Spool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
  private static final int MAX_GROUP_BYTES = 2 * 1024 * 1024;

  /** Bound of what waits in memory for a disk that has stopped answering. */
  private static final long MAX_WAITING_BYTES = 32L * 1024 * 1024;

  /** How long a disk that failed is left alone while nobody asks for it. */
  private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

  /** What most records need. */
  private static final int USUAL_BYTES = 4096;

  private static final long NONE = Long.MAX_VALUE;

  private record Waiting(Payload payload, CompletableFuture<Long> number) {}

  private final String source;
  private final SegmentLog log;
  private final long maxBytes;
  private final long maxAgeMillis;
  private final InstantSource clock;
  private final SpoolMetrics metrics;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private List<Waiting> waiting = new ArrayList<>();
  private long waitingBytes;
  private boolean closed;

  /** Records that were handed over and are neither drained nor refused. */
  private final AtomicLong unfinished = new AtomicLong();

  private volatile long oldest = NONE;
  private volatile boolean failing;

  /**
   * @param maxBytes bound of the files' size
   * @param maxAge bound of the oldest record's age
   */
  Spool(
      String source,
      SegmentLog log,
      long maxBytes,
      Duration maxAge,
      InstantSource clock,
      SpoolMetrics metrics) {
    this.source = source;
    this.log = log;
    this.maxBytes = maxBytes;
    this.maxAgeMillis = maxAge.toMillis();
    this.clock = clock;
    this.metrics = metrics;
    unfinished.set(log.undrained());
    if (unfinished.get() > 0) {
      // Until the drainer has seen the first record.
      oldest = clock.millis();
    }
  }

  String source() {
    return source;
  }

  /** Whether every record that was handed over is drained or refused. */
  boolean isEmpty() {
    return unfinished.get() == 0;
  }

  /** How many records were handed over and are not drained. */
  long records() {
    return unfinished.get();
  }

  /** Size of the files. */
  long bytes() {
    return log.bytes();
  }

  /** Age of the oldest record that is not drained. */
  Duration age() {
    long since = oldest;
    return since == NONE ? Duration.ZERO : Duration.ofMillis(Math.max(0, clock.millis() - since));
  }

  /** What it holds, without asking the disk. */
  SpoolStatus status() {
    long since = oldest;
    // In this order what is drained meanwhile counts as held, and nothing falls between.
    long drained = log.drained();
    return new SpoolStatus(
        source, drained, log.last(), since == NONE ? clock.instant() : Instant.ofEpochMilli(since));
  }

  /** How many records were found damaged. */
  long lost() {
    return log.lost();
  }

  /** Whether it would take a usual record now, as far as can be told without trying. */
  boolean accepts() {
    lock.lock();
    try {
      return !failing && !closed && !full(USUAL_BYTES);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a record. Does not block.
   *
   * @return completes with its number when it survives a crash, or fails with a {@link
   *     PublishException}
   */
  CompletableFuture<Long> append(byte[] payload) {
    CompletableFuture<Long> number = new CompletableFuture<>();
    lock.lock();
    try {
      if (closed) {
        return refused(Reason.CLOSED);
      }
      if (payload.length > Frame.MAX_PAYLOAD) {
        return refused(Reason.TOO_LARGE);
      }
      if (full(Frame.HEAD + payload.length)) {
        return refused(Reason.SPOOL_FULL);
      }
      long now = clock.millis();
      if (unfinished.getAndIncrement() == 0) {
        oldest = now;
      }
      waiting.add(new Waiting(new Payload(now, payload), number));
      waitingBytes += Frame.HEAD + payload.length;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return number;
  }

  private boolean full(long more) {
    long since = oldest;
    return log.bytes() + waitingBytes + more > maxBytes
        || waitingBytes + more > MAX_WAITING_BYTES
        || (since != NONE && clock.millis() - since > maxAgeMillis);
  }

  private CompletableFuture<Long> refused(Reason reason) {
    metrics.refused(reason);
    return CompletableFuture.failedFuture(new PublishException(reason));
  }

  /** Commits group after group until the spool is closed and nothing waits. */
  void run() {
    try {
      while (awaitWork()) {
        commit();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    log.close();
  }

  /** False at the end. */
  private boolean awaitWork() throws InterruptedException {
    long left = TRY_AGAIN.toNanos();
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !closed && left > 0) {
        if (failing) {
          left = changed.awaitNanos(left);
        } else {
          changed.await();
        }
      }
      return !waiting.isEmpty() || !closed;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts what waits on disk, as one group, and then tells those who wait. When nothing waits, and
   * the disk failed the last time, finds out whether it is back.
   */
  void commit() {
    List<Waiting> group = group();
    if (group.isEmpty() && !failing) {
      return;
    }
    List<Payload> payloads = group.stream().map(Waiting::payload).toList();
    long first;
    try {
      first = log.append(payloads);
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      failed(group, e);
      return;
    }
    if (failing) {
      failing = false;
      LOG.atInfo().addKeyValue("source", source).log("spool takes records again");
    }
    metrics.spooled(group.size());
    signal();
    for (int i = 0; i < group.size(); i++) {
      group.get(i).number.complete(first + i);
    }
  }

  private List<Waiting> group() {
    lock.lock();
    try {
      int count = 0;
      long bytes = 0;
      while (count < waiting.size() && (count == 0 || bytes < MAX_GROUP_BYTES)) {
        bytes += Frame.HEAD + waiting.get(count).payload.bytes().length;
        count++;
      }
      waitingBytes -= bytes;
      List<Waiting> group = waiting;
      if (count == waiting.size()) {
        waiting = new ArrayList<>(group.size());
      } else {
        group = new ArrayList<>(waiting.subList(0, count));
        waiting = new ArrayList<>(waiting.subList(count, waiting.size()));
      }
      return group;
    } finally {
      lock.unlock();
    }
  }

  private void failed(List<Waiting> group, Throwable failure) {
    if (!failing) {
      failing = true;
      LOG.atError()
          .addKeyValue("source", source)
          .addKeyValue("error", failure.getClass().getSimpleName())
          .addKeyValue("reason", failure.getMessage())
          .log("spool cannot be written; what Kafka does not take is refused");
    }
    finished(group.size());
    for (Waiting one : group) {
      metrics.refused(Reason.SPOOL_FAILED);
      one.number.completeExceptionally(new PublishException(Reason.SPOOL_FAILED));
    }
  }

  private void finished(long count) {
    lock.lock();
    try {
      if (unfinished.addAndGet(-count) == 0) {
        oldest = NONE;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there is something to {@link #read}, the spool is closed, or time is up. */
  void awaitReadable(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (log.undrained() == 0 && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** See {@link SegmentLog#read}; one thread alone. */
  Batch read(int maxFrames) throws IOException {
    Batch batch = log.read(maxFrames);
    if (!batch.frames().isEmpty()) {
      lock.lock();
      try {
        oldest = batch.frames().getFirst().appendedAt();
      } finally {
        lock.unlock();
      }
    }
    return batch;
  }

  /** Up to which number everything is drained. */
  long drainedThrough() {
    return log.drained();
  }

  /** Keeps the file of a record that was read and cannot be used. */
  void keep(Frame frame) {
    log.keep(frame);
  }

  /** See {@link SegmentLog#drained}; the records count as drained whatever the disk says. */
  void drained(long through) throws IOException {
    long count = through - log.drained();
    try {
      log.drained(through);
    } finally {
      finished(count);
    }
  }

  /** Takes nothing more; what waits is still put on disk. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
