package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Allowance;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** An access-control system in memory that goes wrong as it is told, one call at a time. */
final class ScriptedTarget implements AccessTarget, DoorSystem {

  /** What kind of system it is. */
  enum Nature {
    /** One object for each key. */
    CONVERGING,
    /** Does not see an object whose creation was not answered until somebody looks. */
    DUPLICATING,
    /** Cannot be asked. */
    BLIND
  }

  /** What happens to the next call. */
  enum Fault {
    NONE,
    APPLIED_THEN_TIMEOUT,
    LOST,
    RETRY,
    AUTH,
    REJECTED,
    /** Half of it is done: one of several objects, or some of the doors. */
    PARTIAL
  }

  private final Nature nature;
  private final List<Held> objects = new ArrayList<>();
  private final Map<GrantKey, Set<String>> cards = new HashMap<>();
  private Fault fault = Fault.NONE;
  private boolean locked;

  private record Held(GrantKey key, Instant until, Set<String> zones, boolean hidden) {
    Held shown() {
      return new Held(key, until, zones, false);
    }
  }

  ScriptedTarget(Nature nature) {
    this.nature = nature;
  }

  @Override
  public AccessTarget connect() {
    return this;
  }

  @Override
  public void script(Fault next, int detail) {
    fault = next;
  }

  @Override
  public Optional<Instant> until(GrantKey key, Instant now) {
    return objects.stream()
        .filter(o -> o.key.equals(key) && now.isBefore(o.until))
        .map(Held::until)
        .max(Instant::compareTo);
  }

  @Override
  public Set<String> zones(GrantKey key, Instant now) {
    Set<String> zones = new HashSet<>();
    for (Held held : objects) {
      if (held.key.equals(key) && now.isBefore(held.until)) {
        zones.addAll(held.zones);
      }
    }
    return zones;
  }

  @Override
  public long objects(GrantKey key) {
    return objects.stream().filter(o -> o.key.equals(key)).count();
  }

  @Override
  public Set<String> cards(GrantKey key) {
    return cards.getOrDefault(key, Set.of());
  }

  @Override
  public boolean locked() {
    return locked;
  }

  @Override
  public void plant(GrantKey key, Instant until) {
    objects.add(new Held(key, until, Set.of("lobby"), false));
  }

  @Override
  public boolean mayDouble() {
    return false;
  }

  @Override
  public Effect ensureGranted(Grant grant) throws TargetException {
    Fault now = fault;
    return call(
        () -> {
          boolean update = objects.stream().anyMatch(o -> o.key.equals(grant.key()) && !o.hidden);
          if (update) {
            objects.replaceAll(o ->
                o.key.equals(grant.key())
                    ? new Held(o.key, grant.validUntil(), grant.zones(), o.hidden)
                    : o);
          } else {
            boolean hidden = nature == Nature.DUPLICATING && now == Fault.APPLIED_THEN_TIMEOUT;
            objects.add(new Held(grant.key(), grant.validUntil(), grant.zones(), hidden));
          }
        },
        () -> {});
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence) throws TargetException {
    return call(
        () -> {
          objects.removeIf(o -> o.key.equals(key));
          cards.remove(key);
        },
        () ->
            objects.stream().filter(o -> o.key.equals(key)).findFirst().ifPresent(objects::remove));
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException {
    if (nature == Nature.BLIND) {
      throw new TargetException(Kind.REJECTED, "find: this target does not read back");
    }
    call(() -> objects.replaceAll(Held::shown), () -> {});
    return objects.stream().filter(o -> o.key.equals(key)).map(this::seen).reduce(Observed::and);
  }

  @Override
  public List<Observed> listManaged() {
    return nature == Nature.BLIND ? List.of() : objects.stream().map(this::seen).toList();
  }

  private Observed seen(Held held) {
    Set<CardNumber> numbers =
        cards(held.key).stream().map(CardNumber::new).collect(Collectors.toSet());
    return new Observed(held.key, true, held.until, held.zones, numbers);
  }

  @Override
  public Lockdown lockDown(Set<String> zones) throws TargetException {
    if (fault == Fault.PARTIAL) {
      fault = Fault.NONE;
      return new Lockdown(zones);
    }
    call(() -> locked = true, () -> {});
    return new Lockdown(Set.of());
  }

  @Override
  public Lockdown release(Set<String> zones) throws TargetException {
    if (fault == Fault.PARTIAL) {
      fault = Fault.NONE;
      return new Lockdown(zones);
    }
    call(() -> locked = false, () -> {});
    return new Lockdown(Set.of());
  }

  private Effect call(Runnable whole, Runnable half) throws TargetException {
    Fault now = fault;
    fault = Fault.NONE;
    switch (now) {
      case NONE -> whole.run();
      case APPLIED_THEN_TIMEOUT -> {
        whole.run();
        throw new TargetException(Kind.AMBIGUOUS, "no answer");
      }
      case LOST -> throw new TargetException(Kind.AMBIGUOUS, "no answer");
      case RETRY -> throw new TargetException(Kind.RETRY, "later");
      case AUTH -> throw new TargetException(Kind.AUTH, "not let in");
      case REJECTED -> throw new TargetException(Kind.REJECTED, "not taken");
      case PARTIAL -> {
        half.run();
        throw new TargetException(Kind.AMBIGUOUS, "some of it");
      }
    }
    return Effect.DONE;
  }

  @Override
  public Effect assignCard(GrantKey key, String number) throws TargetException {
    if (objects(key) == 0) {
      throw new TargetException(Kind.REJECTED, "nobody is there");
    }
    return call(() -> cards.computeIfAbsent(key, _ -> new HashSet<>()).add(number), () -> {});
  }

  @Override
  public Effect returnCard(GrantKey key, String number) throws TargetException {
    return call(() -> cards.getOrDefault(key, new HashSet<>()).remove(number), () -> {});
  }

  @Override
  public Effect erase(GrantKey key) {
    fault = Fault.NONE;
    return Effect.DONE;
  }

  @Override
  public Set<Capability> capabilities() {
    return nature == Nature.BLIND
        ? EnumSet.of(Capability.LOCKS_DOWN, Capability.TAKES_CARDS)
        : EnumSet.allOf(Capability.class);
  }

  @Override
  public Allowance pace() {
    return new Allowance(1, 0);
  }

  @Override
  public void close() {}
}
