package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcesTest {

  @Test
  void aRenamedSourceKeepsItsSettings() {
    // Given
    SourceConfig berlin = essentry(Map.of("onsite", "APPROVED"));

    // When
    Sources sources = new Sources(Map.of(berlin.name(), berlin));

    // Then
    assertThat(sources.of("old-name", Vendor.ESSENTRY, "hq").states()).containsKey("onsite");
    assertThat(sources.of("old-name", Vendor.ESSENTRY, "other").states()).isEmpty();
    assertThat(sources.of("berlin", Vendor.ENVOY, "hq").states()).isEmpty();
  }

  @Test
  void anUnknownTypeInTheStateMapStopsTheStart() {
    SourceConfig berlin = essentry(Map.of("onsite", "ARRIVED"));
    assertThatThrownBy(() -> new Sources(Map.of(berlin.name(), berlin)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vestibule.sources.berlin.states.onsite")
        .hasMessageContaining("ARRIVED");
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource({
    "person.shoe_size, /data/shoe",
    "person.subject_key, /data/x",
    "credential.id, /data/card",
    "visit.id, data.visit",
    "type:visit.started, ARRIVED"
  })
  void aMappingThatCannotWorkStopsTheStart(String field, String value) {
    SourceConfig source = standardWebhooks(Map.of(field, value));
    assertThatThrownBy(() -> new Sources(Map.of(source.name(), source)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vestibule.sources.other.mapping." + field);
  }

  @Test
  void everyFieldOfAVisitMayBeMapped() {
    // Given
    SourceConfig source =
        standardWebhooks(
            Map.of("visit.expected_at", "/at", "type:a", "signed_in", "screening", "/s"));

    // Then
    assertThat(new Sources(Map.of(source.name(), source)).of("other", source.vendor(), "hq"))
        .isSameAs(source);
  }

  private static SourceConfig essentry(Map<String, String> states) {
    return source("berlin", Vendor.ESSENTRY, states, Map.of());
  }

  private static SourceConfig standardWebhooks(Map<String, String> mapping) {
    return source("other", Vendor.STANDARD_WEBHOOKS, Map.of(), mapping);
  }

  private static SourceConfig source(
      String name, Vendor vendor, Map<String, String> states, Map<String, String> mapping) {
    SourceConfig plain = SourceConfig.of(name, vendor, "hq");
    return new SourceConfig(
        plain.name(),
        plain.vendor(),
        plain.account(),
        plain.secrets(),
        plain.auth(),
        plain.signature(),
        plain.pathKeys(),
        plain.pastTolerance(),
        plain.futureTolerance(),
        plain.maxBodyBytes(),
        plain.rateLimit(),
        plain.allowedNetworks(),
        plain.trustedProxies(),
        states,
        mapping,
        null);
  }
}
