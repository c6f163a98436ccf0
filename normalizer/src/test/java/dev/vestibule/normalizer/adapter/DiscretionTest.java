package dev.vestibule.normalizer.adapter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscretionTest {

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "pin",
        "PIN",
        "Door PIN",
        "pin_code",
        "accessPin",
        "card",
        "cardNumberKiosk",
        "card_number",
        "Card No.",
        "documentNumber",
        "document-number",
        "Passport number",
        "ID card no.",
        "Ausweisnummer",
        "Personalausweis",
        "licenseNumber",
        "secret-token",
        "edit-token",
        "access_token",
        "photo_url",
        "photo-url",
        "faceImageUrl",
        "thumbnails",
        "badge_url",
        "qr-code",
        "qr_code_url",
        "legal-docs",
        "nda_document_url",
        "selfie",
        "password",
        "apiKey",
        "credential",
        "image1",
        "photo2"
      })
  void withholdsByName(String name) {
    assertThat(Discretion.withholds(name)).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "id_scanned", "nda_signed", "purpose", "Company", "Car Reg", "shopping", "opinion",
        "cardinality", "is_returning", "department", "match_score", "badge", "flow-id", "capacity",
        "birthdate", "document"
      })
  void keepsOrdinaryNames(String name) {
    assertThat(Discretion.withholds(name)).isFalse();
  }

  @Test
  void looksIntoEveryDepthAndIntoAnswers() {
    // Given
    JsonNode node =
        node(
            """
            {"a":[{"pin":"1","ok":"x"},{"field":"Passport number","value":"2"}],
             "b":{"c":{"d":"https://img.example/1"}},
             "e":"see www.example.com","f":null,"g":"  ","h":[],"i":{"j":[[{"token":1}]]}}\
            """);

    // When
    JsonNode scrubbed = Discretion.scrub(node);

    // Then
    assertThat(scrubbed).hasToString("{\"a\":[{\"ok\":\"x\"}]}");
  }

  private static JsonNode node(String json) {
    return Objects.requireNonNull(Json.read(json.getBytes(UTF_8)));
  }
}
