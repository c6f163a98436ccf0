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
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Reads the rules as people write them. A file of its own: who may enter where is decided and
 * reviewed by other people than those who hold the targets' secrets, and several sinks share it.
 */
public final class RulesFile {
  private static final int MAX_CHARACTERS = 1024 * 1024;
  private static final Duration LONGEST = Duration.ofDays(31);
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(s|m|h|d)");
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
    String name = Display.of(String.valueOf(file.getFileName()));
    try {
      return parse(Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new ConfigException(name, "is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(
          "rules", "'" + Display.of(file.toString()) + "' cannot be read; expected a YAML file");
    }
  }

  /** Reads the text of such a file. */
  public Rules parse(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new ConfigException("rules", "are longer than " + MAX_CHARACTERS + " characters");
    }
    Node root = new Node("", document(text));
    root.allow(KEYS);
    Duration cap = root.duration("max-window", Rules.MAX_WINDOW);
    List<SiteRule> sites = new ArrayList<>();
    for (Node node : root.nodes("sites")) {
      sites.add(site(node, cap, sites));
    }
    List<LockdownRule> lockdowns = new ArrayList<>();
    for (Node node : root.nodes("lockdowns")) {
      node.allow(LOCKDOWN_KEYS);
      LockdownRule rule = new LockdownRule(place(node), target(node), node.words("zones"));
      if (lockdowns.stream().anyMatch(r -> same(r.place(), r.target(), rule))) {
        throw node.problem("site", "has two lockdown rules for target '" + rule.target() + "'");
      }
      lockdowns.add(rule);
    }
    List<CredentialRule> credentials = new ArrayList<>();
    for (Node node : root.nodes("credentials")) {
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

  private SiteRule site(Node node, Duration cap, List<SiteRule> before) {
    node.allow(SITE_KEYS);
    SiteRule rule =
        new SiteRule(
            place(node),
            target(node),
            node.words("zones"),
            types(node),
            new WindowRule(
                node.edge("from"), node.edge("until"), node.duration("max-window", cap)));
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

  private Place place(Node node) {
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

  private String target(Node node) {
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

  private static Set<EventType> types(Node node) {
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

  private static @Nullable Object document(String text) {
    LoadSettings settings =
        LoadSettings.builder()
            .setSchema(new CoreSchema())
            .setAllowDuplicateKeys(false)
            .setMaxAliasesForCollections(0)
            .build();
    try {
      return new Load(settings).loadFromString(text);
    } catch (MarkedYamlEngineException e) {
      String at =
          e.getProblemMark()
              .map(mark -> " line " + (mark.getLine() + 1) + " column " + (mark.getColumn() + 1))
              .orElse("");
      throw new ConfigException("rules" + at, "is not valid YAML, or a key is given twice");
    } catch (YamlEngineException e) {
      throw new ConfigException("rules", "is not valid YAML");
    }
  }

  /** Some keys and where they stand. */
  private static final class Node {
    private final String path;
    private final Map<?, ?> values;

    Node(String path, @Nullable Object value) {
      this.path = path;
      if (value == null && path.isEmpty()) {
        values = Map.of();
      } else if (value instanceof Map<?, ?> map) {
        values = map;
      } else {
        throw new ConfigException(path.isEmpty() ? "rules" : path, "has no keys; expected keys");
      }
    }

    boolean has(String key) {
      return values.containsKey(key);
    }

    void allow(Set<String> keys) {
      for (Object key : values.keySet()) {
        String name = String.valueOf(key);
        if (!keys.contains(name)) {
          throw new ConfigException(
              path(Display.of(name)), "unknown key; " + Suggestion.of(name, new TreeSet<>(keys)));
        }
      }
    }

    List<Node> nodes(String key) {
      Object value = values.get(key);
      if (value == null) {
        return List.of();
      }
      if (!(value instanceof List<?> list)) {
        throw problem(key, "is no list; expected a list of rules");
      }
      List<Node> nodes = new ArrayList<>();
      for (Object element : list) {
        nodes.add(new Node(path(key) + "[" + nodes.size() + "]", element));
      }
      return nodes;
    }

    String word(String key) {
      Object value = values.get(key);
      if (value == null) {
        throw problem(key, "is missing");
      }
      String text = scalar(key, value);
      if (text.isBlank()) {
        throw wrong(key, text, "a text that is not empty");
      }
      return text;
    }

    /** Never empty: nothing is not everything. */
    Set<String> words(String key) {
      Object value = values.get(key);
      List<?> list =
          value instanceof List<?> many ? many : value == null ? List.of() : List.of(value);
      Set<String> words = new LinkedHashSet<>();
      for (Object element : list) {
        String word = element == null ? "" : scalar(key, element);
        if (word.isBlank() || word.equals("*")) {
          throw wrong(key, word, "names; an empty one or '*' is not everything");
        }
        words.add(word);
      }
      if (words.isEmpty()) {
        throw problem(key, "is missing or empty; expected at least one; none is not all");
      }
      return words;
    }

    Edge edge(String key) {
      String text = word(key);
      Matcher matcher = EDGE.matcher(text);
      Duration offset = Duration.ZERO;
      if (matcher.matches()) {
        String amount = matcher.group(3);
        offset = amount == null ? Duration.ZERO : parsed(amount);
        if (offset != null && offset.compareTo(LONGEST) <= 0) {
          return new Edge(
              matcher.group(1).equals("expected") ? Anchor.EXPECTED : Anchor.SIGNED_IN,
              "-".equals(matcher.group(2)) ? offset.negated() : offset);
        }
      }
      throw wrong(key, text, "'expected' or 'signed-in', with '+ 8h' or '- 15m', at most 31d");
    }

    Duration duration(String key, Duration fallback) {
      if (!has(key)) {
        return fallback;
      }
      String text = word(key);
      Duration duration = parsed(text);
      if (duration == null || duration.isZero() || duration.compareTo(LONGEST) > 0) {
        throw wrong(key, text, "a duration such as 90s, 15m, 8h or 1d, at most 31d");
      }
      return duration;
    }

    private static @Nullable Duration parsed(String text) {
      Matcher matcher = DURATION.matcher(text);
      if (!matcher.matches()) {
        return null;
      }
      long amount = Long.parseLong(matcher.group(1));
      return switch (matcher.group(2)) {
        case "s" -> Duration.ofSeconds(amount);
        case "m" -> Duration.ofMinutes(amount);
        case "h" -> Duration.ofHours(amount);
        default -> Duration.ofDays(amount);
      };
    }

    private String scalar(String key, Object value) {
      if (value instanceof Map || value instanceof Collection) {
        throw problem(key, "is no single value; expected a text");
      }
      // An id such as 0143 would lose its zero, so numbers are to be quoted where it matters.
      if (value instanceof Boolean || value instanceof Double) {
        throw wrong(key, value.toString(), "a text; put it in quotes");
      }
      return value.toString();
    }

    private String path(String key) {
      return path.isEmpty() ? key : path + "." + key;
    }

    ConfigException problem(String key, String problem) {
      return new ConfigException(path(key), problem);
    }

    ConfigException wrong(String key, String value, String expected) {
      return problem(key, "'" + Display.of(value) + "'; expected " + expected);
    }
  }
}
