package dev.vestibule.ingress.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ExternalConfig;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.signature.HmacVerifier;
import dev.vestibule.ingress.signature.UnverifiedRequest;
import dev.vestibule.ingress.signature.Verification;
import dev.vestibule.ingress.signature.Verification.Accepted;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import org.junit.jupiter.api.Test;

class SecretSwapTest {
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);
  private static final Secret OLD = new Secret("old-secret");
  private static final Secret NEW = new Secret("new-secret");

  @Test
  void whatIsListedBeforeAndAfterASwapIsNeverRefused() throws Exception {
    Sources sources = Sources.of(List.of(source(OLD, NEW)));
    AtomicBoolean over = new AtomicBoolean();
    AtomicLong accepted = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    try (ExecutorService senders = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 4; i++) {
        String signature = signature(i % 2 == 0 ? OLD : NEW);
        senders.execute(() -> {
          while (!over.get()) {
            boolean in = verify(sources, signature) instanceof Accepted;
            (in ? accepted : refused).incrementAndGet();
          }
        });
      }
      for (int swap = 0; swap < 20_000; swap++) {
        sources.takeSecretsOf(
            Map.of("s", swap % 2 == 0 ? source(NEW, OLD) : source(OLD, new Secret("x"), NEW)));
      }
      over.set(true);
      senders.shutdown();
      assertThat(senders.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(refused.get()).isZero();
    assertThat(accepted.get()).isPositive();
  }

  @Test
  void aSourceThatCouldNotBeServedChangesNothingForAny() {
    SourceConfig other = SourceConfig.of("t", Vendor.ENVOY, "t", OLD);
    Sources sources = Sources.of(List.of(source(OLD), other));

    assertThatThrownBy(() ->
            sources.takeSecretsOf(
                Map.of("s", source(), "t", SourceConfig.of("t", Vendor.ENVOY, "t", NEW))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("vestibule.sources.s.secrets");
    assertThat(verify(sources, signature(OLD))).isEqualTo(new Accepted(0, null));
    assertThat(verify(sources, "t", signature(OLD))).isEqualTo(new Accepted(0, null));
  }

  @Test
  void aSourceThatIsNotListedAnyMoreKeepsItsSecrets() {
    Sources sources = Sources.of(List.of(source(OLD)));

    sources.takeSecretsOf(Map.of());

    assertThat(verify(sources, signature(OLD))).isEqualTo(new Accepted(0, null));
  }

  @Test
  void secretsOfAnExternalServiceAreTakenOverAndNothingElseOfIt() {
    Sources sources =
        Sources.of(List.of(screening("https://old.example.com/", "whsec_b2xk", "site.id")));

    sources.takeSecretsOf(
        Map.of("s", screening("https://new.example.com/", "whsec_bmV3", "visitor.name")));

    assertThat(Objects.requireNonNull(sources.find("s")).screen())
        .isEqualTo(screening("https://old.example.com/", "whsec_bmV3", "site.id").screen());
  }

  @Test
  void aFactThatCannotBeToldStopsTheStart() {
    assertThatThrownBy(() ->
            Sources.of(List.of(screening("https://a.example.com/", "whsec_b2xk", "visitor.nam"))))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "vestibule.sources.s.screen.external.facts: 'visitor.nam' is no fact that can be told;"
                + " did you mean 'visitor.name'?");
    assertThatThrownBy(() ->
            Sources.of(List.of(screening("https://a.example.com/", "whsec_b2xk", "watchlist.hit"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'watchlist.hit' is no fact that can be told; expected one of: ")
        .hasMessageNotContaining("watchlist.score");
  }

  private static SourceConfig screening(String url, String secret, String fact) {
    return source(OLD)
        .withScreen(
            ScreenConfig.DEFAULT.withExternal(
                new ExternalConfig(
                    URI.create(url),
                    List.of(new Secret(secret)),
                    Duration.ofMillis(500),
                    Duration.ofMillis(300),
                    ExternalConfig.Mode.TIGHTEN,
                    List.of(fact))));
  }

  private static Verification verify(Sources sources, String signature) {
    return verify(sources, "s", signature);
  }

  private static Verification verify(Sources sources, String source, String signature) {
    return Objects.requireNonNull(sources.find(source))
        .verifier()
        .verify(
            new UnverifiedRequest(
                name -> name.equals("X-Envoy-Signature") ? List.of(signature) : List.of(),
                null,
                BODY),
            Instant.EPOCH);
  }

  private static SourceConfig source(Secret... secrets) {
    return SourceConfig.of("s", Vendor.ENVOY, "a", secrets);
  }

  private static String signature(Secret secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(HmacVerifier.key(secret.bytes()));
      return Base64.getEncoder().encodeToString(mac.doFinal(BODY));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
