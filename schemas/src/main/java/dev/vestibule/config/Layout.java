package dev.vestibule.config;

import dev.vestibule.config.Shape.Fixed;
import dev.vestibule.config.Shape.Hidden;
import dev.vestibule.config.Shape.HiddenMany;
import dev.vestibule.config.Shape.Many;
import dev.vestibule.config.Shape.Named;
import dev.vestibule.config.Shape.One;
import dev.vestibule.config.Shape.Open;
import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Every key of the configuration file. */
final class Layout {
  private static final Shape AUTH =
      new Fixed(
          Map.ofEntries(
              Map.entry("scheme", new One()),
              Map.entry("header", new One()),
              Map.entry("value", new Hidden()),
              Map.entry("values", new HiddenMany()),
              Map.entry("key", new Hidden()),
              Map.entry("keys", new HiddenMany()),
              Map.entry("username", new One()),
              Map.entry("password", new Hidden()),
              Map.entry("encoding", new One()),
              Map.entry("prefix", new One()),
              Map.entry("template", new One()),
              Map.entry("timestamp-header", new One()),
              Map.entry("id-header", new One())));

  private static final Shape SOURCE =
      new Fixed(
          Map.ofEntries(
              Map.entry("vendor", new One()),
              Map.entry("account", new One()),
              Map.entry("secrets", new HiddenMany()),
              Map.entry("auth", AUTH),
              Map.entry("signature", new One()),
              Map.entry("path-keys", new HiddenMany()),
              Map.entry("tolerance", new Fixed(Map.of("past", new One(), "future", new One()))),
              Map.entry("max-body", new One()),
              Map.entry("rate-limit", new One()),
              Map.entry("allowed-networks", new Many()),
              Map.entry("trusted-proxies", new Many()),
              Map.entry("states", new Open(List.of())),
              Map.entry("mapping", new Open(List.of())),
              Map.entry(
                  "credential",
                  new Fixed(
                      Map.of(
                          "visit", new One(),
                          "number", new One(),
                          "kind", new One(),
                          "assigned", new One(),
                          "assigned-words", new Many()))),
              Map.entry("site-id", new One()),
              Map.entry("spool", new One()),
              Map.entry(
                  "screen",
                  new Fixed(
                      Map.of(
                          "app-name", new One(),
                          "default-outcome", new One(),
                          "high-security-sites", new Many(),
                          "stale-after", new One(),
                          "soft-deadline", new One(),
                          "hard-deadline", new One(),
                          "external",
                              new Fixed(
                                  Map.of(
                                      "url", new One(),
                                      "secrets", new HiddenMany(),
                                      "budget", new One(),
                                      "per-try", new One(),
                                      "mode", new One(),
                                      "facts", new Many())),
                          "plugin",
                              new Fixed(
                                  Map.of(
                                      "client-id", new One(),
                                      "client-secret", new Hidden(),
                                      "base-url", new One(),
                                      "purpose", new One(),
                                      "install-id", new One(),
                                      "grant", new One()))))),
              Map.entry(
                  "client-certificate",
                  new Fixed(Map.of("subject", new One(), "fingerprint", new One())))));

  private static final List<String> TOPICS = Topics.all().stream().map(TopicSpec::name).toList();

  /** What stands under the root key. */
  static final Fixed INSTALLATION =
      new Fixed(
          Map.of(
              "identity",
              new Fixed(Map.of("key-file", new One(), "credential-key-file", new One())),
              "sources",
              new Named(SOURCE),
              "sinks",
              new Named(sink()),
              "kafka",
              new Open(List.of()),
              "registry",
              new Fixed(
                  Map.of(
                      "url",
                      new One(),
                      "auth",
                      new Fixed(Map.of("username", new One(), "password", new Hidden())))),
              "topics",
              new Fixed(
                  Map.of(
                      "prefix",
                      new One(),
                      "replication",
                      new One(),
                      "partitions",
                      new Open(TOPICS),
                      "retention",
                      new Open(TOPICS))),
              "ingress",
              new Fixed(
                  Map.of(
                      "host", new One(),
                      "port", new One(),
                      "admin-host", new One(),
                      "admin-port", new One(),
                      "max-pending-bytes", new One(),
                      "tls",
                          new Fixed(
                              Map.of(
                                  "certificate", new One(),
                                  "key", new One(),
                                  "client-ca", new One())),
                      "connections",
                          new Fixed(
                              Map.of(
                                  "max", new One(),
                                  "idle-timeout", new One(),
                                  "request-timeout", new One(),
                                  "max-header-bytes", new One(),
                                  "max-requests", new One(),
                                  "max-pipelined", new One())))),
              "spool",
              new Fixed(
                  Map.of(
                      "folder", new One(),
                      "max-bytes", new One(),
                      "max-age", new One(),
                      "ack-timeout", new One())),
              "watchlist",
              new Fixed(Map.of("country", new One(), "feed", new Many(), "feed-for", new One()))));

  private Layout() {}

  private static Shape sink() {
    Map<String, Shape> keys = new TreeMap<>(SinkType.allKeys());
    keys.put("type", new One());
    keys.put("sensitivities", new Many());
    return new Fixed(keys);
  }
}
