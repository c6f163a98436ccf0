package dev.vestibule.normalizer.adapter.essentry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.normalizer.adapter.BodyHash;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "e1-arrival, a07555cab7e50232398a9f40c61e6ec61ce744b55cd7eb2f0baeb93b87e15c6f",
    "e2-reordered, a07555cab7e50232398a9f40c61e6ec61ce744b55cd7eb2f0baeb93b87e15c6f",
    "e3-onsite, 8a150ce9ee2900d5854f6c7e1bafc7f6839ca41b54f08f691f631de029e4241e",
    "e4-left, 29903e15cc917d40cd6a889d15de8a45fb98ec09f4b9bd52838231b8b70419c8",
    "e5-out-of-order, 8a150ce9ee2900d5854f6c7e1bafc7f6839ca41b54f08f691f631de029e4241e",
    "e8-sibling, a07555cab7e50232398a9f40c61e6ec61ce744b55cd7eb2f0baeb93b87e15c6f"
  })
  void canonicalBytesHashToThePublishedValue(String scenario, String sha256) throws IOException {
    // When
    String canonical = Canonical.checkIn(checkIn(scenario));

    // Then
    assertThat(BodyHash.sha256(canonical.getBytes(UTF_8))).isEqualTo(sha256);
  }

  @Test
  void theFirstVectorHas761Bytes() throws IOException {
    assertThat(Canonical.checkIn(checkIn("e1-arrival")).getBytes(UTF_8)).hasSize(761);
  }

  @Test
  void anUnknownMemberInsideChangesTheCanonicalForm() throws IOException {
    assertThat(Canonical.checkIn(checkIn("e9-extra-member")))
        .isNotEqualTo(Canonical.checkIn(checkIn("e1-arrival")));
  }

  @Test
  void theGivenObjectIsLeftAsItWas() throws IOException {
    // Given
    JsonNode checkIn = checkIn("e1-arrival");
    JsonNode before = checkIn.deepCopy();

    // When
    String canonical = Canonical.checkIn(checkIn);

    // Then
    assertThat(canonical).doesNotContain("images");
    assertThat(checkIn).isEqualTo(before);
  }

  private static JsonNode checkIn(String scenario) throws IOException {
    Path file = Path.of("src/test/resources/scenarios/essentry", scenario + ".json");
    return new ObjectMapper().readTree(file.toFile()).at("/body/checkIn");
  }
}
