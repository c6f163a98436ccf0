package dev.vestibule.contract;

import org.jspecify.annotations.Nullable;

/**
 * Which versions of keys and hashes records carry. A change of the way they are built is a new
 * version. For one window records carry those of both, and the deduper trusts the older, whose
 * memory is complete, while the newer one learns; then the older is left out.
 *
 * @param current version of the keys that stay, e.g. {@code 1}
 * @param previous version that is on its way out, or null
 */
public record KeyScheme(String current, @Nullable String previous) {
  /** What this build writes. */
  public static final KeyScheme OF_THIS_BUILD = new KeyScheme("1", null);
}
