package dev.vestibule.ingress.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.signature.HeaderValues;
import dev.vestibule.ingress.signature.RejectionReason;
import dev.vestibule.ingress.signature.UnverifiedRequest;
import dev.vestibule.ingress.signature.Verification;
import dev.vestibule.ingress.signature.Verifier;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file under {@code vectors/} is one request and what its source, or its sink, says about it.
 * Bodies are guarded by their hash, so that no editor can change what is tested.
 */
class SignatureVectorsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Stream<Arguments> vectors() throws Exception {
    URI root = Objects.requireNonNull(SignatureVectorsTest.class.getResource("/vectors")).toURI();
    try (Stream<Path> files = Files.walk(Path.of(root))) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(file -> Arguments.of(Path.of(root).relativize(file).toString(), file))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("vectors")
  void vectorGetsExactlyItsVerdict(String name, Path file) throws IOException {
    // Given
    JsonNode vector = JSON.readTree(file.toFile());
    byte[] body = body(vector.get("body"));
    assertThat(RawRecords.sha256(body)).isEqualTo(vector.at("/body/sha256").asText());
    Verifier verifier = verifier(vector.get("source"));

    // When
    Verification verification =
        verifier.verify(
            new UnverifiedRequest(headers(vector.get("headers")), text(vector, "pathKey"), body),
            Instant.parse(vector.get("clock").asText()));

    // Then
    assertThat(verification).as(vector.get("rule").asText()).isEqualTo(expected(vector));
  }

  @Test
  void noVendorIsWithoutVectors() throws Exception {
    assertThat(vectors().map(vector -> ((String) vector.get()[0]).split("/")[0]).distinct())
        .containsAll(Stream.of(Vendor.values()).map(Vendor::id).toList())
        .contains(SinkConfig.SLACK);
  }

  private static Verification expected(JsonNode vector) {
    JsonNode expect = vector.get("expect");
    if (expect.has("rejected")) {
      return new Verification.Rejected(RejectionReason.valueOf(expect.get("rejected").asText()));
    }
    String signedAt = text(expect.get("accepted"), "signedAt");
    return new Verification.Accepted(
        expect.at("/accepted/secret").asInt(), signedAt == null ? null : Instant.parse(signedAt));
  }

  private static byte[] body(JsonNode body) {
    return body.has("text")
        ? body.get("text").asText().getBytes(StandardCharsets.UTF_8)
        : Base64.getDecoder().decode(body.get("base64").asText());
  }

  private static HeaderValues headers(JsonNode headers) {
    List<Map.Entry<String, String>> lines = new ArrayList<>();
    headers.forEach(line -> lines.add(Map.entry(line.get(0).asText(), line.get(1).asText())));
    return name ->
        lines.stream()
            .filter(line -> line.getKey().equalsIgnoreCase(name))
            .map(Map.Entry::getValue)
            .toList();
  }

  private static Verifier verifier(JsonNode source) {
    if (source.get("vendor").asText().equals(SinkConfig.SLACK)) {
      return Objects.requireNonNull(
          SlackSinks.of(Map.of("sink", secrets(source.get("secrets")))).find("sink"));
    }
    SourceConfig config =
        new SourceConfig(
            "source",
            Vendor.byId(source.get("vendor").asText()).orElseThrow(),
            "account",
            secrets(source.get("secrets")),
            auth(source.get("auth")),
            source.has("signature")
                ? SignatureMode.valueOf(source.get("signature").asText())
                : SignatureMode.REQUIRED,
            secrets(source.get("pathKeys")),
            source.has("pastToleranceSeconds")
                ? Duration.ofSeconds(source.get("pastToleranceSeconds").asLong())
                : null,
            null,
            SourceConfig.DEFAULT_MAX_BODY_BYTES,
            null,
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            null);
    return Objects.requireNonNull(Sources.of(List.of(config)).find("source")).verifier();
  }

  private static @Nullable AuthConfig auth(@Nullable JsonNode auth) {
    if (auth == null) {
      return null;
    }
    JsonNode hmac = auth.get("hmac");
    return new AuthConfig(
        AuthConfig.Scheme.valueOf(
            auth.get("scheme").asText().toUpperCase(java.util.Locale.ROOT).replace('-', '_')),
        text(auth, "header"),
        secrets(auth.get("values")),
        hmac == null
            ? null
            : new HmacConfig(
                hmac.get("header").asText(),
                hmac.get("encoding").asText(),
                hmac.get("prefix").asText(),
                hmac.get("template").asText(),
                text(hmac, "timestampHeader"),
                text(hmac, "idHeader")));
  }

  private static List<Secret> secrets(@Nullable JsonNode texts) {
    List<Secret> secrets = new ArrayList<>();
    if (texts != null) {
      texts.forEach(text -> secrets.add(new Secret(text.asText())));
    }
    return secrets;
  }

  private static @Nullable String text(JsonNode node, String name) {
    return node.hasNonNull(name) ? node.get(name).asText() : null;
  }
}
