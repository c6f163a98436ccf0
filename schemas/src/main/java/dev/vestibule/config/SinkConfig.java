package dev.vestibule.config;

import dev.vestibule.events.Sensitivity;
import java.util.List;
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
  /** The type of sinks that show visits in Slack. */
  public static final String SLACK = "slack";

  /** The setting of such a sink that lists what Slack signs clicks with. */
  public static final String SIGNING_SECRETS = "signing-secrets";

  /** The secrets that a setting lists; none when it is absent or an empty list. */
  public List<Secret> secrets(String key) {
    return settings
        .getOrDefault(key, "")
        .lines()
        .filter(line -> !line.isEmpty())
        .map(Secret::new)
        .toList();
  }

  /** Names the keys of the settings only: values may be secrets. */
  @Override
  public String toString() {
    return "SinkConfig[" + name + " " + type + " " + sensitivities + " " + settings.keySet() + "]";
  }
}
