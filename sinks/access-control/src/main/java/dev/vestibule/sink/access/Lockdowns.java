package dev.vestibule.sink.access;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.Rules.Place;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The lockdowns of one target. Events lock where a rule names source and site; only a person
 * releases.
 *
 * @param locks one for each place that was ever locked
 */
public record Lockdowns(List<Lock> locks) {
  public static final Lockdowns NONE = new Lockdowns(List.of());

  public Lockdowns {
    locks = List.copyOf(locks);
  }

  /** How far a lockdown is. */
  public enum Phase {
    /** Wanted; the target may not have locked everything yet. */
    LOCKING,
    LOCKED,
    /** A person wants it to end; the target may not have released everything yet. */
    RELEASING,
    RELEASED
  }

  /**
   * @param zones the target's own ids
   * @param version of the newest event that locked
   * @param since when this phase began
   */
  public record Lock(
      Place place, Set<String> zones, VisitVersion version, Phase phase, Instant since) {
    public Lock {
      zones = Set.copyOf(zones);
    }

    boolean on() {
      return phase == Phase.LOCKING || phase == Phase.LOCKED;
    }

    Lock to(Phase next, Instant now) {
      return new Lock(place, zones, version, next, now);
    }
  }

  /** What is to be done at the target. */
  sealed interface Order {
    Place place();

    Set<String> zones();

    record LockDown(Place place, Set<String> zones) implements Order {}

    record Release(Place place, Set<String> zones) implements Order {}
  }

  /** Whether nothing may be given. */
  public boolean on() {
    return locks.stream().anyMatch(Lock::on);
  }

  /**
   * What an event of a lockdown changes. Its verdict does not matter, since in doubt doors are
   * locked; but it must be of the present, or old drills would lock the house again.
   */
  Lockdowns take(
      Fact.Reported fact, Rules rules, String target, Instant now, List<Report> reports) {
    EventType type = fact.event().getType();
    if (type == EventType.LOCKDOWN_DEACTIVATED) {
      reports.add(Report.of(Report.Kind.LOCKDOWN_OVER_AT_SOURCE, fact));
      return this;
    }
    if (type != EventType.LOCKDOWN_ACTIVATED) {
      return this;
    }
    String site = fact.event().getSite().getId();
    Set<String> zones = rules.locks(target, fact.event().getSource(), site);
    if (site == null || zones.isEmpty()) {
      reports.add(Report.of(Report.Kind.LOCKDOWN_WITHOUT_RULE, fact));
      return this;
    }
    if (!Live.path(fact) || !now.isBefore(Live.until(fact, rules.maxAge()))) {
      reports.add(Report.of(Report.Kind.LOCKDOWN_NOT_LIVE, fact));
      return this;
    }
    Place place = new Place(fact.event().getSource(), site);
    VisitVersion version = VisitVersion.of(fact.event());
    Optional<Lock> known = at(place);
    boolean news =
        known.isEmpty()
            || (version.compareTo(known.get().version()) > 0
                && !version.eventId().equals(known.get().version().eventId()));
    return news ? with(new Lock(place, zones, version, Phase.LOCKING, now)) : this;
  }

  /** A person ends the lockdown of a place. */
  Lockdowns release(Place place, Instant now) {
    return at(place).filter(Lock::on).map(lock -> with(lock.to(Phase.RELEASING, now))).orElse(this);
  }

  /** What is to be done next: locking comes before releasing. */
  Optional<Order> next() {
    return locks.stream()
        .filter(lock -> lock.phase() == Phase.LOCKING)
        .findFirst()
        .<Order>map(lock -> new Order.LockDown(lock.place(), lock.zones()))
        .or(() ->
            locks.stream()
                .filter(lock -> lock.phase() == Phase.RELEASING)
                .findFirst()
                .map(lock -> new Order.Release(lock.place(), freed(lock))));
  }

  /** What no other lockdown holds. */
  private Set<String> freed(Lock lock) {
    Set<String> zones = new HashSet<>(lock.zones());
    locks.stream().filter(Lock::on).forEach(other -> zones.removeAll(other.zones()));
    return zones;
  }

  /** An order was carried out in full; something else may be wanted since. */
  Lockdowns done(Order order, Instant now) {
    Phase from = order instanceof Order.LockDown ? Phase.LOCKING : Phase.RELEASING;
    Phase to = order instanceof Order.LockDown ? Phase.LOCKED : Phase.RELEASED;
    return at(order.place())
        .filter(lock -> lock.phase() == from)
        .map(lock -> with(lock.to(to, now)))
        .orElse(this);
  }

  Optional<Lock> at(Place place) {
    return locks.stream().filter(lock -> lock.place().equals(place)).findFirst();
  }

  private Lockdowns with(Lock lock) {
    List<Lock> all = new ArrayList<>(locks);
    all.removeIf(other -> other.place().equals(lock.place()));
    all.add(lock);
    return new Lockdowns(all);
  }
}
