package dev.vestibule.ingress.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.AuthConfig.HmacConfig;
import dev.vestibule.config.AuthConfig.Scheme;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final Secret SECRET = new Secret("very-secret-text");

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void sourceWithoutAuthenticationIsNotServed(Vendor vendor) {
    assertThatThrownBy(() -> Sources.of(List.of(SourceConfig.of("s", vendor, "a"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sources.s.")
        .hasMessageContaining("missing");
  }

  @Test
  void essentryWithSecretsAloneIsNotServed() {
    assertBroken(
        SourceConfig.of("s", Vendor.ESSENTRY, "a", SECRET),
        "vestibule.sources.s.secrets: essentry has no signature of its own; expected auth with"
            + " scheme hmac");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "whsec_", "whsec_%%%", "whsec_a", "WHSEC_YWJj"})
  void standardWebhooksSecretMustBeBase64(String secret) {
    assertBroken(
        SourceConfig.of("s", Vendor.STANDARD_WEBHOOKS, "a", new Secret(secret)),
        "vestibule.sources.s.secrets: [redacted], expected whsec_ and Base64");
  }

  @ParameterizedTest
  @EnumSource(
      value = SignatureMode.class,
      names = {"IF_PRESENT", "OFF"})
  void unsignedRequestsNeedPathKeys(SignatureMode mode) {
    assertThatThrownBy(
            () -> Sources.of(List.of(config(Vendor.CURACEL, null, mode, List.of(), null, 1))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vestibule.sources.s.signature")
        .hasMessageContaining("path-keys");
  }

  @Test
  void brokenSettingsNameKeyAndValue() {
    SignatureMode required = SignatureMode.REQUIRED;
    assertBroken(
        config(Vendor.ENVOY, null, required, List.of("10.0.0.0/33"), null, 1),
        "vestibule.sources.s.allowed-networks: 10.0.0.0/33, expected a block like 10.0.0.0/8 or"
            + " 2001:db8::/32");
    assertBroken(
        config(Vendor.ENVOY, null, required, List.of("example.com"), null, 1),
        "vestibule.sources.s.allowed-networks: example.com, expected a block like 10.0.0.0/8 or"
            + " 2001:db8::/32");
    assertBroken(
        config(Vendor.KYBERACCESS, null, required, List.of(), Duration.ofSeconds(-1), 1),
        "vestibule.sources.s.past-tolerance: PT-1S, expected a duration that is not negative");
    assertBroken(
        config(Vendor.ENVOY, null, required, List.of(), null, 0),
        "vestibule.sources.s.rate-limit: 0, expected requests per second, at least 1");
  }

  @Test
  void configuredHmacIsCheckedAsAWhole() {
    assertBrokenHmac("hex", "{timestamp}.{body}", null, null, "auth.template");
    assertBrokenHmac("hex", "{body}", "X-Time", null, "auth.template");
    assertBrokenHmac("hex", "{id}.{body}", null, null, "auth.template");
    assertBrokenHmac("hex", "{body}", null, "X-Id", "auth.template");
    assertBrokenHmac("hex", "nothing", null, null, "auth.template");
    assertBrokenHmac("hex", "{body}{body}", null, null, "auth.template");
    assertBrokenHmac("hex", "{bodies}", null, null, "auth.template");
    assertBrokenHmac("base32", "{body}", null, null, "auth.encoding");
  }

  @Test
  void basicNeedsUserAndPassword() {
    assertThatThrownBy(() ->
            Sources.of(
                List.of(
                    config(
                        Vendor.ENVOY,
                        new AuthConfig(Scheme.BASIC, null, List.of(SECRET), null),
                        SignatureMode.REQUIRED,
                        List.of(),
                        null,
                        1))))
        .hasMessage("vestibule.sources.s.auth.value: [redacted], expected user:password");
  }

  private static void assertBrokenHmac(
      String encoding, String template, @Nullable String time, @Nullable String id, String key) {
    AuthConfig auth =
        new AuthConfig(
            Scheme.HMAC,
            null,
            List.of(),
            new HmacConfig("X-Signature", encoding, "", template, time, id));
    assertThatThrownBy(() ->
            Sources.of(
                List.of(config(Vendor.ESSENTRY, auth, SignatureMode.REQUIRED, List.of(), null, 1))))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.sources.s." + key + ": ");
  }

  private static void assertBroken(SourceConfig config, String message) {
    assertThatThrownBy(() -> Sources.of(List.of(config)))
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
    assertThat(message).doesNotContain("very-secret-text");
  }

  private static SourceConfig config(
      Vendor vendor,
      @Nullable AuthConfig auth,
      SignatureMode mode,
      List<String> networks,
      @Nullable Duration past,
      int rate) {
    return new SourceConfig(
        "s",
        vendor,
        "a",
        List.of(SECRET),
        auth,
        mode,
        List.of(),
        past,
        null,
        100,
        rate,
        networks,
        List.of(),
        Map.of(),
        Map.of(),
        null);
  }
}
