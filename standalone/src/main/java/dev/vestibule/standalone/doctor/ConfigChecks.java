package dev.vestibule.standalone.doctor;

import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.IngressConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.sink.access.AccessSinks;
import dev.vestibule.sink.slack.SlackSinks;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What can be said from the configuration alone. */
final class ConfigChecks {
  private static final String WHSEC = "whsec_";
  private static final String NEW_SECRET =
      "take a random one of 32 bytes (openssl rand -hex 32), list both until the sender uses it";

  private ConfigChecks() {}

  static List<Finding> of(VestibuleConfig config) {
    List<Finding> findings = new ArrayList<>(plainHttp(config.ingress()));
    Map<Secret, String> seen = new LinkedHashMap<>();
    for (SourceConfig source : config.sources().values()) {
      findings.addAll(replay(source));
      findings.addAll(openEnds(source));
      secrets(source)
          .forEach((where, secret) -> {
            findings.addAll(weak(where, strippedOfScheme(source, secret)));
            String other = seen.putIfAbsent(secret, where);
            if (other != null) {
              findings.add(
                  new Finding(
                      "shared-secret",
                      where,
                      "is the same as " + other,
                      "give each source a secret of its own: who knows one can forge for both"));
            }
          });
    }
    AccessSinks.configured(config)
        .forEach(sink -> findings.addAll(starts("doors", config, sink, AccessSinks::check)));
    SlackSinks.configured(config)
        .forEach(sink -> {
          findings.addAll(starts("slack", config, sink, SlackSinks::check));
          findings.addAll(slack(sink));
        });
    return findings;
  }

  private interface Check {
    void check(VestibuleConfig config, SinkConfig sink);
  }

  private static List<Finding> starts(
      String name, VestibuleConfig config, SinkConfig sink, Check check) {
    try {
      check.check(config, sink);
      return List.of();
    } catch (ConfigException e) {
      return List.of(
          new Finding(
              name,
              "sinks." + sink.name(),
              String.valueOf(e.getMessage()),
              "put it right: the sink does not start like this"));
    }
  }

  /** What starts, and yet tells or hears nobody. */
  private static List<Finding> slack(SinkConfig sink) {
    List<Finding> findings = new ArrayList<>();
    String where = "sinks." + sink.name();
    if (sink.secrets(SinkConfig.SIGNING_SECRETS).isEmpty()) {
      findings.add(
          new Finding(
              "slack",
              where + "." + SinkConfig.SIGNING_SECRETS,
              "is missing: clicks in its messages are answered 404",
              "list the app's signing secret, which Slack shows beside its credentials"));
    }
    if (!sink.settings().containsKey("rules") && !sink.settings().containsKey("channel")) {
      findings.add(
          new Finding(
              "slack",
              where,
              "has neither rules nor a channel: nobody is told anything",
              "set rules, or channel for all standard events"));
    }
    return findings;
  }

  private static List<Finding> plainHttp(IngressConfig ingress) {
    return ingress.tls() != null || isLoopback(ingress.host())
        ? List.of()
        : List.of(
            new Finding(
                "plain-http",
                "ingress.host",
                "the public port listens on " + ingress.host() + " without TLS",
                "set ingress.tls, or ingress.host: 127.0.0.1 behind a proxy that ends TLS"));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** Without a signed time a captured request stays good for ever, unless something else helps. */
  private static List<Finding> replay(SourceConfig source) {
    if (signsTime(source)
        || !source.allowedNetworks().isEmpty()
        || source.clientCertificate() != null) {
      return List.of();
    }
    return List.of(
        new Finding(
            "replay",
            "sources." + source.name(),
            "no signed time ("
                + how(source)
                + "): a captured request can be sent again at any"
                + " time; the deduper drops copies within its window only",
            "set allowed-networks, or client-certificate where the vendor can show one, and keep"
                + " TLS all the way"));
  }

  private static boolean signsTime(SourceConfig source) {
    AuthConfig auth = source.auth();
    if (source.signature() != SignatureMode.REQUIRED || source.secrets().isEmpty()) {
      return false;
    }
    HmacConfig hmac = auth == null ? null : auth.hmac();
    if (hmac != null) {
      return hmac.timestampHeader() != null;
    }
    return source.vendor() == Vendor.SIGN_IN_APP
        || source.vendor() == Vendor.KYBERACCESS
        || source.vendor() == Vendor.STANDARD_WEBHOOKS;
  }

  private static String how(SourceConfig source) {
    AuthConfig auth = source.auth();
    if (auth != null && auth.scheme() != AuthConfig.Scheme.HMAC) {
      return switch (auth.scheme()) {
        case STATIC_HEADER -> "a header that is always the same";
        case BASIC -> "HTTP Basic";
        default -> "a key in the path";
      };
    }
    return source.signature() == SignatureMode.REQUIRED
        ? source.vendor() + " signs the body alone"
        : "a key in the path";
  }

  private static List<Finding> openEnds(SourceConfig source) {
    HmacConfig hmac = source.auth() == null ? null : source.auth().hmac();
    boolean open =
        hmac != null
            && (hmac.template().contains("{id}{body}") || hmac.template().contains("{body}{id}"));
    return open
        ? List.of(
            new Finding(
                "open-template",
                "sources." + source.name() + ".auth.template",
                "nothing stands between id and body: text of one can pass for the other",
                "have the sender sign a text between them, e.g. {id}.{body}"))
        : List.of();
  }

  private static List<Finding> weak(String where, String secret) {
    Optional<String> weakness = SecretStrength.weakness(secret);
    return weakness.stream()
        .map(what -> new Finding("weak-secret", where, what, NEW_SECRET))
        .toList();
  }

  /** Every secret of a source by the setting that holds it. */
  private static Map<String, Secret> secrets(SourceConfig source) {
    Map<String, Secret> secrets = new LinkedHashMap<>();
    String path = "sources." + source.name() + ".";
    list(secrets, path + "secrets", source.secrets());
    AuthConfig auth = source.auth();
    if (auth != null) {
      list(secrets, path + "auth.values", auth.values());
    }
    // The keys of path-secret stand in both places.
    if (auth == null || auth.scheme() != AuthConfig.Scheme.PATH_SECRET) {
      list(secrets, path + "path-keys", source.pathKeys());
    }
    if (source.screen() != null && source.screen().external() != null) {
      list(secrets, path + "screen.external.secrets", source.screen().external().secrets());
    }
    return secrets;
  }

  private static void list(Map<String, Secret> into, String path, List<Secret> secrets) {
    for (int i = 0; i < secrets.size(); i++) {
      into.put(path + "[" + i + "]", secrets.get(i));
    }
  }

  /** The part that nobody knows: without user name, scheme or {@code whsec_}. */
  private static String strippedOfScheme(SourceConfig source, Secret secret) {
    String text = secret.reveal();
    AuthConfig auth = source.auth();
    if (auth != null && auth.scheme() == AuthConfig.Scheme.BASIC) {
      return text.substring(text.indexOf(':') + 1);
    }
    if (text.startsWith(WHSEC)) {
      return text.substring(WHSEC.length());
    }
    return text.startsWith("Bearer ") ? text.substring("Bearer ".length()) : text;
  }
}
