package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.events.EventType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScenarioTest {

  static Stream<Scenario> scenarios() {
    return Scenario.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void becomesWhatTheFileSays(Scenario scenario) {
    // When
    JsonNode actual = scenario.actual();

    // Then
    assertThat(actual.toPrettyString()).isEqualTo(scenario.expected().toPrettyString());
  }

  /** What the rules promise to keep out stands in the given bodies under these markers. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("scenarios")
  void whatMustNotTravelInClearDoesNot(Scenario scenario) {
    // When
    JsonNode actual = scenario.actual().deepCopy();
    actual
        .path("events")
        .forEach(event -> {
          if (event.get("credential") instanceof ObjectNode credential) {
            credential.remove("sealed");
          }
        });

    // Then
    assertThat(actual.toString())
        .doesNotContain("SECRET", "://", "0012345", "0098765", "X0000000", "L01X00T47", "X1234567");
  }

  @Test
  void everyTypeThatAnAdapterCanGiveHasAScenario() {
    // Given
    Set<EventType> covered = EnumSet.of(EventType.UNKNOWN);

    // When
    for (Scenario scenario : Scenario.all().toList()) {
      for (JsonNode event : scenario.expected().path("events")) {
        covered.add(EventType.valueOf(event.path("type").textValue()));
      }
    }

    // Then
    assertThat(covered).containsExactlyInAnyOrder(EventType.values());
  }

  @Test
  void everyNameOfTheContractsHasAScenario() {
    // Given
    List<String> covered = new ArrayList<>();

    // When
    for (Scenario scenario : Scenario.all().toList()) {
      for (JsonNode event : scenario.expected().path("events")) {
        covered.add(event.path("vendor_event_type").asText());
      }
    }

    // Then
    assertThat(covered).contains(DocumentedNames.KYBERACCESS);
    assertThat(covered).contains(DocumentedNames.ENVOY);
    assertThat(covered).contains(DocumentedNames.SIGN_IN_APP);
    assertThat(covered).contains("checkin.outcome", "checkIn", "accessCredential");
  }
}
