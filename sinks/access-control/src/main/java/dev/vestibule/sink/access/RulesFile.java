package dev.vestibule.sink.access;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import dev.vestibule.events.EventType;
import dev.vestibule.sink.access.Rules.CredentialRule;
import dev.vestibule.sink.access.Rules.LockdownRule;
import dev.vestibule.sink.access.Rules.Place;
import dev.vestibule.sink.access.Rules.SiteRule;
import dev.vestibule.sink.access.WindowRule.Edge;
import dev.vestibule.sink.rules.RuleNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the rules as people write them. A file of its own: who may enter where is decided and
 * reviewed by other people than those who hold the targets' secrets, and several sinks share it.
 */
public final class RulesFile {
  private static final Pattern EDGE =
      Pattern.compile("(expected|signed-in)(?:\\s*([+-])\\s*(\\S+))?");
  private static final Set<String> KEYS =
      Set.of("max-age", "max-window", "alarm-after", "sites", "lockdowns", "credentials");
  private static final Set<String> SITE_KEYS =
      Set.of("source", "site", "target", "zones", "on", "from", "until", "max-window");
  private static final Set<String> LOCKDOWN_KEYS = Set.of("source", "site", "target", "zones");
  private static final Set<String> CREDENTIAL_KEYS = Set.of("source", "site", "target", "kinds");

  private final Collection<String> sources;
  private final Collection<String> targets;

  /**
   * @param sources names of all configured sources
   * @param targets names of all configured sinks that open doors
   */
  public RulesFile(Collection<String> sources, Collection<String> targets) {
    this.sources = new TreeSet<>(sources);
    this.targets = new TreeSet<>(targets);
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException when anything in it is not understood; names key, value and expectation
   */
  public Rules read(Path file) {
    return parse(RuleNode.text(file));
  }

  /** Reads the text of such a file. */
  public Rules parse(String text) {
    RuleNode root = RuleNode.of(text);
    root.allow(KEYS);
    Duration cap = root.duration("max-window", Rules.MAX_WINDOW);
    List<SiteRule> sites = new ArrayList<>();
    for (RuleNode node : root.nodes("sites")) {
      sites.add(site(node, cap, sites));
    }
    List<LockdownRule> lockdowns = new ArrayList<>();
    for (RuleNode node : root.nodes("lockdowns")) {
      node.allow(LOCKDOWN_KEYS);
      LockdownRule rule = new LockdownRule(place(node), target(node), node.words("zones"));
      if (lockdowns.stream().anyMatch(r -> same(r.place(), r.target(), rule))) {
        throw node.problem("site", "has two lockdown rules for target '" + rule.target() + "'");
      }
      lockdowns.add(rule);
    }
    List<CredentialRule> credentials = new ArrayList<>();
    for (RuleNode node : root.nodes("credentials")) {
      node.allow(CREDENTIAL_KEYS);
      credentials.add(new CredentialRule(place(node), target(node), node.words("kinds")));
    }
    return new Rules(
        root.duration("max-age", Rules.MAX_AGE),
        root.duration("alarm-after", Rules.ALARM_AFTER),
        sites,
        lockdowns,
        credentials);
  }

  private static boolean same(Place place, String target, LockdownRule rule) {
    return place.equals(rule.place()) && target.equals(rule.target());
  }

  private SiteRule site(RuleNode node, Duration cap, List<SiteRule> before) {
    node.allow(SITE_KEYS);
    SiteRule rule =
        new SiteRule(
            place(node),
            target(node),
            node.words("zones"),
            types(node),
            new WindowRule(
                edge(node, "from"), edge(node, "until"), node.duration("max-window", cap)));
    for (SiteRule other : before) {
      if (other.place().equals(rule.place()) && other.target().equals(rule.target())) {
        for (EventType type : rule.on()) {
          if (other.on().contains(type)) {
            throw node.wrong(
                "on", word(type), "no event that another rule of this site and target names");
          }
        }
      }
    }
    return rule;
  }

  private Place place(RuleNode node) {
    String source = node.word("source");
    if (!sources.contains(source)) {
      throw node.problem(
          "source", "'" + Display.of(source) + "' is no source; " + Suggestion.of(source, sources));
    }
    String site = node.word("site");
    if (site.equals("*") || site.equalsIgnoreCase("all")) {
      throw node.wrong("site", site, "the source's own id of one site; no rule opens all");
    }
    return new Place(source, site);
  }

  private String target(RuleNode node) {
    String target = node.word("target");
    if (!targets.contains(target)) {
      throw node.problem(
          "target",
          "'"
              + Display.of(target)
              + "' is no sink of type access-control; "
              + Suggestion.of(target, targets));
    }
    return target;
  }

  private static Set<EventType> types(RuleNode node) {
    if (!node.has("on")) {
      return EnumSet.of(EventType.SIGNED_IN);
    }
    Set<EventType> types = EnumSet.noneOf(EventType.class);
    for (String word : node.words("on")) {
      EventType type =
          Rules.OPENING.stream()
              .filter(known -> word(known).equals(word))
              .findFirst()
              .orElseThrow(() ->
                  node.wrong(
                      "on",
                      word,
                      "events that may open a door: "
                          + String.join(
                              ", ", Rules.OPENING.stream().map(RulesFile::word).toList())));
      types.add(type);
    }
    if (types.equals(EnumSet.of(EventType.UPDATED))) {
      throw node.wrong("on", "updated", "also an event that opens; a change alone opens nothing");
    }
    return types;
  }

  private static String word(EventType type) {
    return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Edge edge(RuleNode node, String key) {
    String text = node.word(key);
    Matcher matcher = EDGE.matcher(text);
    if (matcher.matches()) {
      String amount = matcher.group(3);
      Duration offset = amount == null ? Duration.ZERO : RuleNode.duration(amount);
      if (offset != null) {
        return new Edge(
            matcher.group(1).equals("expected") ? Anchor.EXPECTED : Anchor.SIGNED_IN,
            "-".equals(matcher.group(2)) ? offset.negated() : offset);
      }
    }
    throw node.wrong(key, text, "'expected' or 'signed-in', with '+ 8h' or '- 15m', at most 31d");
  }
}
