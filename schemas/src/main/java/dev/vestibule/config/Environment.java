package dev.vestibule.config;

import dev.vestibule.config.Setting.Group;
import dev.vestibule.config.Setting.Items;
import dev.vestibule.config.Setting.Text;
import dev.vestibule.config.Shape.FilePath;
import dev.vestibule.config.Shape.Fixed;
import dev.vestibule.config.Shape.Hidden;
import dev.vestibule.config.Shape.HiddenMany;
import dev.vestibule.config.Shape.Many;
import dev.vestibule.config.Shape.Named;
import dev.vestibule.config.Shape.One;
import dev.vestibule.config.Shape.Open;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts values of the environment over those of the file. A variable is the key's path in capitals
 * with underscores: {@code VESTIBULE_SOURCES_HQ_KYBER_SECRETS}, with {@code _0} for one element of
 * a list and {@code _FILE} for the file of a secret. Variables that start with the name of a
 * section must fit; all others are somebody else's.
 */
final class Environment {
  private static final String PREFIX = "VESTIBULE_";
  private static final String FILE = "FILE";
  private static final Pattern INDEX = Pattern.compile("\\d{1,3}");

  private final Map<String, String> variables;

  Environment(Map<String, String> variables) {
    this.variables = variables;
  }

  /** Changes the tree in place. */
  void overlay(Fixed shape, Group root) {
    // Short names first: a whole list, then its elements, and element 9 before element 10.
    variables.keySet().stream()
        .filter(name -> name.startsWith(PREFIX) && belongs(shape, name))
        .sorted(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()))
        .forEach(name -> apply(shape, root, name));
  }

  private static boolean belongs(Fixed shape, String name) {
    return shape.keys().keySet().stream()
        .anyMatch(section -> name.startsWith(PREFIX + variable(section) + "_"));
  }

  private void apply(Fixed shape, Group root, String name) {
    Target target =
        resolve(shape, root, name.substring(PREFIX.length()))
            .orElseThrow(() ->
                new ConfigException(
                    name, "environment variable names no key; expected a key of its section"));
    String value = variables.getOrDefault(name, "");
    put(root, target, new Text(value, name), name);
  }

  /**
   * Where a variable goes.
   *
   * @param index element of a list, or null for the whole
   * @param file whether the value is the path of a file
   * @param split whether a comma separates values
   */
  private record Target(List<String> keys, @Nullable Integer index, boolean file, boolean split) {
    static Target value() {
      return new Target(List.of(), null, false, false);
    }

    Target under(String key) {
      List<String> longer = new ArrayList<>();
      longer.add(key);
      longer.addAll(keys);
      return new Target(longer, index, file, split);
    }
  }

  private static Optional<Target> resolve(Shape shape, @Nullable Setting setting, String rest) {
    return switch (shape) {
      case One _, FilePath _ -> rest.isEmpty() ? Optional.of(Target.value()) : Optional.empty();
      case Many many -> {
        if (rest.isEmpty()) {
          yield Optional.of(new Target(List.of(), null, false, true));
        }
        yield INDEX.matcher(rest).matches() ? Optional.of(element(rest, false)) : Optional.empty();
      }
      case Hidden hidden -> secret(rest);
      case HiddenMany hidden -> {
        int underscore = rest.indexOf('_');
        String first = underscore < 0 ? rest : rest.substring(0, underscore);
        if (!INDEX.matcher(first).matches()) {
          yield secret(rest);
        }
        String last = underscore < 0 ? "" : rest.substring(underscore + 1);
        yield secret(last).map(target -> element(first, target.file()));
      }
      case Fixed(Map<String, Shape> keys) -> fixed(keys, setting, rest);
      case Named(Shape each) -> named(each, setting, rest);
      case Open(Collection<String> known) -> open(known, setting, rest);
    };
  }

  private static Target element(String index, boolean file) {
    return new Target(List.of(), Integer.valueOf(index), file, false);
  }

  private static Optional<Target> secret(String rest) {
    return switch (rest) {
      case "" -> Optional.of(Target.value());
      case FILE -> Optional.of(new Target(List.of(), null, true, false));
      default -> Optional.empty();
    };
  }

  private static Optional<Target> fixed(
      Map<String, Shape> keys, @Nullable Setting setting, String rest) {
    return keys.entrySet().stream()
        .sorted(Comparator.comparingInt(entry -> -entry.getKey().length()))
        .flatMap(entry ->
            after(variable(entry.getKey()), rest)
                .flatMap(left -> resolve(entry.getValue(), child(setting, entry.getKey()), left))
                .map(target -> target.under(entry.getKey()))
                .stream())
        .findFirst();
  }

  /** An existing name wins; otherwise the longest key at the end tells where a new name stops. */
  private static Optional<Target> named(Shape each, @Nullable Setting setting, String rest) {
    List<String> existing =
        keysOf(setting).stream()
            .filter(name -> rest.startsWith(variable(name) + "_"))
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    for (String name : existing) {
      Optional<Target> target =
          resolve(each, child(setting, name), rest.substring(variable(name).length() + 1));
      if (target.isPresent()) {
        return target.map(found -> found.under(name));
      }
    }
    for (int end = rest.indexOf('_'); end > 0; end = rest.indexOf('_', end + 1)) {
      Optional<Target> target = resolve(each, null, rest.substring(end + 1));
      if (target.isPresent()) {
        String name = rest.substring(0, end).toLowerCase(Locale.ROOT).replace('_', '-');
        return target.map(found -> found.under(name));
      }
    }
    return Optional.empty();
  }

  private static Optional<Target> open(
      Collection<String> known, @Nullable Setting setting, String rest) {
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    TreeSet<String> candidates = new TreeSet<>(known);
    candidates.addAll(keysOf(setting));
    String key =
        candidates.stream()
            .filter(candidate -> variable(candidate).equals(rest))
            .findFirst()
            .orElseGet(() -> rest.toLowerCase(Locale.ROOT).replace('_', '.'));
    return Optional.of(Target.value().under(key));
  }

  private static void put(Group root, Target target, Text text, String variable) {
    Map<String, Setting> group = root.values();
    for (String key : target.keys().subList(0, target.keys().size() - 1)) {
      Setting inner = group.computeIfAbsent(key, missing -> new Group(new LinkedHashMap<>()));
      if (!(inner instanceof Group(Map<String, Setting> values))) {
        throw new ConfigException(
            variable,
            "environment variable goes under '"
                + key
                + "', which is "
                + inner.kind()
                + " in the file; expected keys");
      }
      group = values;
    }
    String last = target.keys().getLast();
    Setting value = text;
    if (target.file()) {
      Map<String, Setting> file = new LinkedHashMap<>();
      file.put("file", text);
      value = new Group(file);
    } else if (target.split()) {
      List<Setting> values = new ArrayList<>();
      Arrays.stream(text.value().split(","))
          .map(String::strip)
          .filter(part -> !part.isEmpty())
          .forEach(part -> values.add(new Text(part, variable)));
      value = new Items(values);
    }
    Integer index = target.index();
    if (index == null) {
      group.put(last, value);
      return;
    }
    List<Setting> elements = new ArrayList<>();
    switch (group.get(last)) {
      case null -> {}
      case Items(List<Setting> values) -> elements.addAll(values);
      case Setting single -> elements.add(single);
    }
    if (index > elements.size()) {
      throw new ConfigException(
          variable, "environment variable leaves a gap; expected at most _" + elements.size());
    }
    if (index == elements.size()) {
      elements.add(value);
    } else {
      elements.set(index, value);
    }
    group.put(last, new Items(elements));
  }

  /** What follows a key: nothing, or the part after the underscore. */
  private static Optional<String> after(String key, String rest) {
    if (rest.equals(key)) {
      return Optional.of("");
    }
    return rest.startsWith(key + "_")
        ? Optional.of(rest.substring(key.length() + 1))
        : Optional.empty();
  }

  private static @Nullable Setting child(@Nullable Setting setting, String key) {
    return setting instanceof Group(Map<String, Setting> values) ? values.get(key) : null;
  }

  private static Collection<String> keysOf(@Nullable Setting setting) {
    return setting instanceof Group(Map<String, Setting> values) ? values.keySet() : List.of();
  }

  private static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
  }
}
