package dev.vestibule.sink.access.target;

import java.util.Set;

/**
 * How far a lockdown came.
 *
 * @param failed the target's ids of doors that are not locked; empty when all are
 */
public record Lockdown(Set<String> failed) {
  public Lockdown {
    failed = Set.copyOf(failed);
  }

  public boolean complete() {
    return failed.isEmpty();
  }
}
