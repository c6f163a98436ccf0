package dev.vestibule.config;

import dev.vestibule.config.Setting.Group;
import dev.vestibule.config.Setting.Items;
import dev.vestibule.config.Setting.Text;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Typed access to some keys; the {@link Shape} has been checked before. */
final class Section {
  private static final int MAX_SECRET_BYTES = 1024 * 1024;
  private static final Pattern DURATION = Pattern.compile("(\\d{1,15})(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("(\\d{1,15})(B|KiB|MiB|GiB)?");

  private final String path;
  private final Map<String, Setting> values;
  private final Path folder;

  /**
   * @param path where the keys stand, for messages
   * @param folder where relative paths of secret files start
   */
  Section(String path, Map<String, Setting> values, Path folder) {
    this.path = path;
    this.values = values;
    this.folder = folder;
  }

  /** The keys under a key; none when it is absent. */
  Section section(String key) {
    return new Section(
        path(key),
        values.get(key) instanceof Group(Map<String, Setting> inner) ? inner : Map.of(),
        folder);
  }

  Set<String> keys() {
    return values.keySet();
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  String path(String key) {
    return Shape.join(path, key);
  }

  /** A problem with what stands under a key, without showing it. */
  ConfigException problem(String key, String problem) {
    return new ConfigException(path(key), problem);
  }

  /** A problem with the value of a key that is no secret. */
  ConfigException wrong(String key, String value, String expected) {
    String variable = values.get(key) instanceof Text text ? text.variable() : null;
    return problem(
        key,
        "'"
            + Display.of(value)
            + "'"
            + (variable == null ? "" : " (from " + variable + ")")
            + "; expected "
            + expected);
  }

  /** Text that is not blank, or null when the key is absent. */
  @Nullable String text(String key) {
    if (!(values.get(key) instanceof Text text)) {
      return null;
    }
    if (text.value().isBlank()) {
      throw wrong(key, text.value(), "a text that is not empty");
    }
    return text.value();
  }

  /** A path, relative to the configuration's folder; null when the key is absent. */
  @Nullable Path file(String key) {
    String name = text(key);
    if (name == null) {
      return null;
    }
    try {
      return folder.resolve(name);
    } catch (InvalidPathException e) {
      throw wrong(key, name, "a path");
    }
  }

  String text(String key, String fallback) {
    String value = text(key);
    return value == null ? fallback : value;
  }

  /** Text that may be empty. */
  String anyText(String key, String fallback) {
    return values.get(key) instanceof Text text ? text.value() : fallback;
  }

  long number(String key, long fallback, long min, long max) {
    String value = text(key);
    if (value == null) {
      return fallback;
    }
    try {
      long number = Long.parseLong(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through to the one message.
    }
    throw wrong(key, value, "a whole number from " + min + " to " + max);
  }

  /** True or false, or null when the key is absent. */
  @Nullable Boolean flag(String key) {
    return switch (text(key)) {
      case null -> null;
      case "true" -> true;
      case "false" -> false;
      case String other -> throw wrong(key, other, "true or false");
    };
  }

  /** A span of time, or null when the key is absent. */
  @Nullable Duration duration(String key) {
    String value = text(key);
    if (value == null) {
      return null;
    }
    try {
      Matcher matcher = DURATION.matcher(value);
      Duration duration =
          matcher.matches()
              ? duration(Long.parseLong(matcher.group(1)), matcher.group(2))
              : Duration.parse(value);
      if (!duration.isNegative()) {
        long _ = duration.toMillis(); // throws when it does not fit
        return duration;
      }
    } catch (RuntimeException e) {
      // Falls through to the one message.
    }
    throw wrong(key, value, "a duration such as 250ms, 300s, 5m, 15h, 7d or PT15H");
  }

  private static Duration duration(long amount, String unit) {
    return switch (unit) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /** A size in bytes. */
  long size(String key, long fallback, long min, long max) {
    String value = text(key);
    if (value == null) {
      return fallback;
    }
    Matcher matcher = SIZE.matcher(value);
    if (matcher.matches()) {
      long factor =
          switch (matcher.group(2)) {
            case "KiB" -> 1L << 10;
            case "MiB" -> 1L << 20;
            case "GiB" -> 1L << 30;
            case null, default -> 1L;
          };
      long amount = Long.parseLong(matcher.group(1));
      if (amount <= max / factor && amount * factor >= min) {
        return amount * factor;
      }
    }
    throw wrong(
        key, value, "bytes from " + min + " to " + max + ", as a number or such as 512KiB or 1MiB");
  }

  /** One of the constants, written in lower case with hyphens; null when the key is absent. */
  <E extends Enum<E>> @Nullable E oneOf(String key, Class<E> type) {
    String value = text(key);
    return value == null ? null : constant(key, value, type);
  }

  <E extends Enum<E>> E constant(String key, String value, Class<E> type) {
    List<String> names = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
      if (name.equals(value)) {
        return constant;
      }
      names.add(name);
    }
    throw wrong(key, value, "one of " + String.join(", ", names));
  }

  /** Values of a list, or the single value in its place. */
  List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (Setting setting : elements(key)) {
      if (setting instanceof Text text) {
        if (text.value().isBlank()) {
          throw wrong(key, text.value(), "texts that are not empty");
        }
        texts.add(text.value());
      }
    }
    return texts;
  }

  /** A secret, or null when the key is absent. */
  @Nullable Secret secret(String key) {
    Setting setting = values.get(key);
    return setting == null ? null : secret(path(key), setting);
  }

  /** Secrets of a list, or the single secret in its place. */
  List<Secret> secrets(String key) {
    List<Secret> secrets = new ArrayList<>();
    List<Setting> elements = elements(key);
    for (int i = 0; i < elements.size(); i++) {
      secrets.add(secret(path(key) + "[" + i + "]", elements.get(i)));
    }
    return secrets;
  }

  /** All keys with their values; a value may come from a file and may be empty. */
  Map<String, String> open() {
    Map<String, String> open = new LinkedHashMap<>();
    values.forEach((key, setting) ->
        open.put(
            key,
            setting instanceof Text text ? text.value() : secret(path(key), setting).reveal()));
    return open;
  }

  private List<Setting> elements(String key) {
    return switch (values.get(key)) {
      case null -> List.of();
      case Items(List<Setting> elements) -> elements;
      case Setting single -> List.of(single);
    };
  }

  private Secret secret(String key, Setting setting) {
    String text =
        switch (setting) {
          case Text plain -> plain.value();
          case Group(Map<String, Setting> group) when group.get("file") instanceof Text file ->
              content(key, file.value());
          default -> throw new ConfigException(key, "expected text or {file: path}");
        };
    if (text.isEmpty()) {
      throw new ConfigException(key, "is empty; expected a secret");
    }
    return new Secret(text);
  }

  private String content(String key, String file) {
    try (InputStream in = Files.newInputStream(folder.resolve(file))) {
      byte[] bytes = in.readNBytes(MAX_SECRET_BYTES + 1);
      if (bytes.length > MAX_SECRET_BYTES) {
        throw new ConfigException(
            key, "file '" + Display.of(file) + "' is too large; expected at most 1 MiB");
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      Arrays.fill(bytes, (byte) 0);
      return withoutTrailingNewline(text);
    } catch (CharacterCodingException e) {
      throw new ConfigException(
          key, "file '" + Display.of(file) + "' is not UTF-8; expected a secret as text");
    } catch (IOException | RuntimeException e) {
      if (e instanceof ConfigException known) {
        throw known;
      }
      throw new ConfigException(
          key, "file '" + Display.of(file) + "' cannot be read; expected a file with the secret");
    }
  }

  private static String withoutTrailingNewline(String text) {
    if (text.endsWith("\r\n")) {
      return text.substring(0, text.length() - 2);
    }
    return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }
}
