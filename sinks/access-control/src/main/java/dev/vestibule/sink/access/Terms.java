package dev.vestibule.sink.access;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a fact asks for.
 *
 * @param eventId the fact
 * @param source who reported it
 * @param screened whether the source asks at the door, so that an approval is needed
 * @param from when access begins
 * @param until when it ends
 * @param freshUntil when the fact is too old to open a door
 * @param zones the target's own ids
 * @param name what a guard reads
 * @param email or null
 */
record Terms(
    String eventId,
    String source,
    boolean screened,
    Instant from,
    Instant until,
    Instant freshUntil,
    Set<String> zones,
    String name,
    @Nullable String email) {
  Terms {
    zones = Set.copyOf(zones);
  }

  /** Leaves the visitor out. */
  @Override
  public String toString() {
    return "Terms[" + eventId + " " + from + "/" + until + " " + zones + "]";
  }
}
