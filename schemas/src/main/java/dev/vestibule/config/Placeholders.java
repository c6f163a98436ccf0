package dev.vestibule.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code ${NAME}} and {@code ${NAME:default}} inside a text. What is put in is not expanded again,
 * so a secret may hold any characters; {@code $${NAME}} stands for {@code ${NAME}} itself.
 */
final class Placeholders {
  private static final Pattern PLACEHOLDER =
      Pattern.compile("(\\$?)\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?}");

  private final Map<String, String> environment;

  Placeholders(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * @param key where the text stands, for the message
   * @throws ConfigException when a variable is not set and has no default
   */
  String expand(String key, String text) {
    Matcher matcher = PLACEHOLDER.matcher(text);
    StringBuilder expanded = new StringBuilder();
    while (matcher.find()) {
      matcher.appendReplacement(expanded, Matcher.quoteReplacement(value(key, matcher)));
    }
    return matcher.appendTail(expanded).toString();
  }

  private String value(String key, Matcher matcher) {
    if (!matcher.group(1).isEmpty()) {
      return matcher.group().substring(1);
    }
    String name = matcher.group(2);
    String value = environment.getOrDefault(name, matcher.group(3));
    if (value == null) {
      throw new ConfigException(
          Display.of(key), "environment variable " + name + " is not set; expected a value");
    }
    return value;
  }
}
