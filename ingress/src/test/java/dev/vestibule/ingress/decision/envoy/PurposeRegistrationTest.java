package dev.vestibule.ingress.decision.envoy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.PluginConfig;
import dev.vestibule.config.PluginConfig.Grant;
import dev.vestibule.config.Secret;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble.Hangs;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble.HangsUp;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble.Says;
import dev.vestibule.ingress.decision.envoy.FakeEnvoy.Trouble.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class PurposeRegistrationTest {
  private static final Patience PATIENT =
      new Patience(Duration.ofSeconds(20), Duration.ofSeconds(5), Duration.ofMillis(1));
  private static final Patience HASTY =
      new Patience(Duration.ofMillis(400), Duration.ofMillis(100), Duration.ofMillis(10));

  private volatile Instant now = Instant.parse("2026-11-21T08:00:00Z");
  private final FakeEnvoy envoy = new FakeEnvoy("gehäim:🔑\"", () -> now);
  private final PurposeRegistration patient =
      new PurposeRegistration(PATIENT, () -> now, new Random(1));
  private final PurposeRegistration hasty =
      new PurposeRegistration(HASTY, () -> now, new Random(1));

  @AfterEach
  void stop() {
    patient.close();
    hasty.close();
    envoy.close();
  }

  @Test
  void severalInstallationsAreRegisteredWithOneToken() {
    assertThat(register("1000000")).isEqualTo(Registration.REGISTERED);
    assertThat(register("i-2_b")).isEqualTo(Registration.REGISTERED);
    assertThat(register("1000000")).as("again").isEqualTo(Registration.REGISTERED);

    assertThat(envoy.purposes())
        .isEqualTo(Map.of("1000000", "identity-verification", "i-2_b", "identity-verification"));
    assertThat(envoy.tokenRequests()).isEqualTo(1);
  }

  @Test
  void aTokenIsRenewedTenMinutesBeforeItExpires() {
    register("1");
    now = now.plus(FakeEnvoy.TOKEN_LIFE).minus(Duration.ofMinutes(10)).minusMillis(1);
    register("1");
    assertThat(envoy.tokenRequests()).isEqualTo(1);

    now = now.plusMillis(1);
    register("1");
    assertThat(envoy.tokenRequests()).isEqualTo(2);
  }

  @Test
  void whileRenewalFailsTheOldTokenServesUntilItExpires() {
    register("1");
    now = now.plus(FakeEnvoy.TOKEN_LIFE).minusMillis(1);
    envoy.troubleTokens(new Status(400), new Status(400));
    assertThat(register("2")).isEqualTo(Registration.REGISTERED);

    now = now.plusMillis(1);
    assertThat(register("3")).isEqualTo(Registration.CREDENTIALS_REFUSED);
    assertThat(envoy.purposes()).containsOnlyKeys("1", "2");
  }

  @Test
  void aTokenThatEnvoyRefusesIsReplacedOnce() {
    register("1");
    envoy.revoke();
    assertThat(register("2")).isEqualTo(Registration.REGISTERED);
    assertThat(envoy.tokenRequests()).isEqualTo(2);

    envoy.troublePurposes(new Status(401), new Status(401), new Status(401));
    assertThat(register("3")).isEqualTo(Registration.REFUSED);
    assertThat(envoy.tokenRequests()).as("once more, and not again").isEqualTo(3);
  }

  @Test
  void aBurstAsksForOneToken() {
    CountDownLatch gate = envoy.holdTokens();
    Queue<Registration> outcomes = new ConcurrentLinkedQueue<>();
    List<Thread> callers =
        IntStream.range(0, 50)
            .mapToObj(i -> Thread.startVirtualThread(() -> outcomes.add(register("i" + i))))
            .toList();
    await()
        .until(() ->
            callers.stream().allMatch(caller -> caller.getState() == Thread.State.TIMED_WAITING));
    gate.countDown();

    await().until(() -> outcomes.size() == 50);
    assertThat(outcomes).containsOnly(Registration.REGISTERED);
    assertThat(envoy.tokenRequests()).isEqualTo(1);
    assertThat(envoy.purposes()).hasSize(50);
  }

  @Test
  void aBurstSharesAFailureToo() {
    CountDownLatch gate = envoy.holdTokens();
    envoy.troubleTokens(new Status(401));
    Queue<Registration> outcomes = new ConcurrentLinkedQueue<>();
    List<Thread> callers =
        IntStream.range(0, 50)
            .mapToObj(i -> Thread.startVirtualThread(() -> outcomes.add(register("i" + i))))
            .toList();
    await()
        .until(() ->
            callers.stream().allMatch(caller -> caller.getState() == Thread.State.TIMED_WAITING));
    gate.countDown();

    await().until(() -> outcomes.size() == 50);
    assertThat(outcomes).containsOnly(Registration.CREDENTIALS_REFUSED);
    assertThat(envoy.tokenRequests()).isEqualTo(1);
    assertThat(register("later")).as("nothing is remembered").isEqualTo(Registration.REGISTERED);
  }

  @Test
  void faultsAreAskedAgain() {
    envoy.troubleTokens(new Status(503), new HangsUp(), new Status(429));
    envoy.troublePurposes(new HangsUp(), new Status(500), new Status(429), new Status(502));

    assertThat(register("1")).isEqualTo(Registration.REGISTERED);
    assertThat(envoy.requests()).hasSize(4 + 5);
  }

  @Test
  void envoySaysWhenToComeBack() {
    envoy.troublePurposes(new Status(429, "Retry-After", "1"));
    assertThat(register("1")).isEqualTo(Registration.REGISTERED);

    envoy.troublePurposes(new Status(429, "Retry-After", "60"));
    assertThat(register("2")).isEqualTo(Registration.UNAVAILABLE);
    assertThat(envoy.requests()).as("not before, so not at all").hasSize(1 + 2 + 1);
  }

  @Test
  void whatNeverEndsIsGivenUp() {
    Trouble[] hanging = Collections.nCopies(20, new Hangs()).toArray(Trouble[]::new);
    envoy.troubleTokens(hanging);
    assertThat(hasty.register("hq", envoy.plugin(), "1")).isEqualTo(Registration.UNAVAILABLE);
    assertThat(envoy.tokenRequests()).as("asked again").isGreaterThan(1);
  }

  @Test
  void faultsWithoutEndAreGivenUp() {
    envoy.troublePurposes(Collections.nCopies(200, new Status(503)).toArray(Trouble[]::new));

    assertThat(hasty.register("hq", envoy.plugin(), "1")).isEqualTo(Registration.UNAVAILABLE);
    assertThat(envoy.purposes()).isEmpty();
  }

  @Test
  void anAnswerWithoutEndIsNotRead() {
    envoy.troubleTokens(
        Collections.nCopies(200, new Says("{\"x\":\"" + "x".repeat(64 * 1024) + "\"}"))
            .toArray(Trouble[]::new));

    assertThat(hasty.register("hq", envoy.plugin(), "1")).isEqualTo(Registration.UNAVAILABLE);
  }

  @Test
  void nobodyListening() {
    PluginConfig plugin = envoy.plugin();
    envoy.close();

    assertThat(hasty.register("hq", plugin, "1")).isEqualTo(Registration.UNAVAILABLE);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 403, 404, 422})
  void aRefusalIsFinal(int status) {
    envoy.troublePurposes(new Status(status));

    assertThat(register("1")).isEqualTo(Registration.REFUSED);
    assertThat(envoy.requests()).hasSize(2);
  }

  @Test
  void redirectsAreNotFollowedWithCredentials() {
    envoy.troubleTokens(new Status(307, "Location", envoy.url() + "/elsewhere"));
    assertThat(register("1")).isEqualTo(Registration.REFUSED);
    envoy.troublePurposes(new Status(307, "Location", envoy.url() + "/elsewhere"));
    assertThat(register("1")).isEqualTo(Registration.REFUSED);

    assertThat(envoy.requests()).noneMatch(request -> request.contains("elsewhere"));
  }

  @ParameterizedTest
  @CsvSource({
    "400,CREDENTIALS_REFUSED",
    "401,CREDENTIALS_REFUSED",
    "403,CREDENTIALS_REFUSED",
    "404,REFUSED"
  })
  void noToken(int status, Registration expected) {
    envoy.troubleTokens(new Status(status));

    assertThat(register("1")).isEqualTo(expected);
    assertThat(envoy.requests()).hasSize(1);
  }

  @Test
  void aChangedSecretBeginsWithoutAToken() {
    register("1");
    envoy.rotate("another");
    envoy.revoke();

    assertThat(register("2")).isEqualTo(Registration.REGISTERED);
    PluginConfig wrong = PluginConfig.of(FakeEnvoy.CLIENT_ID, new Secret("wrong"), envoy.url());
    assertThat(patient.register("hq", wrong, "3")).isEqualTo(Registration.CREDENTIALS_REFUSED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "no json",
        "{\"access_token\":\"\"}",
        "{\"access_token\":\"secret\\r\\nX-Other: 1\"}",
        "{\"access_token\":\"secret-\\u00e4\"}",
        "{\"access_token\":[\"secret\"]}"
      })
  void anAnswerWithoutATokenIsNone(String body) {
    envoy.troubleTokens(new Says(body));

    assertThat(register("1")).isEqualTo(Registration.UNAVAILABLE);
    assertThat(envoy.requests()).hasSize(1);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "", " ", ".", "..", "../2", "1/2", "1\\2", "1?x=2", "1#2", "1;2", "%2e%2e", "1.5", "ä",
        "1\r\n"
      })
  void whatIsNoIdBecomesNoRequest(@Nullable String installId) {
    assertThat(patient.register("hq", envoy.plugin(), installId))
        .isEqualTo(Registration.NO_INSTALLATION);
    assertThat(register("1".repeat(65))).isEqualTo(Registration.NO_INSTALLATION);
    assertThat(envoy.requests()).isEmpty();
  }

  @Test
  void aTokenOfTheInstallationIsAskedForEachTime() {
    PluginConfig app = envoy.plugin();
    PluginConfig install =
        new PluginConfig(
            app.clientId(),
            app.clientSecret(),
            app.baseUrl(),
            "another-purpose",
            app.installId(),
            Grant.PLUGIN_INSTALL);

    assertThat(patient.register("hq", install, "1")).isEqualTo(Registration.REGISTERED);
    assertThat(patient.register("hq", install, "2")).isEqualTo(Registration.REGISTERED);

    assertThat(envoy.tokenRequests()).isEqualTo(2);
    assertThat(envoy.purposes()).containsEntry("2", "another-purpose");
  }

  @Test
  void aTokenOfUnknownOrShortLifeIsNotKeptForLong() {
    AccessToken unknown = token("{\"access_token\":\"t\"}");
    AccessToken brief = token("{\"access_token\":\"t\",\"expires_in\":60}");
    AccessToken endless = token("{\"access_token\":\"t\",\"expires_in\":9223372036854775807}");

    assertThat(unknown.isFresh(now)).isFalse();
    assertThat(List.of(brief.renewAt(), brief.expiresAt()))
        .containsExactly(now.plusSeconds(30), now.plusSeconds(60));
    assertThat(endless.expiresAt()).isEqualTo(now.plus(Duration.ofDays(365)));
    assertThat(brief.toString()).contains("redacted").doesNotContain("=t");
  }

  private AccessToken token(String body) {
    return requireNonNull(AccessToken.read(body.getBytes(UTF_8), now));
  }

  private Registration register(String installId) {
    return patient.register("hq", envoy.plugin(), installId);
  }
}
