package dev.vestibule.config;

import dev.vestibule.config.Shape.Hidden;
import dev.vestibule.config.Shape.HiddenMany;
import dev.vestibule.config.Shape.One;
import dev.vestibule.events.Sensitivity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A kind of destination with the keys that it takes.
 *
 * @param id as in the file
 * @param sensitivities what such a sink is granted when the configuration does not say
 * @param parks whether it holds events that its destination does not take on a topic of its own
 * @param keys keys beside {@code type} and {@code sensitivities}
 */
record SinkType(String id, Set<Sensitivity> sensitivities, boolean parks, Map<String, Shape> keys) {
  static final List<SinkType> ALL =
      List.of(
          new SinkType(
              "warehouse",
              Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED),
              false,
              Map.of(
                  "batch-rows", new One(),
                  "batch-interval", new One(),
                  "memory-mb", new One(),
                  "query-timeout", new One(),
                  "query-rows", new One())),
          new SinkType(
              "slack",
              Set.of(Sensitivity.STANDARD),
              true,
              Map.of(
                  "token",
                  new Hidden(),
                  "signing-secrets",
                  new HiddenMany(),
                  "channel",
                  new One())),
          new SinkType(
              "access-control",
              Set.of(Sensitivity.STANDARD),
              true,
              Map.of(
                  "target", new One(),
                  "url", new One(),
                  "token", new Hidden(),
                  "secrets", new HiddenMany())));

  static Optional<SinkType> byId(String id) {
    return ALL.stream().filter(type -> type.id.equals(id)).findFirst();
  }

  static List<String> ids() {
    return ALL.stream().map(SinkType::id).toList();
  }

  /** The keys of all types together. */
  static Map<String, Shape> allKeys() {
    Map<String, Shape> keys = new TreeMap<>();
    ALL.forEach(type -> keys.putAll(type.keys));
    return keys;
  }
}
