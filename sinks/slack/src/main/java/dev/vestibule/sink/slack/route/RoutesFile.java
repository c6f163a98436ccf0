package dev.vestibule.sink.slack.route;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.sink.rules.RuleNode;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.SlackIds;
import dev.vestibule.sink.slack.route.Routes.Panel;
import dev.vestibule.sink.slack.route.Routes.Route;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the routes as people write them. A file of its own: who is told of visitors is decided and
 * reviewed by other people than those who hold the workspace's token.
 */
public final class RoutesFile {
  static final int DIGEST_AFTER = 30;
  static final Duration WITHIN = Duration.ofMinutes(15);

  private static final Set<String> KEYS = Set.of("routes", "reviewers", "digest-after");
  private static final Set<String> ROUTE_KEYS =
      Set.of(
          "source", "sites", "hosts", "on", "sensitivities", "channel", "direct-message", "thread");
  private static final Set<String> REVIEWER_KEYS =
      Set.of("source", "sites", "users", "groups", "approve", "four-eyes", "within");

  /** Events that can begin a message. */
  private static final Set<EventType> SHOWN =
      Arrays.stream(EventType.values())
          .filter(type -> Phase.of(type) != null && Phase.of(type) != Phase.ERASED)
          .collect(Collectors.toCollection(() -> EnumSet.noneOf(EventType.class)));

  private static final Set<EventType> ALWAYS_RESTRICTED =
      EnumSet.of(EventType.WATCHLIST_HIT, EventType.BOLO_ALERT);

  private final Collection<String> sources;

  /**
   * @param sources names of all configured sources
   */
  public RoutesFile(Collection<String> sources) {
    this.sources = new TreeSet<>(sources);
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException when anything in it is not understood; names key, value and expectation
   */
  public Routes read(Path file) {
    return parse(RuleNode.text(file));
  }

  /** Reads the text of such a file. */
  public Routes parse(String text) {
    RuleNode root = RuleNode.of(text);
    root.allow(KEYS);
    List<Route> routes = new ArrayList<>();
    for (RuleNode node : root.nodes("routes")) {
      routes.add(route(node));
    }
    List<Panel> panels = new ArrayList<>();
    for (RuleNode node : root.nodes("reviewers")) {
      panels.add(panel(node, panels));
    }
    return new Routes(routes, panels, root.count("digest-after", DIGEST_AFTER, 5, 10_000));
  }

  private Route route(RuleNode node) {
    node.allow(ROUTE_KEYS);
    if (node.has("channel") == node.has("direct-message")) {
      throw node.problem(
          "channel", "expected either a channel or 'direct-message: host', and not both");
    }
    Set<Sensitivity> sensitivities = sensitivities(node);
    boolean health = sensitivities.contains(Sensitivity.HEALTH);
    Set<String> hosts = hosts(node);
    if (health && (node.has("direct-message") || node.has("hosts"))) {
      throw node.wrong(
          "sensitivities", "health", "another one: who is visited is not read of health events");
    }
    return new Route(
        source(node),
        sites(node),
        hosts,
        types(node, sensitivities),
        sensitivities,
        node.has("channel") ? channel(node) : host(node),
        node.flag("thread", false));
  }

  private Panel panel(RuleNode node, List<Panel> before) {
    node.allow(REVIEWER_KEYS);
    if (!node.has("users") && !node.has("groups")) {
      throw node.problem("users", "is missing, and so is groups; expected at least one of them");
    }
    String source = source(node);
    Set<String> sites = sites(node);
    for (Panel other : before) {
      if (other.source().equals(source)
          && (other.sites().isEmpty()
              ? sites.isEmpty()
              : !Collections.disjoint(other.sites(), sites))) {
        throw node.problem("sites", "has a place that an earlier rule names; expected one rule");
      }
    }
    return new Panel(
        source,
        sites,
        new Reviewers(
            ids(node, "users", SlackIds::isUser, "ids of users such as U012AB3CD"),
            ids(node, "groups", SlackIds::isGroup, "ids of user groups such as S012AB3CD"),
            node.flag("approve", true),
            node.flag("four-eyes", false),
            node.duration("within", WITHIN)));
  }

  private String source(RuleNode node) {
    String source = node.word("source");
    if (!sources.contains(source)) {
      throw node.problem(
          "source", "'" + Display.of(source) + "' is no source; " + Suggestion.of(source, sources));
    }
    return source;
  }

  private static Set<String> sites(RuleNode node) {
    return node.has("sites") ? node.words("sites") : Set.of();
  }

  private static Set<String> hosts(RuleNode node) {
    if (!node.has("hosts")) {
      return Set.of();
    }
    Set<String> hosts = new TreeSet<>();
    for (String host : node.words("hosts")) {
      if (!host.matches("[^\\s@]+@[^\\s@]+")) {
        throw node.wrong("hosts", host, "e-mail addresses");
      }
      hosts.add(host.toLowerCase(Locale.ROOT));
    }
    return hosts;
  }

  private static String channel(RuleNode node) {
    String channel = node.word("channel");
    if (!SlackIds.isChannel(channel)) {
      throw node.wrong("channel", channel, "the id of a channel such as C012AB3CD, not its name");
    }
    return channel;
  }

  /** No channel, but the host in person. */
  private static @Nullable String host(RuleNode node) {
    String whom = node.word("direct-message");
    if (!whom.equals("host")) {
      throw node.wrong("direct-message", whom, "host");
    }
    return null;
  }

  private static Set<String> ids(
      RuleNode node, String key, Predicate<String> form, String expected) {
    if (!node.has(key)) {
      return Set.of();
    }
    Set<String> ids = node.words(key);
    for (String id : ids) {
      if (!form.test(id)) {
        throw node.wrong(key, id, expected);
      }
    }
    return ids;
  }

  private static Set<Sensitivity> sensitivities(RuleNode node) {
    if (!node.has("sensitivities")) {
      return EnumSet.of(Sensitivity.STANDARD);
    }
    Set<Sensitivity> named = EnumSet.noneOf(Sensitivity.class);
    for (String word : node.words("sensitivities")) {
      named.add(
          Arrays.stream(Sensitivity.values())
              .filter(known -> word(known).equals(word))
              .findFirst()
              .orElseThrow(
                  () -> node.wrong("sensitivities", word, "standard, restricted or health")));
    }
    return named;
  }

  private static Set<EventType> types(RuleNode node, Set<Sensitivity> sensitivities) {
    if (!node.has("on")) {
      return SHOWN;
    }
    Set<EventType> types = EnumSet.noneOf(EventType.class);
    for (String word : node.words("on")) {
      EventType type =
          SHOWN.stream()
              .filter(known -> word(known).equals(word))
              .findFirst()
              .orElseThrow(() ->
                  node.wrong(
                      "on",
                      word,
                      "events that a message shows: "
                          + SHOWN.stream()
                              .map(RoutesFile::word)
                              .collect(Collectors.joining(", "))));
      if (ALWAYS_RESTRICTED.contains(type) && !sensitivities.contains(Sensitivity.RESTRICTED)) {
        throw node.wrong("on", word, "'sensitivities' with restricted beside it");
      }
      types.add(type);
    }
    return types;
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
