package dev.vestibule.sink.warehouse;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an installation says about one warehouse.
 *
 * @param batchRows rows after which a batch is written, {@code batch-rows}; default 2000
 * @param batchInterval how long the first row of a batch waits at most, {@code batch-interval};
 *     default 500 ms
 * @param memoryMegabytes what the database may use for data, {@code memory-mb}; default 160
 * @param queryTimeout how long a question may take, {@code query-timeout}; default 10 s
 * @param queryRows how many rows an answer may have, {@code query-rows}; default 10000
 */
record WarehouseSettings(
    int batchRows,
    Duration batchInterval,
    int memoryMegabytes,
    Duration queryTimeout,
    int queryRows) {

  static final WarehouseSettings DEFAULTS =
      new WarehouseSettings(2_000, Duration.ofMillis(500), 160, Duration.ofSeconds(10), 10_000);

  private static final Set<String> KEYS =
      Set.of("batch-rows", "batch-interval", "memory-mb", "query-timeout", "query-rows");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s|m)");

  /**
   * Reads the settings of a sink.
   *
   * @throws ConfigException for an unknown key or a value out of range
   */
  static WarehouseSettings of(SinkConfig sink) {
    String prefix = "vestibule.sinks." + sink.name() + ".";
    Map<String, String> settings = sink.settings();
    for (String key : settings.keySet()) {
      if (!KEYS.contains(key)) {
        throw new ConfigException(
            prefix + key,
            "is unknown; expected one of " + String.join(", ", KEYS.stream().sorted().toList()));
      }
    }
    return new WarehouseSettings(
        number(prefix, settings, "batch-rows", DEFAULTS.batchRows, 1, 100_000),
        duration(prefix, settings, "batch-interval", DEFAULTS.batchInterval),
        number(prefix, settings, "memory-mb", DEFAULTS.memoryMegabytes, 64, 65_536),
        duration(prefix, settings, "query-timeout", DEFAULTS.queryTimeout),
        number(prefix, settings, "query-rows", DEFAULTS.queryRows, 1, 1_000_000));
  }

  private static int number(
      String prefix, Map<String, String> settings, String key, int standard, int min, int max) {
    String text = settings.get(key);
    if (text == null) {
      return standard;
    }
    try {
      int number = Integer.parseInt(text.strip());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Falls through: the message is the same.
    }
    throw new ConfigException(
        prefix + key, "'" + text + "'; expected a whole number from " + min + " to " + max);
  }

  private static Duration duration(
      String prefix, Map<String, String> settings, String key, Duration standard) {
    String text = settings.get(key);
    if (text == null) {
      return standard;
    }
    Matcher matcher = DURATION.matcher(text.strip());
    if (matcher.matches()) {
      long amount = Long.parseLong(matcher.group(1));
      Duration duration =
          switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            default -> Duration.ofMinutes(amount);
          };
      if (duration.isPositive()) {
        return duration;
      }
    }
    throw new ConfigException(
        prefix + key, "'" + text + "'; expected a duration such as 250ms, 10s or 1m");
  }
}
