package dev.vestibule.config;

import dev.vestibule.events.Sensitivity;
import java.util.Map;
import java.util.Set;

/**
 * One configured destination.
 *
 * @param name unique over sources and sinks
 * @param type {@code warehouse}, {@code slack}, {@code access-control}
 * @param sensitivities classes of events that this sink is granted
 * @param settings the rest of the keys, as text, the elements of a list on lines of their own; each
 *     sink reads its own
 */
public record SinkConfig(
    String name, String type, Set<Sensitivity> sensitivities, Map<String, String> settings) {

  /** Names the keys of the settings only: values may be secrets. */
  @Override
  public String toString() {
    return "SinkConfig[" + name + " " + type + " " + sensitivities + " " + settings.keySet() + "]";
  }
}
