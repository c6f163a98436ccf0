package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Normalization.Events;
import dev.vestibule.normalizer.adapter.Normalization.Reason;
import dev.vestibule.normalizer.adapter.Normalization.Unprocessable;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is too large or too odd for a scenario file. */
class HostileBodyTest {
  private final Normalizer normalizer =
      new Normalizer(Fixtures.IDENTITY, Fixtures.CREDENTIAL_KEY, Map.of(), KeyScheme.OF_THIS_BUILD);

  @Test
  void aTextOfTenMegabytesIsRead() {
    // Given
    String text = "x".repeat(10 * 1024 * 1024);
    String body =
        """
        {"id":"e","event":"visitor.updated","timestamp":"2026-01-01T00:00:00Z","account_id":"a",
         "data":{"visitor":{"id":"v"},"remark":"%s"}}\
        """
            .formatted(text);

    // When
    Normalization<Normalized> outcome =
        normalizer.normalize(Fixtures.raw(Vendor.KYBERACCESS, body));

    // Then
    assertThat(((Events<Normalized>) outcome).events().getFirst().event().getAttributes())
        .containsEntry("remark", text);
  }

  @Test
  void aNumberOfAMillionDigitsIsUnreadable() {
    // Given
    String body = "{\"event\":\"entry_sign_in\",\"n\":" + "9".repeat(1_000_000) + "}";

    // When
    Normalization<Normalized> outcome = normalizer.normalize(Fixtures.raw(Vendor.ENVOY, body));

    // Then
    assertThat(((Unprocessable<Normalized>) outcome).reason()).isEqualTo(Reason.UNREADABLE_BODY);
  }

  @ParameterizedTest
  @EnumSource
  void everyVendorDeadLettersWhatIsNoJson(Vendor vendor) {
    // Given
    RawRecord raw = Fixtures.raw(vendor, "<xml/>");

    // When
    Normalization<Normalized> outcome = normalizer.normalize(raw);

    // Then
    Unprocessable<Normalized> why = (Unprocessable<Normalized>) outcome;
    assertThat(why.reason()).isEqualTo(Reason.UNREADABLE_BODY);
    boolean health = vendor.baseSensitivity() == Sensitivity.HEALTH;
    assertThat(DeadLetters.of(raw, why, Fixtures.APPENDED_AT).getOriginal() == null)
        .isEqualTo(health);
  }

  @ParameterizedTest
  @EnumSource
  void everyVendorDeadLettersAnArray(Vendor vendor) {
    // When
    Normalization<Normalized> outcome = normalizer.normalize(Fixtures.raw(vendor, "[]"));

    // Then
    assertThat(((Unprocessable<Normalized>) outcome).reason()).isEqualTo(Reason.UNEXPECTED_SHAPE);
  }

  @Test
  void aRecordWithoutAKeyIsADeadLetter() {
    // Given
    RawRecord keyless =
        new RawRecord(
            Fixtures.headers(Vendor.ENVOY),
            null,
            "{}".getBytes(StandardCharsets.UTF_8),
            Fixtures.raw(Vendor.ENVOY, "{}").origin(),
            Fixtures.APPENDED_AT);

    // When
    Normalization<Normalized> outcome = normalizer.normalize(keyless);

    // Then
    Unprocessable<Normalized> why = (Unprocessable<Normalized>) outcome;
    assertThat(why.reason()).isEqualTo(Reason.MALFORMED_HEADERS);
    assertThat(why.field()).isEqualTo("key");
  }
}
