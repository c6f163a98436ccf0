package dev.vestibule.normalizer.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "2024-01-15T10:30:00Z, 2024-01-15T10:30:00Z",
    "2024-01-15T10:30:00.000Z, 2024-01-15T10:30:00Z",
    "2024-01-15 10:30:00, 2024-01-15T10:30:00Z",
    "2024-01-15 10:30:00 UTC, 2024-01-15T10:30:00Z",
    "2024-01-15T10:30:00, 2024-01-15T10:30:00Z",
    "2024-01-15T10:30, 2024-01-15T10:30:00Z",
    "2024-01-15T11:30:00+01:00, 2024-01-15T10:30:00Z",
    "2024-01-15T11:30:00+0100, 2024-01-15T10:30:00Z",
    "2024-01-15T05:30:00-05, 2024-01-15T10:30:00Z",
    "2026-01-27T14:40:10.123456Z, 2026-01-27T14:40:10.123456Z",
    "2026-01-27T14:40:10.123456789Z, 2026-01-27T14:40:10.123456Z",
    "'2024-02-29T23:59:59.9Z', 2024-02-29T23:59:59.900Z"
  })
  void readsWhatVendorsWriteInMicroseconds(String text, String instant) {
    assertThat(Times.parse(text)).hasToString(instant);
  }

  @ParameterizedTest(name = "\"{0}\"")
  @ValueSource(
      strings = {
        "",
        "10:30",
        "2024-01-15",
        "2023-02-29T10:00:00Z",
        "2024-01-15T25:00:00Z",
        "2024-01-15T10:30:00+99:00",
        "+12024-01-15T10:30:00Z",
        "0000-01-15T10:30:00Z",
        "1736933400",
        "yesterday"
      })
  void takesNothingElseForATime(String text) {
    assertThat(Times.parse(text)).isNull();
  }
}
