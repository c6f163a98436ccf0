package dev.vestibule.control;

import dev.vestibule.contract.TopicNames;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one writer obedient: reads the control topic twice a second and hands changed orders on.
 *
 * <p>A writer that starts must not rely on orders that were read before others could see that it is
 * there (as a member of its consumer group, or by its sign of life). It asks {@link #confirm} after
 * that: whoever gave other orders meanwhile has then either seen the writer, or is obeyed.
 */
public final class ControlFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlFollower.class);
  private static final Duration INTERVAL = Duration.ofMillis(500);

  /** How a writer changes its ways; called by one thread at a time, and again after it failed. */
  public interface Writer {
    /** Obeys before it returns: no write of before is under way any more. */
    void obey(Orders orders);

    /** Told after each reading, which began at this {@link System#nanoTime()}. */
    default void current(ControlState state, long readAtNanos) {}
  }

  private final ControlReader reader;
  private final WriterKind kind;
  private final Writer writer;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private @Nullable Orders latest;
  private @Nullable Orders obeyed;
  private long begun;
  private long done;
  private boolean wanted = true;
  private boolean failing;

  /**
   * Prepares to follow.
   *
   * @param kafka the installation's client settings
   */
  public ControlFollower(Map<String, ?> kafka, TopicNames names, WriterKind kind, Writer writer) {
    this.reader = new ControlReader(kafka, names);
    this.kind = kind;
    this.writer = writer;
    this.thread = Thread.ofPlatform().daemon().name("control-" + kind.id()).unstarted(this::run);
  }

  /**
   * Starts to follow.
   *
   * @param patience how long the first orders may take to arrive; they are obeyed when this
   *     returns. Zero to start without them and obey them later
   * @throws IllegalStateException when Kafka is silent for longer than that
   * @throws RuntimeException what the writer throws when it cannot obey its first orders
   */
  public void start(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!patience.isZero() && obeyed == null) {
      try {
        step();
      } catch (KafkaException e) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("cannot read the control topic: Kafka is silent", e);
        }
      }
    }
    thread.start();
  }

  /**
   * Waits for a reading that begins after this call.
   *
   * @return whether these orders still stand; false also when the follower is closed
   */
  public boolean confirm(Orders orders) {
    lock.lock();
    try {
      long asked = begun;
      wanted = true;
      changed.signalAll();
      while (done <= asked && closed.getCount() > 0 && orders.equals(latest)) {
        changed.await(INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      }
      return closed.getCount() > 0 && orders.equals(latest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      while (pauses()) {
        try {
          step();
          failing = false;
        } catch (RuntimeException e) {
          failed(e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the next reading to be due; false when there is none to come. */
  private boolean pauses() throws InterruptedException {
    lock.lock();
    try {
      long left = INTERVAL.toNanos();
      while (!wanted && left > 0 && closed.getCount() > 0) {
        left = changed.awaitNanos(left);
      }
      wanted = false;
      return closed.getCount() > 0;
    } finally {
      lock.unlock();
    }
  }

  private void step() {
    long readAt = System.nanoTime();
    long reading = begin();
    ControlState state = reader.read();
    Orders orders = state.orders(kind);
    finish(reading, orders);
    if (!orders.equals(obeyed)) {
      obeyed = null;
      writer.obey(orders);
      obeyed = orders;
    }
    writer.current(state, readAt);
  }

  private long begin() {
    lock.lock();
    try {
      return ++begun;
    } finally {
      lock.unlock();
    }
  }

  private void finish(long reading, Orders orders) {
    lock.lock();
    try {
      done = reading;
      latest = orders;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void failed(RuntimeException e) {
    if (!failing) {
      LOG.atWarn()
          .addKeyValue("writer", kind.id())
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e.getMessage())
          .log("orders cannot be read or obeyed, trying again");
    }
    failing = true;
  }

  /** Stops following; returns when the writer gets no further call. */
  @Override
  public void close() {
    closed.countDown();
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join();
      reader.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
