package dev.vestibule.normalizer.adapter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalJsonTest {

  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource(
      delimiter = ';',
      value = {
        "{ \"b\" : 1 , \"a\" : null, \"\\u20ac\":[ ] };{\"b\":1,\"€\":[]}",
        "{\"a\":{\"x\":null}};{\"a\":{}}",
        "[null, true ,false];[null,true,false]",
        "\"\\u0041\\u000a\\u0001\\/\\\"\\\\\";\"A\\n\\u0001/\\\"\\\\\"",
        // RFC 8785, appendix B, in the values that the layout distinguishes.
        "0;0",
        "-0.0;0",
        "1.0;1",
        "1e2;100",
        "-1.50;-1.5",
        "333333333.3;333333333.3",
        "1E30;1e+30",
        "4.50;4.5",
        "2e-3;0.002",
        "0.000001;0.000001",
        "1e-7;1e-7",
        "123456789012345678901;123456789012345678901",
        "1e20;100000000000000000000",
        "1e21;1e+21",
        "1.25e-10;1.25e-10",
        "9007199254740993;9007199254740993"
      })
  void followsTheRfcAndKeepsEveryDigit(String json, String canonical) {
    // Given
    JsonNode node = Objects.requireNonNull(Json.read(json.getBytes(UTF_8)));

    // Then
    assertThat(CanonicalJson.of(node)).isEqualTo(canonical);
  }
}
