package dev.vestibule.config;

import static java.util.Map.entry;

import dev.vestibule.config.Shape.FilePath;
import dev.vestibule.config.Shape.Hidden;
import dev.vestibule.config.Shape.HiddenMany;
import dev.vestibule.config.Shape.Many;
import dev.vestibule.config.Shape.One;
import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Sensitivity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A kind of destination with the keys that it takes.
 *
 * @param id as in the file
 * @param sensitivities what such a sink is granted when the configuration does not say
 * @param topics topics of its own that a sink of a name has
 * @param keys keys beside {@code type} and {@code sensitivities}
 */
record SinkType(
    String id,
    Set<Sensitivity> sensitivities,
    Function<String, List<TopicSpec>> topics,
    Map<String, Shape> keys) {
  static final List<SinkType> ALL =
      List.of(
          new SinkType(
              "warehouse",
              Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED),
              _ -> List.of(),
              Map.of(
                  "batch-rows", new One(),
                  "batch-interval", new One(),
                  "memory-mb", new One(),
                  "query-timeout", new One(),
                  "query-rows", new One())),
          new SinkType(
              SinkConfig.SLACK,
              Set.of(Sensitivity.STANDARD),
              name ->
                  List.of(
                      Topics.parked(name),
                      Topics.replay(name),
                      Topics.messages(name),
                      Topics.interactions(name)),
              Map.of(
                  "token",
                  new Hidden(),
                  SinkConfig.SIGNING_SECRETS,
                  new HiddenMany(),
                  "rules",
                  new FilePath(),
                  "channel",
                  new One(),
                  "team",
                  new One(),
                  "app",
                  new One(),
                  "api-url",
                  new One(),
                  "transitions-url",
                  new One(),
                  "transitions-token",
                  new Hidden())),
          new SinkType(
              "access-control",
              // Watchlist hits close doors.
              Set.of(Sensitivity.STANDARD, Sensitivity.RESTRICTED),
              name -> List.of(Topics.parked(name), Topics.replay(name), Topics.access(name)),
              Map.ofEntries(
                  entry("target", new One()),
                  entry("rules", new FilePath()),
                  entry("reconcile", new One()),
                  entry("calls-per-second", new One()),
                  entry("parallel-calls", new One()),
                  entry("url", new One()),
                  entry("token", new Hidden()),
                  entry("secrets", new HiddenMany()),
                  entry("marker", new One()),
                  entry("trust", new FilePath()),
                  entry("certificate", new FilePath()),
                  entry("certificate-key", new FilePath()),
                  entry("allowed-hosts", new Many()),
                  entry("lockdown-all-doors", new One()),
                  entry("integration", new One()),
                  entry("contact", new One()),
                  entry("auth-url", new One()),
                  entry("client-id", new One()),
                  entry("client-secret", new Hidden()),
                  entry("api-key", new Hidden()),
                  entry("username", new One()),
                  entry("password", new Hidden()),
                  entry("refresh-token", new Hidden()),
                  entry("division", new One()),
                  entry("key-field-id", new One()),
                  entry("key-field-name", new One()),
                  entry("key-group", new One()),
                  entry("card-type", new One()))));

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
