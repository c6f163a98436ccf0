package dev.vestibule.sink.access.target;

import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a target has under one of our keys.
 *
 * @param active whether it opens, or will open, anything
 * @param validUntil when it ends; null where it does not, which is never our doing
 * @param zones what it opens
 * @param cards the cards that are assigned there; null where the target takes none or cannot tell
 */
public record Observed(
    GrantKey key,
    boolean active,
    @Nullable Instant validUntil,
    Set<String> zones,
    @Nullable Set<CardNumber> cards) {
  public Observed {
    zones = Set.copyOf(zones);
    cards = cards == null ? null : Set.copyOf(cards);
  }

  /** What a target has that cannot tell its cards. */
  public Observed(GrantKey key, boolean active, @Nullable Instant validUntil, Set<String> zones) {
    this(key, active, validUntil, zones, null);
  }

  /** Both under the same key: open where one is, and as long as the longer one, with all cards. */
  public Observed and(Observed other) {
    Set<CardNumber> all = union(cards, other.cards);
    if (!active || !other.active) {
      Observed open = active ? this : other;
      return new Observed(key, open.active, open.validUntil, open.zones, all);
    }
    Set<String> both = new HashSet<>(zones);
    both.addAll(other.zones);
    Instant end = validUntil;
    Instant otherEnd = other.validUntil;
    return new Observed(
        key,
        true,
        end == null || otherEnd == null ? null : end.isAfter(otherEnd) ? end : otherEnd,
        both,
        all);
  }

  private static @Nullable Set<CardNumber> union(
      @Nullable Set<CardNumber> a, @Nullable Set<CardNumber> b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    Set<CardNumber> all = new HashSet<>(a);
    all.addAll(b);
    return all;
  }
}
