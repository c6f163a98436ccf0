package dev.vestibule.config;

import dev.vestibule.config.Setting.Group;
import dev.vestibule.config.Setting.Items;
import dev.vestibule.config.Setting.Text;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which keys a configuration may have and what stands under each. One description serves the check
 * for unknown keys, the environment and the test of the reference file.
 */
sealed interface Shape {

  /** One value. */
  record One() implements Shape {}

  /** The path of a file, relative to the configuration's folder. */
  record FilePath() implements Shape {}

  /** Several values, or a single one instead of the list. */
  record Many() implements Shape {}

  /** A secret: text, or {@code {file: path}}. */
  record Hidden() implements Shape {}

  /** Several secrets, or a single one instead of the list. */
  record HiddenMany() implements Shape {}

  /** Exactly these keys, all optional here. */
  record Fixed(Map<String, Shape> keys) implements Shape {
    public Fixed {
      keys = new TreeMap<>(keys);
    }
  }

  /** Names that the installation chooses. */
  record Named(Shape each) implements Shape {}

  /**
   * Keys that somebody else defines, with a value or {@code {file: path}} each.
   *
   * @param known keys that can be recognised in the name of an environment variable
   */
  record Open(Collection<String> known) implements Shape {}

  /**
   * Checks the keys and what kind of thing stands under them; never the values, and never shows
   * them: what stands under a wrong key may be a secret.
   */
  default void check(String path, Setting setting) {
    switch (this) {
      case One one -> expect(setting instanceof Text, path, setting, "a single value");
      case FilePath file -> expect(setting instanceof Text, path, setting, "the path of a file");
      case Many many -> {
        for (Setting value : elements(setting)) {
          expect(value instanceof Text, path, value, "a value or a list of values");
        }
      }
      case Hidden hidden -> checkHidden(path, setting);
      case HiddenMany hidden -> elements(setting).forEach(value -> checkHidden(path, value));
      case Fixed(Map<String, Shape> keys) -> {
        for (var entry : group(path, setting, "keys").entrySet()) {
          Shape shape = keys.get(entry.getKey());
          if (shape == null) {
            throw unknownKey(join(path, entry.getKey()), entry.getKey(), keys.keySet());
          }
          shape.check(join(path, entry.getKey()), entry.getValue());
        }
      }
      case Named(Shape each) ->
          group(path, setting, "names")
              .forEach((name, value) -> each.check(join(path, name), value));
      case Open open ->
          group(path, setting, "keys").forEach((key, value) -> checkHidden(join(path, key), value));
    }
  }

  /** Every key that can be written, as {@code sources.*.secrets}. */
  default List<String> paths(String prefix) {
    List<String> paths = new ArrayList<>();
    switch (this) {
      case Fixed(Map<String, Shape> keys) ->
          keys.forEach((key, shape) -> paths.addAll(shape.paths(join(prefix, key))));
      case Named(Shape each) -> paths.addAll(each.paths(join(prefix, "*")));
      case One one -> paths.add(prefix);
      case FilePath file -> paths.add(prefix);
      case Many many -> paths.add(prefix);
      case Hidden hidden -> paths.add(prefix);
      case HiddenMany hidden -> paths.add(prefix);
      case Open open -> paths.add(prefix);
    }
    return paths;
  }

  static String join(String path, String key) {
    return path.isEmpty() ? Display.of(key) : path + "." + Display.of(key);
  }

  private static List<Setting> elements(Setting setting) {
    return setting instanceof Items(List<Setting> values) ? values : List.of(setting);
  }

  private static void checkHidden(String path, Setting setting) {
    if (setting instanceof Group(Map<String, Setting> values)) {
      new Fixed(Map.of("file", new One())).check(path, setting);
      expect(values.containsKey("file"), path, setting, "text or {file: path}");
    } else {
      expect(setting instanceof Text, path, setting, "text or {file: path}");
    }
  }

  private static Map<String, Setting> group(String path, Setting setting, String expected) {
    if (setting instanceof Group(Map<String, Setting> values)) {
      return values;
    }
    throw new ConfigException(path, "is " + setting.kind() + "; expected " + expected);
  }

  private static void expect(boolean fits, String path, Setting setting, String expected) {
    if (!fits) {
      throw new ConfigException(path, "is " + setting.kind() + "; expected " + expected);
    }
  }

  private static ConfigException unknownKey(
      String path, String key, Collection<String> candidates) {
    return new ConfigException(path, "unknown key; " + Suggestion.of(key, candidates));
  }
}
