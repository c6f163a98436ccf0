package dev.vestibule.ingress.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.vendor.Redaction.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
  private static final Redaction ENVOY = VendorProfile.of(Vendor.ENVOY).redaction();
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"meta\":{\"auth\":{\"access_token\":\"S\"},\"a\":1}}|{\"meta\":{\"auth\":null,\"a\":1}}",
        "{\"meta\":{ \"config\" : [ {\"x\":\"S\"} ] }}|{\"meta\":{ \"config\" : null }}",
        "{\"meta\":{\"auth\":\"S\"},\"meta\":{\"auth\":\"S\"}}|{\"meta\":{\"auth\":null},\"meta\":{\"auth\":null}}",
        "{\"meta\":{\"auth\":1,\"auth\":-2.5e10,\"auth\":true}}|{\"meta\":{\"auth\":null,\"auth\":null,\"auth\":null}}",
        "{\"m\\u0065ta\":{\"\\u0061uth\":\"S\"}}|{\"m\\u0065ta\":{\"\\u0061uth\":null}}",
        "{\"meta\":{\"forwarded_bearer_token\":\"S\"}}|{\"meta\":{\"forwarded_bearer_token\":null}}",
        "{\"payload\":{\"attributes\":{\"secret-token\":\"S\",\"edit-token\":\"S\"}}}|{\"payload\":{\"attributes\":{\"secret-token\":null,\"edit-token\":null}}}",
        "[{\"a\":[{\"editToken\":\"S\",\"secret_token\":\"S\",\"SecretToken\":\"S\"}]}]|[{\"a\":[{\"editToken\":null,\"secret_token\":null,\"SecretToken\":null}]}]",
        "{\"x\":{\"refresh_token\":\"S \\\" \\\\ }\"}}|{\"x\":{\"refresh_token\":null}}",
        "{\"meta\":{\"auth\":\"Zoë 🔑\",\"z\":\"ü\"}}|{\"meta\":{\"auth\":null,\"z\":\"ü\"}}"
      })
  void credentialsAreBlankedAndNothingElseChanges(String body, String expected) {
    assertThat(ENVOY.apply(utf8(body)))
        .isInstanceOfSatisfying(
            Outcome.Blanked.class,
            blanked ->
                assertThat(new String(blanked.body(), StandardCharsets.UTF_8)).isEqualTo(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "1",
        "\"x\"",
        "{\"meta\":{\"auth\":null,\"config\":null}}",
        "{\"payload\":{\"auth\":{\"x\":1},\"config\":1}}",
        "{\"auth\":1,\"config\":2}",
        "{\"a\":{\"meta\":{\"config\":1}}}",
        "{\"meta\":[{\"config\":1}]}"
      })
  void bodyWithoutCredentialsIsClean(String body) {
    assertThat(ENVOY.apply(utf8(body))).isInstanceOf(Outcome.Clean.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "{\"meta\":{\"auth\":\"S\"}",
        "{\"meta\":{\"auth\":\"S\"}}{\"meta\":{\"auth\":\"S\"}}",
        "{\"a\":1} x",
        "{'meta':1}",
        "not json",
        "{\"a\":01}"
      })
  void brokenJsonIsNotScanned(String body) {
    assertThat(ENVOY.apply(utf8(body))).isInstanceOf(Outcome.Unscannable.class);
  }

  @Test
  void otherEncodingsAreNotScanned() {
    String body = "{\"meta\":{\"auth\":\"Müller\"}}";

    assertThat(ENVOY.apply(body.getBytes(StandardCharsets.UTF_16)))
        .isInstanceOf(Outcome.Unscannable.class);
    assertThat(ENVOY.apply(body.getBytes(StandardCharsets.UTF_16LE)))
        .isInstanceOf(Outcome.Unscannable.class);
    assertThat(ENVOY.apply(body.getBytes(StandardCharsets.ISO_8859_1)))
        .isInstanceOf(Outcome.Unscannable.class);
    assertThat(ENVOY.apply(("[".repeat(2000) + "]".repeat(2000)).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(Outcome.Unscannable.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"c1a1", "eda080", "f4908080", "80", "e28082ff"})
  void bytesThatOnlyALenientReaderTakesAreNotScanned(String hex) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(utf8("{\"meta\":{\""));
    body.write(HexFormat.of().parseHex(hex));
    body.write(utf8("uth\":1}}"));

    assertThat(ENVOY.apply(body.toByteArray())).isInstanceOf(Outcome.Unscannable.class);
  }

  @Test
  void byteOrderMarkStays() {
    byte[] body = utf8("\uFEFF{\"meta\":{\"auth\":\"S\"}}");

    assertThat(ENVOY.apply(body))
        .isInstanceOfSatisfying(
            Outcome.Blanked.class,
            blanked ->
                assertThat(blanked.body()).isEqualTo(utf8("\uFEFF{\"meta\":{\"auth\":null}}")));
  }

  @Test
  void deepButReadableBodyIsScanned() {
    String body = "{\"a\":".repeat(200) + "{\"edit-token\":\"S\"}" + "}".repeat(200);

    assertThat(ENVOY.apply(utf8(body))).isInstanceOf(Outcome.Blanked.class);
  }

  @Test
  void generatedBodiesKeepEverythingButTheirCredentials() throws IOException {
    long seed = Long.getLong("vestibule.seed", new Random().nextLong());
    Random random = new Random(seed);
    for (int round = 0; round < 3000; round++) {
      // Given
      String body = new Bodies(random).object(0);

      // When
      Outcome outcome = ENVOY.apply(utf8(body));

      // Then
      byte[] stored = outcome instanceof Outcome.Blanked(byte[] blanked) ? blanked : utf8(body);
      String label = "seed " + seed + " round " + round;
      assertThat(outcome).as(label).isNotInstanceOf(Outcome.Unscannable.class);
      assertThat(new String(stored, StandardCharsets.UTF_8)).as(label).doesNotContain("SECRET");
      assertThat(JSON.readTree(stored)).as(label).isEqualTo(blank(JSON.readTree(body), 0, ""));
    }
  }

  /** The same by way of a tree, written apart from the byte-wise one. */
  private static JsonNode blank(JsonNode node, int depth, String parent) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.properties().stream().map(e -> e.getKey()).toList())) {
        String plain = name.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
        boolean secret =
            (depth == 1 && parent.equals("meta") && (name.equals("auth") || name.equals("config")))
                || Set.of(
                        "forwardedbearertoken",
                        "secrettoken",
                        "edittoken",
                        "accesstoken",
                        "refreshtoken")
                    .contains(plain);
        object.set(name, secret ? NullNode.instance : blank(object.get(name), depth + 1, name));
      }
    } else if (node instanceof ArrayNode array) {
      for (int index = 0; index < array.size(); index++) {
        array.set(index, blank(array.get(index), depth + 1, ""));
      }
    }
    return node;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Random JSON with credentials in it, oddly spelled, and blanks in odd places. */
  private static final class Bodies {
    private static final List<String> NAMES =
        List.of("meta", "auth", "config", "payload", "id", "secret-token", "editToken", "x", "ü");
    private final Random random;

    Bodies(Random random) {
      this.random = random;
    }

    String object(int depth) {
      return object(depth, "");
    }

    private String object(int depth, String parent) {
      StringBuilder text = new StringBuilder("{");
      int count = random.nextInt(5);
      for (int index = 0; index < count; index++) {
        String name =
            depth == 0 && random.nextBoolean() ? "meta" : NAMES.get(random.nextInt(NAMES.size()));
        boolean secret =
            name.equals("secret-token")
                || name.equals("editToken")
                || (depth == 1
                    && parent.equals("meta")
                    && (name.equals("auth") || name.equals("config")));
        text.append(index == 0 ? "" : ",").append(blanks()).append('"').append(escaped(name));
        text.append('"').append(blanks()).append(':').append(blanks());
        text.append(secret ? secret(depth) : value(depth + 1, name)).append(blanks());
      }
      return text.append('}').toString();
    }

    private String secret(int depth) {
      return switch (random.nextInt(4)) {
        case 0 -> "\"SECRET \\\"quoted\\\" \\\\ ü\"";
        case 1 -> "{\"access_token\" : \"SECRET\", \"x\":[\"SECRET\"] }";
        case 2 -> "[ \"SECRET\" , {\"a\":\"SECRET\"}]";
        default -> depth % 2 == 0 ? "null" : "12.5e3";
      };
    }

    private String value(int depth, String parent) {
      if (depth > 5) {
        return "1";
      }
      return switch (random.nextInt(7)) {
        case 0, 1 -> object(depth, parent);
        case 2 -> "[" + blanks() + value(depth + 1, "") + "," + value(depth + 1, "") + "]";
        case 3 -> "\"text with } and \\\"auth\\\": and 🔑\"";
        case 4 -> "-0.5E+10";
        case 5 -> "123456789012345678901234567890";
        default -> random.nextBoolean() ? "true" : "null";
      };
    }

    private String escaped(String name) {
      StringBuilder text = new StringBuilder();
      for (int index = 0; index < name.length(); index++) {
        char c = name.charAt(index);
        text.append(random.nextInt(4) == 0 ? String.format("\\u%04x", (int) c) : String.valueOf(c));
      }
      return text.toString();
    }

    private String blanks() {
      return " \n\t\r ".substring(0, random.nextInt(3));
    }
  }
}
