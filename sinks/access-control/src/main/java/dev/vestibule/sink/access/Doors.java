package dev.vestibule.sink.access;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.sink.Sessions;
import dev.vestibule.sink.SinkAlerts;
import dev.vestibule.sink.SinkAlerts.Subject;
import dev.vestibule.sink.access.DoorKeeper.Outcome;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The doors of one target, from one reading of their states to the next trouble with Kafka. */
final class Doors implements DoorHandler.Session, Sessions.Session {
  private static final Logger LOG = LoggerFactory.getLogger(Doors.class);

  /** An approval that was written before the sign-in may be read a little after it. */
  private static final Duration HELD_FOR = Duration.ofSeconds(10);

  private static final Duration FORGET_EVERY = Duration.ofHours(1);

  private final String sink;
  private final AccessTarget target;
  private final Duration reconcileEvery;
  private final StateTopic states;
  private final GrantKeys keys;
  private final SinkAlerts alerts;
  private final InstantSource clock;
  private final Semaphore places;
  private final int allPlaces;
  private final ScheduledExecutorService timer;
  private final DoorKeeper keeper;
  private final Attendant attendant;
  private volatile boolean closed;

  /**
   * @param states belong to this from now on
   */
  Doors(
      String sink,
      AccessMachine machine,
      AccessSettings settings,
      GrantKeys keys,
      StateTopic states,
      SinkAlerts alerts,
      InstantSource clock,
      @Nullable IdentityKey credentialKey) {
    this.sink = sink;
    this.target = settings.target();
    this.reconcileEvery = settings.reconcileEvery();
    this.states = states;
    this.keys = keys;
    this.alerts = alerts;
    this.clock = clock;
    this.allPlaces = settings.pace().parallelCalls();
    this.places = new Semaphore(allPlaces, true);
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("access-timer-" + sink).factory());
    this.keeper =
        new DoorKeeper(
            machine,
            settings.rules(),
            sink,
            target,
            keys,
            states,
            clock,
            this::reported,
            credentialKey);
    this.attendant = new Attendant(keeper, this::drive, new Random(), timer);
  }

  /**
   * Begins to look after the doors.
   *
   * @param kept how long a visit that is over is remembered
   */
  void start(Duration kept) {
    attendant.start();
    if (target.capabilities().contains(AccessTarget.Capability.READS_BACK)) {
      every(
          reconcileEvery,
          () -> {
            var _ = reconcile(false);
          });
    }
    every(
        FORGET_EVERY,
        () -> states.untouchedSince(clock.instant().minus(kept)).forEach(keeper::forget));
  }

  private interface Task {
    void run() throws InterruptedException, TargetException;
  }

  private void every(Duration interval, Task task) {
    var _ =
        timer.scheduleWithFixedDelay(
            () -> Thread.ofVirtual().name("access-" + sink).start(() -> attempt(task)),
            interval.toMillis(),
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void attempt(Task task) {
    try {
      task.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TargetException | RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("sink", sink)
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e instanceof TargetException ? e.getMessage() : "")
          .log("a regular look at the doors failed, the next one follows");
      LOG.atDebug().setCause(e).log("a regular look at the doors failed");
    }
  }

  @Override
  public DoorKeeper keeper() {
    return keeper;
  }

  @Override
  public void wake(String visit) {
    attendant.wake(visit);
  }

  @Override
  public void wakeLockdowns() {
    attendant.wakeLockdowns();
  }

  /** Visits that are not as wanted yet. */
  int waiting() {
    return attendant.waiting();
  }

  @Override
  public @Nullable KafkaException failure() {
    return states.failure();
  }

  @Override
  public Outcome drive(String visit) throws InterruptedException {
    places.acquire();
    try {
      if (closed) {
        throw new KafkaException("the doors are being looked after anew");
      }
      return keeper.drive(visit);
    } finally {
      places.release();
    }
  }

  private void reported(@Nullable String visit, Report report) {
    if (report.kind() != Report.Kind.HELD || visit == null) {
      AccessAlerts.raise(alerts, visit, report);
    } else if (!timer.isShutdown()) {
      var _ =
          timer.schedule(
              () -> {
                if (keeper.state(visit).desire() instanceof VisitAccess.Desire.Held) {
                  AccessAlerts.raise(alerts, visit, report);
                }
              },
              HELD_FOR.toMillis(),
              TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Compares what the target has with what is wanted, and closes what nobody wants open.
   *
   * @param dryRun whether to tell only
   */
  Reconciliation reconcile(boolean dryRun) throws TargetException, InterruptedException {
    List<Observed> observed = target.listManaged();
    Map<String, VisitAccess> known = new HashMap<>();
    keeper.visits().forEach(visit -> known.put(visit, keeper.state(visit)));
    Reconciliation found = Reconciliation.of(observed, known, keys, clock.instant());
    if (!dryRun) {
      found.findings().forEach(this::repair);
    }
    return found;
  }

  private void repair(Reconciliation.Finding finding) {
    switch (finding.kind()) {
      case STRAY, WIDER -> {
        raise(finding, AlertSeverity.CRITICAL);
        keeper.doubt(finding.visit());
        attendant.wake(finding.visit());
      }
      case MISSING, CARD_STRAY, CARD_MISSING -> raise(finding, AlertSeverity.WARNING);
    }
  }

  private void raise(Reconciliation.Finding finding, AlertSeverity severity) {
    alerts.raise(
        AccessAlerts.kind(finding.kind()),
        severity,
        finding.visit(),
        Subject.visit(finding.visit()),
        Map.of());
  }

  /**
   * Returns when no call is under way: one that is carried out late must not come after what the
   * next session does.
   */
  @Override
  public void close() {
    closed = true;
    attendant.close();
    places.acquireUninterruptibly(allPlaces);
    states.close();
    places.release(allPlaces);
  }
}
