package dev.vestibule.config;

import dev.vestibule.config.Shape.Hidden;
import dev.vestibule.config.Shape.HiddenMany;
import dev.vestibule.config.Shape.One;
import dev.vestibule.events.Sensitivity;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Kinds of destinations with the keys that each of them takes. */
enum SinkType {
  WAREHOUSE(
      "warehouse",
      EnumSet.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED),
      Map.of("file", new One())),
  SLACK(
      "slack",
      EnumSet.of(Sensitivity.STANDARD),
      Map.of("token", new Hidden(), "signing-secrets", new HiddenMany(), "channel", new One())),
  ACCESS_CONTROL(
      "access-control",
      EnumSet.of(Sensitivity.STANDARD),
      Map.of(
          "target",
          new One(),
          "url",
          new One(),
          "token",
          new Hidden(),
          "secrets",
          new HiddenMany()));

  private final String id;
  private final Set<Sensitivity> sensitivities;
  private final Map<String, Shape> keys;

  SinkType(String id, Set<Sensitivity> sensitivities, Map<String, Shape> keys) {
    this.id = id;
    this.sensitivities = sensitivities;
    this.keys = keys;
  }

  String id() {
    return id;
  }

  /** What such a sink is granted when the configuration does not say. */
  Set<Sensitivity> sensitivities() {
    return Set.copyOf(sensitivities);
  }

  /** Keys beside {@code type} and {@code sensitivities}. */
  Map<String, Shape> keys() {
    return keys;
  }

  static Optional<SinkType> byId(String id) {
    return Arrays.stream(values()).filter(type -> type.id.equals(id)).findFirst();
  }

  static List<String> ids() {
    return Arrays.stream(values()).map(SinkType::id).toList();
  }

  /** The keys of all types together. */
  static Map<String, Shape> allKeys() {
    return Arrays.stream(values())
        .flatMap(type -> type.keys.entrySet().stream())
        .collect(
            Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
  }
}
