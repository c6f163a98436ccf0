package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.TargetException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings doors to what is wanted where no event waits for it: a window ends, somebody approves, a
 * comparison found something, a call failed, a lockdown. Tries for as long as it takes.
 */
final class Attendant implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Attendant.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(200);
  private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
  private static final Duration LONGEST_LOCKDOWN_BACKOFF = Duration.ofSeconds(5);
  private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(15);

  /** Nobody knocks on where a person must look first. */
  private static final Duration REFUSED_BACKOFF = Duration.ofMinutes(1);

  private final DoorKeeper keeper;
  private final Drive drive;
  private final Random random;
  private final ScheduledExecutorService timer;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Work> works = new HashMap<>();
  private int lockdownFailures;
  private boolean lockdownWaits;

  /** One try at a visit, within the target's pace. */
  interface Drive {
    DoorKeeper.Outcome drive(String visit) throws InterruptedException;
  }

  /** What is under way about a visit. */
  private static final class Work {
    int failures;

    /** Something changed since the try began. */
    boolean again;
  }

  Attendant(DoorKeeper keeper, Drive drive, Random random, ScheduledExecutorService timer) {
    this.keeper = keeper;
    this.drive = drive;
    this.random = random;
    this.timer = timer;
  }

  /** Begins with everything that is known. */
  void start() {
    wakeLockdowns();
    keeper.visits().forEach(this::wake);
    var _ =
        timer.scheduleWithFixedDelay(
            () -> keeper.due().forEach(this::wake),
            0,
            LOOK_EVERY.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Looks after a visit soon. */
  void wake(String visit) {
    synchronized (works) {
      Work known = works.get(visit);
      if (known != null) {
        known.again = true;
        return;
      }
      works.put(visit, new Work());
    }
    threads.execute(() -> attend(visit));
  }

  /** Visits that are not as wanted yet. */
  int waiting() {
    synchronized (works) {
      return works.size();
    }
  }

  private void attend(String visit) {
    synchronized (works) {
      work(visit).again = false;
    }
    DoorKeeper.@Nullable Outcome outcome = null;
    try {
      outcome = drive.drive(visit);
    } catch (InterruptedException e) {
      return; // The next session begins with all visits.
    } catch (RuntimeException e) {
      failed(e);
    }
    Duration pause;
    synchronized (works) {
      Work work = work(visit);
      if (outcome instanceof DoorKeeper.Outcome.Settled && !work.again) {
        works.remove(visit);
        return;
      }
      work.failures = outcome instanceof DoorKeeper.Outcome.Settled ? 0 : work.failures + 1;
      pause = work.failures == 0 ? Duration.ZERO : pause(outcome, work.failures, LONGEST_BACKOFF);
    }
    later(() -> attend(visit), pause);
  }

  private Work work(String visit) {
    return works.computeIfAbsent(visit, _ -> new Work());
  }

  /** Looks after the lockdowns at once. */
  void wakeLockdowns() {
    threads.execute(this::attendLockdowns);
  }

  private void attendLockdowns() {
    Lockdowns before = keeper.lockdowns();
    DoorKeeper.@Nullable Outcome outcome = null;
    try {
      outcome = keeper.driveLockdowns();
    } catch (InterruptedException e) {
      return;
    } catch (RuntimeException e) {
      failed(e);
    }
    if (outcome instanceof DoorKeeper.Outcome.Settled && !before.equals(keeper.lockdowns())) {
      // What waited for the end of a lockdown, or must not stay through one, has no other reason.
      keeper.visits().forEach(this::wake);
    }
    Duration pause;
    synchronized (works) {
      if (outcome instanceof DoorKeeper.Outcome.Settled) {
        lockdownFailures = 0;
        return;
      }
      lockdownFailures++;
      if (lockdownWaits) {
        return;
      }
      lockdownWaits = true;
      pause = pause(outcome, lockdownFailures, LONGEST_LOCKDOWN_BACKOFF);
    }
    later(
        () -> {
          synchronized (works) {
            lockdownWaits = false;
          }
          attendLockdowns();
        },
        pause);
  }

  private static void failed(RuntimeException e) {
    LOG.atWarn()
        .addKeyValue("error", e.getClass().getSimpleName())
        .log("doors could not be looked after, trying again");
    LOG.atDebug().setCause(e).log("doors could not be looked after");
  }

  private Duration pause(DoorKeeper.@Nullable Outcome outcome, int failures, Duration longest) {
    long ceiling =
        Math.min(longest.toMillis(), FIRST_BACKOFF.toMillis() << Math.min(failures - 1, 20));
    Duration pause = Duration.ofMillis(1 + random.nextLong(ceiling));
    if (!(outcome instanceof DoorKeeper.Outcome.Pending(TargetException failure, boolean _))
        || failure == null) {
      return pause;
    }
    DoorHandler.log(failure);
    if (failure.kind() == TargetException.Kind.AUTH) {
      return longest.compareTo(REFUSED_BACKOFF) < 0 ? longest : REFUSED_BACKOFF;
    }
    Duration asked = failure.retryAfter();
    if (asked == null || asked.compareTo(pause) < 0) {
      return pause;
    }
    return asked.compareTo(LONGEST_RETRY_AFTER) < 0 ? asked : LONGEST_RETRY_AFTER;
  }

  private void later(Runnable task, Duration pause) {
    if (!timer.isShutdown()) {
      var _ = timer.schedule(() -> threads.execute(task), pause.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Interrupts what is under way; the states know about it. */
  @Override
  public void close() {
    timer.shutdownNow();
    threads.shutdownNow();
    threads.close();
  }
}
