package dev.vestibule.sink.access;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.access.DoorKeeper.Outcome.Pending;
import dev.vestibule.sink.access.DoorKeeper.Outcome.Settled;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Desire.Closed;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.lane.Handler;
import dev.vestibule.sink.lane.Outcome;
import dev.vestibule.sink.lane.Work;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lanes do with an event about doors: it is taken, which is durable, and then the visit is
 * driven. A later attempt finds it taken and drives on.
 */
final class DoorHandler implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(DoorHandler.class);

  private final GrantKeys keys;
  private final Sessions sessions;

  /** The doors from one reading of their states to the next. */
  interface Session {
    DoorKeeper keeper();

    /** One try at a visit, within the target's pace. */
    DoorKeeper.Outcome drive(String visit) throws InterruptedException;

    /** Has a visit looked after beside the lanes. */
    void wake(String visit);

    /** Has the lockdowns looked after at once. */
    void wakeLockdowns();
  }

  /** Waits until there is a session. */
  interface Sessions {
    Session current() throws InterruptedException;
  }

  DoorHandler(GrantKeys keys, Sessions sessions) {
    this.keys = keys;
    this.sessions = sessions;
  }

  @Override
  public boolean isUrgent(Decoded.Event event) {
    EventType type = event.event().getType();
    return VisitVersion.revokes(type) || Live.doubts(type);
  }

  @Override
  public Outcome handle(Work work) throws InterruptedException {
    Decoded.Event event = work.event();
    Session doors = sessions.current();
    if (isLockdown(event)) {
      return lockedDown(doors, event);
    }
    if (event.event().getType() == EventType.CREDENTIAL_CHANGED) {
      return cardChanged(doors, event);
    }
    String visit = keys.visit(event.event());
    if (visit == null) {
      return new Outcome.Skip("no_visit");
    }
    VisitAccess before = doors.keeper().state(visit);
    Ruling ruling = doors.keeper().take(visit, Fact.Reported.of(event));
    // A revoke behind this event is known before anybody is called for this one.
    for (Decoded.Event follower : work.urgentFollowers()) {
      if (visit.equals(keys.visit(follower.event()))) {
        var _ = doors.keeper().take(visit, Fact.Reported.of(follower));
      }
    }
    return switch (doors.drive(visit)) {
      case Settled _ -> settled(ruling, before, doors.keeper().state(visit));
      case Pending(TargetException failure, boolean _) -> failed(failure);
    };
  }

  private static Outcome settled(Ruling ruling, VisitAccess before, VisitAccess after) {
    if (isRejected(after) && !isRejected(before)) {
      return new Outcome.Reject("target_rejects");
    }
    String word = ruling.name().toLowerCase(Locale.ROOT);
    if (ruling == Ruling.OPENS || ruling == Ruling.CLOSES) {
      return new Outcome.Done(word);
    }
    return after.given().equals(before.given())
        ? new Outcome.Skip(word)
        : new Outcome.Done("carried_out");
  }

  /** The target does not take the grant: nothing is open, and somebody has to look at it. */
  private static boolean isRejected(VisitAccess state) {
    return state.desire() instanceof Closed(Cause cause, Instant _) && cause == Cause.REJECTED;
  }

  /** A card that is said to be somebody's is taken from whoever else has it. */
  private static Outcome cardChanged(Session doors, Decoded.Event event)
      throws InterruptedException {
    Set<String> visits = doors.keeper().takeCard(Fact.Reported.of(event));
    for (String visit : visits) {
      if (doors.drive(visit) instanceof Pending(TargetException failure, boolean _)) {
        // The other visits are looked after while this event waits.
        visits.forEach(doors::wake);
        return failed(failure);
      }
    }
    return visits.isEmpty() ? new Outcome.Skip("no_visit") : new Outcome.Done("card_noted");
  }

  /** A revoke is never given up, and a grant ends by itself. */
  private static Outcome failed(@Nullable TargetException failure) {
    if (failure == null) {
      return new Outcome.Retry(null, "unfinished");
    }
    log(failure);
    return switch (failure.kind()) {
      case AUTH -> new Outcome.Blocked("target_refuses_us");
      case RETRY -> new Outcome.Retry(failure.retryAfter(), "target_failed");
      case AMBIGUOUS -> new Outcome.Retry(failure.retryAfter(), "target_unclear");
      case REJECTED -> new Outcome.Retry(failure.retryAfter(), "target_rejects_revoke");
    };
  }

  /** Where a person must look, what the target said is what they need to know. */
  static void log(TargetException failure) {
    (failure.kind() == TargetException.Kind.AUTH ? LOG.atWarn() : LOG.atDebug())
        .addKeyValue("kind", failure.kind())
        .addKeyValue("reason", failure.getMessage())
        .log("a call to the doors failed, it will be repeated");
  }

  static boolean isLockdown(Decoded.Event event) {
    EventType type = event.event().getType();
    return type == EventType.LOCKDOWN_ACTIVATED || type == EventType.LOCKDOWN_DEACTIVATED;
  }

  /** Also where the lanes come first, which they do after a trouble of the other reader. */
  static Outcome lockedDown(Session doors, Decoded.Event event) {
    doors.keeper().lockdown(Fact.Reported.of(event));
    doors.wakeLockdowns();
    return new Outcome.Done("lockdown_noted");
  }
}
