package dev.vestibule.sink.access.target;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a visitor shall be able to open, and for how long. Every grant ends.
 *
 * @param key what it is known by
 * @param sequence rises with each change of what is desired for the key
 * @param validFrom when it begins
 * @param validUntil when it ends; after {@code validFrom}
 * @param notAfter when it must not be given any more
 * @param zones the target's own ids of doors, groups or zones, as the rules name them; never empty
 * @param displayName what a guard reads
 * @param email or null
 */
public record Grant(
    GrantKey key,
    long sequence,
    Instant validFrom,
    Instant validUntil,
    Instant notAfter,
    Set<String> zones,
    String displayName,
    @Nullable String email) {

  public Grant {
    zones = Set.copyOf(zones);
    if (!validUntil.isAfter(validFrom)) {
      throw new IllegalArgumentException("a grant ends after it begins");
    }
    if (zones.isEmpty()) {
      throw new IllegalArgumentException("a grant names what it opens; none is not all");
    }
  }

  /** Leaves the visitor out. */
  @Override
  public String toString() {
    return "Grant["
        + key
        + " #"
        + sequence
        + " "
        + validFrom
        + "/"
        + validUntil
        + " "
        + zones
        + "]";
  }
}
