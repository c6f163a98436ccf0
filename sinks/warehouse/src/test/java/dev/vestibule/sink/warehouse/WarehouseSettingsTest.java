package dev.vestibule.sink.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SinkConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WarehouseSettingsTest {
  private static WarehouseSettings settings(Map<String, String> settings) {
    return WarehouseSettings.of(new SinkConfig("dwh", "warehouse", Set.of(), settings));
  }

  @Test
  void nothingSaidIsTheDefault() {
    assertThat(settings(Map.of()))
        .isEqualTo(
            new WarehouseSettings(
                2_000, Duration.ofMillis(500), 160, Duration.ofSeconds(10), 10_000));
  }

  @Test
  void everyKeyIsRead() {
    assertThat(
            settings(
                Map.of(
                    "batch-rows", "5",
                    "batch-interval", "2s",
                    "memory-mb", "128",
                    "query-timeout", "1m",
                    "query-rows", "7")))
        .isEqualTo(new WarehouseSettings(5, Duration.ofSeconds(2), 128, Duration.ofMinutes(1), 7));
  }

  @ParameterizedTest
  @CsvSource({
    "batch-rows, 0",
    "batch-rows, many",
    "batch-rows, 100001",
    "batch-interval, 5",
    "batch-interval, 0ms",
    "batch-interval, -1s",
    "memory-mb, 63",
    "query-timeout, 1h",
    "query-rows, 1e3"
  })
  void aBadValueIsNamedWithItsKey(String key, String value) {
    assertThatThrownBy(() -> settings(Map.of(key, value)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sinks.dwh." + key + ": '" + value + "'; expected ");
  }

  @Test
  void anUnknownKeyIsNamed() {
    assertThatThrownBy(() -> settings(Map.of("batch-row", "1")))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith(
            "vestibule.sinks.dwh.batch-row: is unknown; expected one of batch-interval,");
  }
}
