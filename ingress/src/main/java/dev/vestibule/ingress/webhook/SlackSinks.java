package dev.vestibule.ingress.webhook;

import dev.vestibule.config.Secret;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.ingress.signature.HmacVerifier;
import dev.vestibule.ingress.signature.SlackSignature;
import dev.vestibule.ingress.signature.Verifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every sink whose messages people can answer in Slack, by name. Its signing secrets may change
 * while requests are under way: each is judged by those that were there when it began.
 */
public final class SlackSinks {
  private static final Logger LOG = LoggerFactory.getLogger(SlackSinks.class);

  private volatile Map<String, Listed> byName;

  /** What a sink lists, and what it verifies with; null where it lists nothing. */
  private record Listed(List<Secret> secrets, @Nullable Verifier verifier) {}

  private SlackSinks(Map<String, Listed> byName) {
    this.byName = byName;
  }

  /** The signing secrets of such sinks by name, all active; none where a sink lists none. */
  public static Map<String, List<Secret>> secretsOf(Collection<SinkConfig> sinks) {
    return sinks.stream()
        .filter(sink -> sink.type().equals(SinkConfig.SLACK))
        .collect(
            Collectors.toUnmodifiableMap(
                SinkConfig::name, sink -> sink.secrets(SinkConfig.SIGNING_SECRETS)));
  }

  /** Prepares them. A sink that lists no secret is not served, for nothing could be believed. */
  public static SlackSinks of(Map<String, List<Secret>> secrets) {
    Map<String, Listed> byName = new LinkedHashMap<>();
    secrets.forEach((name, listed) -> byName.put(name, listed(name, listed)));
    return new SlackSinks(Map.copyOf(byName));
  }

  /**
   * Takes over the secrets of a newer configuration; never fails. Where a sink lists none any more
   * nothing is believed from then on. A sink that is new needs a restart.
   *
   * @param newer secrets by the sink's name
   */
  public void takeSecretsOf(Map<String, List<Secret>> newer) {
    Map<String, Listed> renewed = new LinkedHashMap<>();
    List<String> changed = new ArrayList<>();
    byName.forEach((name, before) -> {
      List<Secret> secrets = newer.getOrDefault(name, before.secrets());
      if (secrets.equals(before.secrets())) {
        renewed.put(name, before);
      } else {
        changed.add(name);
        renewed.put(name, listed(name, secrets));
      }
    });
    byName = Map.copyOf(renewed);
    if (!changed.isEmpty()) {
      LOG.atInfo().addKeyValue("sinks", changed).log("secrets changed");
    }
    List<String> added =
        newer.keySet().stream().filter(name -> !renewed.containsKey(name)).sorted().toList();
    if (!added.isEmpty()) {
      LOG.atWarn().addKeyValue("sinks", added).log("sinks are new; that needs a restart");
    }
  }

  /** What judges the clicks of a sink; null where there is no such sink, or no secret of it. */
  @Nullable Verifier find(String name) {
    Listed listed = byName.get(name);
    return listed == null ? null : listed.verifier();
  }

  private static Listed listed(String name, List<Secret> secrets) {
    if (secrets.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("sink", name)
          .log("sink lists no signing-secrets; clicks in its messages are answered 404");
      return new Listed(secrets, null);
    }
    return new Listed(
        secrets,
        new HmacVerifier(
            SlackSignature.SCHEME,
            secrets.stream().map(secret -> HmacVerifier.key(secret.bytes())).toList()));
  }
}
