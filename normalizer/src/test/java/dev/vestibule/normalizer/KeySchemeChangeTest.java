package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.normalizer.adapter.Normalization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** While one key scheme replaces another, every event carries the keys of both. */
class KeySchemeChangeTest {
  private static final KeyScheme CHANGE = new KeyScheme("2", "1");
  private static final List<String> KEYS =
      List.of(
          Headers.KEY_SCHEME,
          Headers.KEY_TRANSPORT,
          Headers.KEY_DELIVERY,
          Headers.KEY_FACT,
          Headers.KEY_SNAPSHOT,
          Headers.KEY_HINT,
          Headers.IDENTITY,
          Headers.SNAPSHOT_FINGERPRINT);

  static Stream<Scenario> scenariosWithEvents() {
    return Scenario.all().filter(scenario -> !normalize(scenario, CHANGE).isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenariosWithEvents")
  void eventsCarryTheOldKeysUnchangedAndNewOnesBeside(Scenario scenario) {
    // When
    List<Normalized> before = normalize(scenario, KeyScheme.OF_THIS_BUILD);
    List<Normalized> during = normalize(scenario, CHANGE);

    // Then
    assertThat(during).hasSameSizeAs(before);
    for (int i = 0; i < before.size(); i++) {
      Map<String, String> old = before.get(i).headers();
      Map<String, String> both = during.get(i).headers();
      for (String key : KEYS) {
        assertThat(both.get(Headers.previous(key))).as(key).isEqualTo(old.get(key));
        assertThat(both.containsKey(key)).as(key).isEqualTo(old.containsKey(key));
        if (old.containsKey(key)) {
          assertThat(both.get(key)).as(key).isNotEqualTo(old.get(key));
        }
      }
      assertThat(without(both, KEYS)).isEqualTo(without(old, KEYS));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenariosWithEvents")
  void eventsThemselvesStayTheSame(Scenario scenario) {
    // When
    List<Normalized> before = normalize(scenario, KeyScheme.OF_THIS_BUILD);
    List<Normalized> after = normalize(scenario, new KeyScheme("2", null));

    // Then
    assertThat(after)
        .extracting(normalized -> normalized.event().getEventId())
        .isEqualTo(before.stream().map(normalized -> normalized.event().getEventId()).toList());
    assertThat(after)
        .extracting(normalized -> normalized.event().getRevision())
        .isEqualTo(before.stream().map(normalized -> normalized.event().getRevision()).toList());
    assertThat(after)
        .allMatch(normalized ->
            normalized.headers().keySet().stream()
                .noneMatch(name -> name.startsWith("vestibule-previous-")));
  }

  private static List<Normalized> normalize(Scenario scenario, KeyScheme scheme) {
    return scenario.normalizer(scheme).normalize(scenario.raw())
            instanceof Normalization.Events<Normalized> events
        ? events.events()
        : List.of();
  }

  private static Map<String, String> without(Map<String, String> headers, List<String> keys) {
    Map<String, String> rest = new HashMap<>(headers);
    keys.forEach(key -> {
      rest.remove(key);
      rest.remove(Headers.previous(key));
    });
    return rest;
  }
}
