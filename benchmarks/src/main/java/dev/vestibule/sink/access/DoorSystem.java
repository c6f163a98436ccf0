package dev.vestibule.sink.access;

import dev.vestibule.sink.access.ScriptedTarget.Fault;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.GrantKey;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/** What a schedule runs against: a system that goes wrong as it is told, and what its doors do. */
interface DoorSystem {

  /** The adapter that speaks to it, as after a restart: it remembers nothing. */
  AccessTarget connect();

  /**
   * Lets the next move go wrong; {@link Fault#NONE} lets nothing go wrong any more.
   *
   * @param detail from 0, chooses among the ways in which that can happen
   */
  void script(Fault fault, int detail);

  /** Until when anything under a key opens a door; empty where nothing does now. */
  Optional<Instant> until(GrantKey key, Instant now);

  /** What anything under a key opens now. */
  Set<String> zones(GrantKey key, Instant now);

  /** Objects that may open something, now or later. */
  long objects(GrantKey key);

  /** The numbers of the cards under a key. */
  Set<String> cards(GrantKey key);

  boolean locked();

  /** Puts something under our mark there that nobody asked for. */
  void plant(GrantKey key, Instant until);

  /** Whether a key may have more than one object without a fault of the adapter's. */
  boolean mayDouble();
}
