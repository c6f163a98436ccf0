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
 */
public record Observed(
    GrantKey key, boolean active, @Nullable Instant validUntil, Set<String> zones) {
  public Observed {
    zones = Set.copyOf(zones);
  }

  /** Both under the same key: open where one is, and as long as the longer one. */
  public Observed and(Observed other) {
    if (!active || !other.active) {
      return active ? this : other;
    }
    Set<String> both = new HashSet<>(zones);
    both.addAll(other.zones);
    Instant end = validUntil;
    Instant otherEnd = other.validUntil;
    return new Observed(
        key,
        true,
        end == null || otherEnd == null ? null : end.isAfter(otherEnd) ? end : otherEnd,
        both);
  }
}
