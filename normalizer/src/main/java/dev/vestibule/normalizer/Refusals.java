package dev.vestibule.normalizer;

import dev.vestibule.events.Position;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Raw records whose events a topic refused for their size. Shared by all threads and remembered for
 * the life of the process; the oldest are forgotten first and would be refused again.
 */
final class Refusals {
  private static final int REMEMBERED = 10_000;

  private final Set<String> positions =
      Collections.synchronizedSet(
          Collections.newSetFromMap(
              new LinkedHashMap<>() {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                  return size() > REMEMBERED;
                }
              }));

  void add(Position raw) {
    positions.add(CloudEventHeaders.position(raw));
  }

  boolean contains(Position raw) {
    return positions.contains(CloudEventHeaders.position(raw));
  }
}
