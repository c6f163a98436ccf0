package dev.vestibule.sink.access;

import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.Pace;
import dev.vestibule.sink.access.target.TargetException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Doors in memory. Writes down what is called; one call may fail after it was done. */
final class MemoryTarget implements AccessTarget {
  final List<String> log = Collections.synchronizedList(new ArrayList<>());
  final Map<GrantKey, Observed> objects = new ConcurrentHashMap<>();
  volatile @Nullable TargetException failure;
  volatile Wait duringGrant = () -> {};

  /** Something that takes a while. */
  interface Wait {
    void run() throws InterruptedException;
  }

  private Effect done(String what) throws TargetException {
    log.add(what);
    TargetException next = failure;
    failure = null;
    if (next != null) {
      throw next;
    }
    return Effect.DONE;
  }

  @Override
  public Effect ensureGranted(Grant grant) throws TargetException, InterruptedException {
    duringGrant.run();
    objects.put(
        grant.key(),
        new Observed(grant.key(), true, grant.validUntil(), grant.zones(), cards(grant.key())));
    return done("grant");
  }

  private Set<CardNumber> cards(GrantKey key) {
    Observed there = objects.get(key);
    return there == null || there.cards() == null ? Set.of() : there.cards();
  }

  private void keep(GrantKey key, Set<CardNumber> cards) {
    objects.computeIfPresent(
        key,
        (_, there) -> new Observed(key, there.active(), there.validUntil(), there.zones(), cards));
  }

  @Override
  public Effect ensureRevoked(GrantKey key, long sequence) throws TargetException {
    objects.remove(key);
    return done("revoke");
  }

  @Override
  public Optional<Observed> find(GrantKey key) throws TargetException {
    done("find");
    return Optional.ofNullable(objects.get(key));
  }

  @Override
  public List<Observed> listManaged() {
    return List.copyOf(objects.values());
  }

  @Override
  public Lockdown lockDown(Set<String> zones) throws TargetException {
    done("lock");
    return new Lockdown(Set.of());
  }

  @Override
  public Lockdown release(Set<String> zones) throws TargetException {
    done("release");
    return new Lockdown(Set.of());
  }

  @Override
  public Effect assignCard(GrantKey key, String number) throws TargetException {
    Set<CardNumber> cards = new HashSet<>(cards(key));
    cards.add(new CardNumber(number));
    keep(key, cards);
    return done("assign " + number);
  }

  @Override
  public Effect returnCard(GrantKey key, String number) throws TargetException {
    Set<CardNumber> cards = new HashSet<>(cards(key));
    cards.remove(new CardNumber(number));
    keep(key, cards);
    return done("return " + number);
  }

  @Override
  public Effect erase(GrantKey key) throws TargetException {
    return done("erase");
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public Pace pace() {
    return new Pace(4, 0);
  }

  @Override
  public void close() {}
}
