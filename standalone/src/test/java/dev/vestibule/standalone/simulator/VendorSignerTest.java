package dev.vestibule.standalone.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.AuthConfig.Scheme;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VendorSignerTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_736_933_400);
  private static final byte[] BODY = "{\"event\":\"x\"}".getBytes(StandardCharsets.UTF_8);

  record Vector(
      String name,
      Vendor vendor,
      String secret,
      Instant timestamp,
      String deliveryId,
      String body,
      int bodyLength,
      Map<String, String> headers) {
    @Override
    public String toString() {
      return vendor + " " + name;
    }
  }

  static List<Vector> vectors() throws IOException {
    List<Vector> vectors = new ArrayList<>();
    try (InputStream file =
        VendorSignerTest.class.getResourceAsStream("/vendor-vectors/signed.json")) {
      for (JsonNode node : new ObjectMapper().readTree(Objects.requireNonNull(file))) {
        Map<String, String> headers = new HashMap<>();
        node.get("headers")
            .properties()
            .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
        vectors.add(
            new Vector(
                node.get("name").asText(),
                Vendor.byId(node.get("vendor").asText()).orElseThrow(),
                node.get("secret").asText(),
                Instant.ofEpochSecond(node.get("timestamp").asLong()),
                node.get("deliveryId").asText(),
                node.get("body").asText(),
                node.get("bodyLength").asInt(),
                headers));
      }
    }
    return vectors;
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void signsLikeTheVendor(Vector vector) {
    // Given
    byte[] body = vector.body().getBytes(StandardCharsets.UTF_8);
    assertThat(body).hasSize(vector.bodyLength());

    // When
    Webhook webhook =
        VendorSigner.forVendor(vector.vendor(), new Secret(vector.secret()))
            .sign(body, vector.deliveryId(), vector.timestamp());

    // Then
    Map<String, String> expected = new HashMap<>(vector.headers());
    expected.put("Content-Type", "application/json");
    assertThat(webhook.headers()).isEqualTo(expected);
    assertThat(webhook.body()).isEqualTo(body);
    assertThat(webhook.pathSuffix()).isEmpty();
  }

  @Test
  void firstOfSeveralSecretsSigns() {
    SourceConfig source =
        SourceConfig.of("hq", Vendor.ENVOY, "hq", new Secret("one"), new Secret("two"));

    Webhook webhook = VendorSigner.forSource(source).sign(BODY, "", NOW);

    assertThat(webhook.headers())
        .isEqualTo(
            VendorSigner.forVendor(Vendor.ENVOY, new Secret("one")).sign(BODY, "", NOW).headers());
  }

  @Test
  void staticHeaderIsSentAsConfigured() {
    SourceConfig source =
        essentry(
            new AuthConfig(
                Scheme.STATIC_HEADER, "X-Desk", List.of(new Secret("Bearer abc")), null));

    Webhook webhook = VendorSigner.forSource(source).sign(BODY, "", NOW);

    assertThat(webhook.headers()).containsEntry("X-Desk", "Bearer abc").hasSize(2);
  }

  @Test
  void basicCredentialsKeepTheirColons() {
    SourceConfig source =
        essentry(
            new AuthConfig(
                Scheme.BASIC, null, List.of(new Secret("envoy-hook:s3cret:with:colons")), null));

    Webhook webhook = VendorSigner.forSource(source).sign(BODY, "", NOW);

    assertThat(webhook.headers())
        .containsEntry("Authorization", "Basic ZW52b3ktaG9vazpzM2NyZXQ6d2l0aDpjb2xvbnM=");
  }

  @Test
  void pathSecretBecomesOneSegmentOfTheUrl() {
    SourceConfig source =
        essentry(new AuthConfig(Scheme.PATH_SECRET, null, List.of(new Secret("a/b c+ü")), null));

    Webhook webhook = VendorSigner.forSource(source).sign(BODY, "", NOW);

    assertThat(webhook.pathSuffix()).isEqualTo("/key/a%2Fb%20c%2B%C3%BC");
    assertThat(webhook.headers()).containsOnlyKeys("Content-Type");
  }

  @Test
  void pathKeyStandsInWhereSignaturesAreOff() {
    SourceConfig source = source(Vendor.CURACEL, List.of(new Secret("s")), null, "long-key");

    Webhook webhook = VendorSigner.forSource(source).sign(BODY, "", NOW);

    assertThat(webhook.pathSuffix()).isEqualTo("/key/long-key");
  }

  @Test
  void configuredHmacFollowsItsTemplate() {
    HmacConfig hmac =
        new HmacConfig("X-Sig", "hex", "sha256=", "{timestamp}.{body}", "X-Time", "X-Delivery");
    SourceConfig source =
        source(
            Vendor.ESSENTRY,
            List.of(new Secret("kyb_test_signing_secret_0001")),
            new AuthConfig(Scheme.HMAC, null, List.of(), hmac),
            null);
    Webhook kyber =
        VendorSigner.forVendor(Vendor.KYBERACCESS, new Secret("kyb_test_signing_secret_0001"))
            .sign(BODY, "dlv_1", NOW);

    Webhook webhook = VendorSigner.forSource(source).sign(BODY, "dlv_1", NOW);

    assertThat(webhook.headers())
        .containsEntry("X-Sig", kyber.headers().get("X-KyberAccess-Signature"))
        .containsEntry("X-Time", "1736933400")
        .containsEntry("X-Delivery", "dlv_1");
  }

  @Test
  void sourceWithNothingToSignWithIsNamed() {
    SourceConfig source = SourceConfig.of("nobody", Vendor.CURACEL, "nobody");

    assertThatThrownBy(() -> VendorSigner.forSource(source))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nobody");
  }

  @Test
  void webhookPrintsNeitherSecretsNorPeople() {
    Webhook webhook =
        VendorSigner.forSource(
                essentry(
                    new AuthConfig(
                        Scheme.STATIC_HEADER, null, List.of(new Secret("Bearer abc")), null)))
            .sign("{\"name\":\"Jane\"}".getBytes(StandardCharsets.UTF_8), "", NOW);

    assertThat(webhook.toString()).isEqualTo("Webhook[15 bytes]");
  }

  private static SourceConfig essentry(AuthConfig auth) {
    return source(Vendor.ESSENTRY, List.of(), auth, null);
  }

  private static SourceConfig source(
      Vendor vendor, List<Secret> secrets, @Nullable AuthConfig auth, @Nullable String pathKey) {
    return new SourceConfig(
        "source",
        vendor,
        "source",
        secrets,
        auth,
        pathKey == null ? SignatureMode.REQUIRED : SignatureMode.OFF,
        pathKey == null ? List.of() : List.of(new Secret(pathKey)),
        null,
        null,
        SourceConfig.DEFAULT_MAX_BODY_BYTES,
        null,
        List.of(),
        List.of(),
        Map.of(),
        Map.of(),
        null);
  }
}
