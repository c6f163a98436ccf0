package dev.vestibule.sink.slack;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.HttpAddress;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.sink.slack.card.SlackIds;
import dev.vestibule.sink.slack.route.Routes;
import dev.vestibule.sink.slack.route.RoutesFile;
import dev.vestibule.sink.slack.vendor.Transitions;
import dev.vestibule.sink.slack.web.SlackClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What an installation says about one sink that writes to Slack, read and checked.
 *
 * @param api where Slack's methods are
 * @param team our workspace, or null to ask Slack
 * @param app our app, or null where the signature alone says that a click is ours
 * @param transitions where essentry takes answers, or null where it is not told
 */
record SlackSettings(
    Routes routes,
    Secret token,
    URI api,
    @Nullable String team,
    @Nullable String app,
    @Nullable TransitionsAt transitions) {
  private static final String TRANSITIONS_TOKEN = "transitions-token";
  private static final Pattern TEAM = Pattern.compile("[TE][A-Z0-9]{2,30}");
  private static final Pattern APP = Pattern.compile("A[A-Z0-9]{2,30}");

  /**
   * @param url https, or http on this machine
   */
  record TransitionsAt(URI url, Secret token) {}

  /**
   * Reads the sink's section and its rules, and asks nobody.
   *
   * @throws ConfigException for whatever cannot be used
   */
  static SlackSettings of(VestibuleConfig config, SinkConfig sink) {
    Routes routes = routes(config, sink);
    routes.check(sink.sensitivities());
    return new SlackSettings(
        routes,
        token(sink, "token", "the bot's token"),
        url(sink, "api-url", SlackClient.SLACK),
        id(sink, "team", TEAM.asMatchPredicate(), "the id of a workspace such as T012AB3CD"),
        id(sink, "app", APP.asMatchPredicate(), "the id of an app such as A012AB3CD"),
        transitions(sink, routes));
  }

  private static Routes routes(VestibuleConfig config, SinkConfig sink) {
    String file = sink.settings().get("rules");
    String channel =
        id(sink, "channel", SlackIds::isChannel, "the id of a channel such as C012AB3CD");
    if (file != null && channel != null) {
      throw problem(sink, "channel", "is given and rules too; expected only one of them");
    }
    if (file != null) {
      return new RoutesFile(
              config.sources().values().stream()
                  .collect(Collectors.toMap(SourceConfig::name, SourceConfig::vendor)))
          .read(Path.of(file));
    }
    return channel == null ? Routes.none() : Routes.simple(config.sources().keySet(), channel);
  }

  private static @Nullable TransitionsAt transitions(SinkConfig sink, Routes routes) {
    if (!sink.settings().containsKey(TRANSITIONS_TOKEN) && !routes.tellsVendors()) {
      return null;
    }
    return new TransitionsAt(
        url(sink, "transitions-url", Transitions.ESSENTRY),
        token(sink, TRANSITIONS_TOKEN, "a token of essentry, since the rules name transitions"));
  }

  private static Secret token(SinkConfig sink, String key, String expected) {
    String token = sink.settings().get(key);
    if (token == null) {
      throw problem(sink, key, "is missing; expected " + expected);
    }
    if (!token.matches("[!-~]+")) {
      throw problem(sink, key, "is no token; expected visible ASCII without blanks");
    }
    return new Secret(token);
  }

  /** Tokens go there. */
  private static URI url(SinkConfig sink, String key, URI otherwise) {
    String text = sink.settings().get(key);
    if (text == null) {
      return otherwise;
    }
    if (!HttpAddress.isPrivate(text)) {
      throw problem(
          sink,
          key,
          "'"
              + Display.of(text)
              + "'; expected an https address such as "
              + otherwise
              + ", or http on this machine");
    }
    return URI.create(text);
  }

  private static @Nullable String id(
      SinkConfig sink, String key, Predicate<String> form, String expected) {
    String text = sink.settings().get(key);
    if (text != null && !form.test(text)) {
      throw problem(sink, key, "'" + Display.of(text) + "'; expected " + expected);
    }
    return text;
  }

  private static ConfigException problem(SinkConfig sink, String key, String what) {
    return new ConfigException("vestibule.sinks." + sink.name() + "." + key, what);
  }
}
