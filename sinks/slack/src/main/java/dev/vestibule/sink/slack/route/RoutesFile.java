package dev.vestibule.sink.slack.route;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.sink.rules.RuleNode;
import dev.vestibule.sink.slack.card.AlertKind;
import dev.vestibule.sink.slack.card.SlackIds;
import dev.vestibule.sink.slack.route.Routes.AlertRoute;
import dev.vestibule.sink.slack.route.Routes.Panel;
import dev.vestibule.sink.slack.route.Routes.Route;
import dev.vestibule.sink.slack.route.Routes.TransitionNames;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads the routes as people write them. A file of its own: who is told of visitors is decided and
 * reviewed by other people than those who hold the workspace's token.
 */
public final class RoutesFile {
  private static final int MOST_OF_TRANSITION = 200;

  static final Duration WITHIN = Duration.ofMinutes(15);

  private static final String APPROVE_TRANSITION = "approve-transition";
  private static final String DENY_TRANSITION = "deny-transition";
  private static final String ENTRY = "entry";
  private static final String ENVOY_ENTRY = "https://dashboard.envoy.com/entries/{visit}";

  private static final Set<String> KEYS = Set.of("routes", "reviewers", "alerts", "digest-after");
  private static final Set<String> ROUTE_KEYS =
      Set.of(
          "source", "sites", "hosts", "on", "sensitivities", "channel", "direct-message", "thread");
  private static final Set<String> REVIEWER_KEYS =
      Set.of(
          "source",
          "sites",
          "users",
          "groups",
          "approve",
          "four-eyes",
          "within",
          APPROVE_TRANSITION,
          DENY_TRANSITION,
          ENTRY);
  private static final Set<String> ALERT_KEYS = Set.of("channel", "kinds", "at-least", "sources");

  private static final Set<EventType> ALWAYS_RESTRICTED =
      EnumSet.of(EventType.WATCHLIST_HIT, EventType.BOLO_ALERT);

  private final Map<String, Vendor> sources;

  /**
   * @param sources names of all configured sources, and whose format they speak
   */
  public RoutesFile(Map<String, Vendor> sources) {
    this.sources = new TreeMap<>(sources);
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
    List<AlertRoute> alerts = new ArrayList<>();
    for (RuleNode node : root.nodes("alerts")) {
      alerts.add(alerts(node));
    }
    return new Routes(
        routes, panels, alerts, root.count("digest-after", Routes.DIGEST_AFTER, 5, 10_000));
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
    Reviewers reviewers =
        new Reviewers(
            ids(node, "users", SlackIds::isUser, "ids of users such as U012AB3CD"),
            ids(node, "groups", SlackIds::isGroup, "ids of user groups such as S012AB3CD"),
            node.flag("approve", true),
            node.flag("four-eyes", false),
            node.duration("within", WITHIN));
    return new Panel(
        source,
        sites,
        reviewers,
        transitions(node, source, reviewers.approves()),
        entry(node, source));
  }

  /** Both answers or none: one that the vendor is not told of would be thought to count there. */
  private @Nullable TransitionNames transitions(RuleNode node, String source, boolean approves) {
    String given = node.has(APPROVE_TRANSITION) ? APPROVE_TRANSITION : DENY_TRANSITION;
    if (!node.has(given)) {
      return null;
    }
    if (sources.get(source) != Vendor.ESSENTRY) {
      throw node.problem(
          given, "is for sources of essentry; '" + Display.of(source) + "' is of another vendor");
    }
    if (approves != node.has(APPROVE_TRANSITION)) {
      throw node.problem(
          APPROVE_TRANSITION,
          approves
              ? "is missing beside " + DENY_TRANSITION + "; expected both, or 'approve: false'"
              : "is given and 'approve: false' too; expected only one of them");
    }
    return new TransitionNames(
        approves ? transition(node, APPROVE_TRANSITION) : null, transition(node, DENY_TRANSITION));
  }

  /** Where people look at an entry; Envoy's is inferred from its dashboard. */
  private @Nullable String entry(RuleNode node, String source) {
    if (!node.has(ENTRY)) {
      return sources.get(source) == Vendor.ENVOY ? ENVOY_ENTRY : null;
    }
    String template = node.word(ENTRY);
    if (!template.matches("https://[!-~&&[^\"<>|\\\\^`]]+")
        || !template.contains("{visit}")
        || template.replace("{visit}", "").matches(".*[{}].*")) {
      throw node.wrong(ENTRY, template, "an https address with {visit} in it");
    }
    return template;
  }

  /** A customer's own words, as they are. */
  private static String transition(RuleNode node, String key) {
    String name = node.word(key);
    if (name.length() > MOST_OF_TRANSITION || name.chars().anyMatch(Character::isISOControl)) {
      throw node.wrong(
          key, name, "one line of at most " + MOST_OF_TRANSITION + " characters, as in the flow");
    }
    return name;
  }

  private AlertRoute alerts(RuleNode node) {
    node.allow(ALERT_KEYS);
    Set<String> named = node.has("sources") ? node.words("sources") : Set.of();
    named.forEach(source -> source(node, "sources", source));
    Set<String> kinds = node.has("kinds") ? node.words("kinds") : Set.of();
    for (String kind : kinds) {
      if (AlertKind.of(kind).isEmpty()) {
        throw node.problem(
            "kinds",
            "'" + Display.of(kind) + "' is no kind; " + Suggestion.of(kind, AlertKind.words()));
      }
    }
    return new AlertRoute(channel(node), kinds, severity(node), named);
  }

  private static AlertSeverity severity(RuleNode node) {
    if (!node.has("at-least")) {
      return AlertSeverity.WARNING;
    }
    String word = node.word("at-least");
    return Arrays.stream(AlertSeverity.values())
        .filter(known -> word(known).equals(word))
        .findFirst()
        .orElseThrow(() -> node.wrong("at-least", word, "info, warning or critical"));
  }

  private String source(RuleNode node) {
    return source(node, "source", node.word("source"));
  }

  private String source(RuleNode node, String key, String source) {
    if (!sources.containsKey(source)) {
      throw node.problem(
          key,
          "'" + Display.of(source) + "' is no source; " + Suggestion.of(source, sources.keySet()));
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
      return Routes.SHOWN;
    }
    Set<EventType> types = EnumSet.noneOf(EventType.class);
    for (String word : node.words("on")) {
      EventType type =
          Routes.SHOWN.stream()
              .filter(known -> word(known).equals(word))
              .findFirst()
              .orElseThrow(() ->
                  node.wrong(
                      "on",
                      word,
                      "events that a message shows: "
                          + Routes.SHOWN.stream()
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
