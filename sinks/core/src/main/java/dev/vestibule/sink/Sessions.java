package dev.vestibule.sink;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a sink does with its states, from one reading of them to the next. Any trouble with them
 * ends a session, and another one begins from what is stored; there is no other way of recovering.
 *
 * @param <S> what a session is
 */
public final class Sessions<S extends Sessions.Session> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  private final String sink;
  private final Supplier<S> open;
  private final Runnable opened;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Thread thread;
  private @Nullable S current;
  private volatile boolean dead;

  /** From one reading of the states to the next trouble. */
  public interface Session extends AutoCloseable {
    /** Why the states cannot be used any more, or null while they can. */
    @Nullable KafkaException failure();

    /** Returns when nothing is under way any more. */
    @Override
    void close();
  }

  /**
   * @param open reads the states and begins to look after them
   * @param opened is told each time that a session has begun
   */
  public Sessions(String sink, Supplier<S> open, Runnable opened) {
    this.sink = sink;
    this.open = open;
    this.opened = opened;
    this.thread = Thread.ofPlatform().name("states-" + sink).unstarted(this::run);
  }

  /** Begins. */
  public void start() {
    thread.start();
  }

  /** The session, as soon as there is one. */
  public S current() throws InterruptedException {
    lock.lock();
    try {
      while (current == null) {
        changed.await();
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** The session, or null while states are not read. */
  public @Nullable S now() {
    lock.lock();
    try {
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** Whether another session can begin; not after states that nobody can read. */
  public boolean live() {
    return !dead;
  }

  private void run() {
    long pause = FIRST_PAUSE_MILLIS;
    try {
      while (stop.getCount() > 0) {
        long since = System.nanoTime();
        try {
          session();
        } catch (UnreadableStateException e) {
          dead = true;
          LOG.atError()
              .addKeyValue("sink", sink)
              .addKeyValue("reason", e.getMessage())
              .log("the states of a sink cannot be read, it stands still");
          return;
        } catch (RuntimeException e) {
          if (System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS)) {
            pause = FIRST_PAUSE_MILLIS;
          }
          LOG.atWarn()
              .addKeyValue("sink", sink)
              .addKeyValue("error", e.getClass().getSimpleName())
              .addKeyValue("reason", e.getMessage())
              .addKeyValue("retryInMillis", pause)
              .log("the states of a sink are out of reach, reading them again");
          LOG.atDebug().setCause(e).log("the states of a sink are out of reach");
          boolean _ = stop.await(pause, TimeUnit.MILLISECONDS);
          pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void session() throws InterruptedException {
    try (S session = open.get()) {
      set(session);
      opened.run();
      while (!stop.await(100, TimeUnit.MILLISECONDS)) {
        KafkaException failure = session.failure();
        if (failure != null) {
          throw failure;
        }
      }
    } finally {
      set(null);
    }
  }

  private void set(@Nullable S session) {
    lock.lock();
    try {
      current = session;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Returns when the last session has ended. */
  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
