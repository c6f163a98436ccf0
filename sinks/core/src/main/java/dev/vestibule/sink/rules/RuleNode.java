package dev.vestibule.sink.rules;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
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
 * Some keys of a file of rules, and where they stand. Every method throws a {@link ConfigException}
 * that names the key where a value is not what it should be.
 */
public final class RuleNode {
  private static final int MAX_CHARACTERS = 1024 * 1024;
  private static final Duration LONGEST = Duration.ofDays(31);
  private static final Pattern DURATION = Pattern.compile("(\\d{1,6})(s|m|h|d)");

  private final String path;
  private final Map<?, ?> values;

  /**
   * Reads a file.
   *
   * @throws ConfigException where it cannot be read
   */
  public static String text(Path file) {
    String name = Display.of(String.valueOf(file.getFileName()));
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ConfigException(name, "is not UTF-8 text");
    } catch (IOException e) {
      throw new ConfigException(
          "rules", "'" + Display.of(file.toString()) + "' cannot be read; expected a YAML file");
    }
  }

  /** The keys of such a text; none where it is empty. */
  public static RuleNode of(String text) {
    if (text.length() > MAX_CHARACTERS) {
      throw new ConfigException("rules", "are longer than " + MAX_CHARACTERS + " characters");
    }
    return new RuleNode("", document(text));
  }

  private RuleNode(String path, @Nullable Object value) {
    this.path = path;
    if (value == null && path.isEmpty()) {
      values = Map.of();
    } else if (value instanceof Map<?, ?> map) {
      values = map;
    } else {
      throw new ConfigException(path.isEmpty() ? "rules" : path, "has no keys; expected keys");
    }
  }

  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** Refuses all other keys. */
  public void allow(Set<String> keys) {
    for (Object key : values.keySet()) {
      String name = String.valueOf(key);
      if (!keys.contains(name)) {
        throw new ConfigException(
            path(Display.of(name)), "unknown key; " + Suggestion.of(name, new TreeSet<>(keys)));
      }
    }
  }

  /** A list of keys; none where the key is missing. */
  public List<RuleNode> nodes(String key) {
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw problem(key, "is no list; expected a list of rules");
    }
    List<RuleNode> nodes = new ArrayList<>();
    for (Object element : list) {
      nodes.add(new RuleNode(path(key) + "[" + nodes.size() + "]", element));
    }
    return nodes;
  }

  /** A text that has to be there. */
  public String word(String key) {
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

  /** One text or several. Never empty: nothing is not everything. */
  public Set<String> words(String key) {
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

  public Duration duration(String key, Duration fallback) {
    if (!has(key)) {
      return fallback;
    }
    String text = word(key);
    Duration duration = duration(text);
    if (duration == null || duration.isZero()) {
      throw wrong(key, text, "a duration such as 90s, 15m, 8h or 1d, at most 31d");
    }
    return duration;
  }

  /** Yes or no. */
  public boolean flag(String key, boolean fallback) {
    return switch (values.get(key)) {
      case null -> fallback;
      case Boolean flag -> flag;
      case Object other -> throw wrong(key, other.toString(), "true or false");
    };
  }

  /** A whole number. */
  public int count(String key, int fallback, int min, int max) {
    return switch (values.get(key)) {
      case null -> fallback;
      case Integer count when count >= min && count <= max -> count;
      case Object other ->
          throw wrong(key, other.toString(), "a number from " + min + " to " + max);
    };
  }

  /** A time such as 90s, 15m, 8h or 1d; null where it is none or longer than 31 days. */
  public static @Nullable Duration duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration duration =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        };
    return duration.compareTo(LONGEST) > 0 ? null : duration;
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

  /** What is wrong with a key. */
  public ConfigException problem(String key, String problem) {
    return new ConfigException(path(key), problem);
  }

  /** What is wrong with a value. */
  public ConfigException wrong(String key, String value, String expected) {
    return problem(key, "'" + Display.of(value) + "'; expected " + expected);
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
}
