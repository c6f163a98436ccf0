package dev.vestibule.ingress.decision.policy;

import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to the keys of one level of a document, already parsed into maps, lists and scalars.
 * What does not fit becomes a problem that names key, value and expectation; reading goes on, so
 * that an author sees all problems at once.
 */
final class Keys {
  private final String path;
  private final Map<?, ?> values;
  private final List<String> problems;

  private Keys(String path, Map<?, ?> values, List<String> problems) {
    this.path = path;
    this.values = values;
    this.problems = problems;
  }

  /** The keys of a document; none when it is something else, which is a problem. */
  static Keys of(String path, @Nullable Object document, List<String> problems) {
    if (document instanceof Map<?, ?> values) {
      return new Keys(path, values, problems);
    }
    problems.add((path.isEmpty() ? "" : path + ": ") + wrong(document, "keys with values"));
    return new Keys(path, Map.of(), problems);
  }

  /** Reports every key that is not one of these. */
  Keys allow(Collection<String> known) {
    for (Object key : values.keySet()) {
      if (!(key instanceof String name && known.contains(name))) {
        String name = String.valueOf(key);
        problem(Display.of(name), "unknown key; " + Suggestion.of(name, known));
      }
    }
    return this;
  }

  void problem(String key, String problem) {
    problems.add(path(key) + ": " + problem);
  }

  boolean has(String key) {
    return values.get(key) != null;
  }

  /** Text that is not blank; empty and a problem when there is none. */
  String text(String key, int maxLength) {
    String text = optionalText(key, maxLength);
    if (text == null && !has(key)) {
      problem(key, "is missing; expected text");
    }
    return text == null ? "" : text;
  }

  /** Text that is not blank, or null. */
  @Nullable String optionalText(String key, int maxLength) {
    Object value = values.get(key);
    return value == null ? null : text(path(key), value, maxLength);
  }

  /** A whole number; the lowest and a problem when there is none. */
  int number(String key, int min, int max) {
    Object value = values.get(key);
    if (value == null) {
      problem(key, "is missing; expected a whole number");
    } else if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= min
        && ((Number) value).longValue() <= max) {
      return ((Number) value).intValue();
    } else {
      problem(key, wrong(value, "a whole number from " + min + " to " + max));
    }
    return min;
  }

  /** True or false; false and a problem when there is neither. */
  boolean flag(String key) {
    Object value = values.get(key);
    if (value instanceof Boolean flag) {
      return flag;
    }
    problem(
        key, value == null ? "is missing; expected true or false" : wrong(value, "true or false"));
    return false;
  }

  /** One of the constants as they are written in Java; the fallback when the key is absent. */
  <E extends Enum<E>> E constant(String key, Class<E> type, E fallback, boolean required) {
    Object value = values.get(key);
    List<String> names = Arrays.stream(type.getEnumConstants()).map(Enum::name).toList();
    if (value instanceof String name && names.contains(name)) {
      return Enum.valueOf(type, name);
    }
    String expected = "one of " + String.join(", ", names);
    if (value != null) {
      problem(key, wrong(value, expected));
    } else if (required) {
      problem(key, "is missing; expected " + expected);
    }
    return fallback;
  }

  /** The texts of a list; none when the key is absent. */
  List<String> texts(String key, int maxSize, int maxLength) {
    List<String> texts = new ArrayList<>();
    List<?> items = items(key, maxSize);
    for (int i = 0; i < items.size(); i++) {
      String text = text(path(key) + "[" + i + "]", items.get(i), maxLength);
      if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  /** Texts by free names; none when the key is absent. */
  Map<String, String> textByName(String key, int maxSize, int maxLength) {
    Map<String, String> texts = new LinkedHashMap<>();
    Keys inner = Keys.of(path(key), values.get(key), problems);
    if (inner.values.size() > maxSize) {
      problem(key, "has " + inner.values.size() + " entries; expected at most " + maxSize);
      return texts;
    }
    inner.values.forEach((name, value) -> {
      String text = text(inner.path(String.valueOf(name)), value, maxLength);
      if (name instanceof String question && text != null) {
        texts.put(question, text);
      } else if (!(name instanceof String)) {
        inner.problem(String.valueOf(name), "the key is " + wrong(name, "text in quotes"));
      }
    });
    return texts;
  }

  /** The levels of a list of levels; none when the key is absent. */
  List<Keys> levels(String key, int maxSize) {
    List<Keys> levels = new ArrayList<>();
    List<?> items = items(key, maxSize);
    for (int i = 0; i < items.size(); i++) {
      levels.add(Keys.of(path(key) + "[" + i + "]", items.get(i), problems));
    }
    return levels;
  }

  /** The level under a key; an empty one when the key is absent. */
  Keys level(String key) {
    return Keys.of(path(key), has(key) ? values.get(key) : Map.of(), problems);
  }

  /** The value of any kind under a key. */
  @Nullable Object value(String key) {
    return values.get(key);
  }

  String path(String key) {
    return path.isEmpty() ? Display.of(key) : path + "." + Display.of(key);
  }

  /** What is wrong with a value and what would be right. */
  static String wrong(@Nullable Object value, String expected) {
    String shown =
        switch (value) {
          case null -> "is empty";
          case Map<?, ?> map -> "is a level of keys";
          case Collection<?> list -> "is a list";
          case Object scalar -> "'" + Display.of(scalar.toString()) + "'";
        };
    return shown + "; expected " + expected;
  }

  private List<?> items(String key, int maxSize) {
    Object value = values.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> items)) {
      problem(key, wrong(value, "a list"));
      return List.of();
    }
    if (items.size() > maxSize) {
      problem(key, "has " + items.size() + " entries; expected at most " + maxSize);
      return List.of();
    }
    return items;
  }

  private @Nullable String text(String where, @Nullable Object value, int maxLength) {
    if (!(value instanceof String text)) {
      problems.add(
          where + ": " + wrong(value, "text" + (value instanceof Number ? " in quotes" : "")));
    } else if (text.isBlank()) {
      problems.add(where + ": is empty; expected text");
    } else if (text.codePointCount(0, text.length()) > maxLength) {
      problems.add(
          where
              + ": is "
              + text.codePointCount(0, text.length())
              + " characters long; expected at most "
              + maxLength);
    } else {
      return text;
    }
    return null;
  }
}
