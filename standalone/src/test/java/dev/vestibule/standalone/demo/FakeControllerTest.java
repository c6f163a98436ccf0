package dev.vestibule.standalone.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.Secret;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.http.Turnstile;
import dev.vestibule.sink.access.target.webhook.WebhookSettings;
import dev.vestibule.sink.access.target.webhook.WebhookTarget;
import dev.vestibule.standalone.demo.DoorBook.Made;
import dev.vestibule.standalone.demo.DoorBook.Noted;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FakeControllerTest {
  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
  private static final GrantKey KEY = new GrantKey("acme-v-1001");

  private Instant now = Instant.parse("2026-01-15T09:00:00Z");
  private FakeController controller;
  private WebhookTarget target;

  @BeforeEach
  void start() throws IOException {
    controller = FakeController.start(SECRET, Set.of("hq-lobby", "hq-lab"), () -> now);
    target = target(SECRET);
  }

  @AfterEach
  void stop() {
    target.close();
    controller.close();
  }

  private WebhookTarget target(String secret) {
    return new WebhookTarget(
        new WebhookSettings(
            "vestibule.sinks.doors.",
            controller.url().toString(),
            List.of(new Secret(secret)),
            Set.of("127.0.0.1"),
            null,
            WebhookSettings.TIMEOUTS),
        Turnstile.OPEN,
        () -> now);
  }

  private Grant grant(long sequence) {
    return new Grant(
        KEY,
        sequence,
        now,
        now.plusSeconds(3600),
        now.plusSeconds(900),
        Set.of("hq-lobby"),
        "Ada <L>",
        null);
  }

  @Test
  void aGrantOpensAndItsRevokeCloses() throws Exception {
    assertThat(controller.picture()).isEqualTo("hq-lab    [      ]\nhq-lobby  [      ]");

    assertThat(target.ensureGranted(grant(1))).isEqualTo(Effect.DONE);

    assertThat(controller.picture()).isEqualTo("hq-lab    [      ]\nhq-lobby  [ open ]  Ada <L>");
    assertThat(get("doors.txt")).isEqualTo(controller.picture() + "\n");
    assertThat(get("")).contains("<td>hq-lobby<td>Ada &lt;L&gt;").doesNotContain("<L>");

    assertThat(target.ensureRevoked(KEY, 2)).isEqualTo(Effect.DONE);

    assertThat(controller.book().standing()).isEmpty();
    assertThat(controller.book().history())
        .containsExactly(
            new Noted(now, "visitor.access.grant", "acme-v-1001", Made.GRANTED),
            new Noted(now, "visitor.access.revoke", "acme-v-1001", Made.REVOKED));
    assertThat(controller.refused()).isZero();
  }

  @Test
  void whatIsOlderThanTheLastOfItsGrantOpensNothing() throws Exception {
    target.ensureRevoked(KEY, 5);

    target.ensureGranted(grant(4));

    assertThat(controller.book().standing()).isEmpty();
    assertThat(made()).containsExactly(Made.REVOKED, Made.OUTDATED);
  }

  @Test
  void aCopyCountsOnce() throws Exception {
    target.ensureGranted(grant(1));
    target.ensureGranted(grant(1));

    assertThat(made()).containsExactly(Made.GRANTED, Made.REPEATED);
    assertThat(controller.book().standing()).containsOnlyKeys("acme-v-1001");
  }

  @Test
  void aGrantThatComesTooLateOpensNothingAndStillCountsAsTheLast() throws Exception {
    Grant late = grant(3);
    now = now.plusSeconds(901);

    target.ensureGranted(late);
    target.ensureGranted(grant(2));

    assertThat(made()).containsExactly(Made.TOO_LATE, Made.OUTDATED);
    assertThat(controller.book().standing()).isEmpty();
  }

  @Test
  void everyGrantEndsByItself() throws Exception {
    target.ensureGranted(grant(1));

    now = now.plusSeconds(3600);

    assertThat(controller.picture()).doesNotContain("open");
  }

  @Test
  void aLockedDoorOpensForNobodyUntilItIsReleased() throws Exception {
    target.ensureGranted(grant(1));

    target.lockDown(Set.of("hq-lobby"));

    assertThat(controller.picture()).isEqualTo("hq-lab    [      ]\nhq-lobby  [LOCKED]");

    target.release(Set.of("hq-lobby"));

    assertThat(controller.picture()).contains("hq-lobby  [ open ]");
  }

  @Test
  void whoeverIsErasedHasNoNameAnyMore() throws Exception {
    target.ensureGranted(grant(1));

    target.erase(KEY);

    assertThat(controller.picture()).doesNotContain("Ada");
  }

  @Test
  void aForgedGrantIsRefusedAndOpensNothing() {
    try (WebhookTarget forger = target(OTHER)) {
      assertThatThrownBy(() -> forger.ensureGranted(grant(1)))
          .isInstanceOf(TargetException.class)
          .hasMessageContaining("401");
    }
    assertThat(controller.book().history()).isEmpty();
    assertThat(controller.refused()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {-301, 301})
  void aMessageOfAnotherTimeIsRefused(long seconds) throws Exception {
    byte[] body = "{}".getBytes(UTF_8);
    Instant then = now.plusSeconds(seconds);

    assertThat(post("msg_1", then, "v1," + mac("msg_1", then, body), body)).isEqualTo(401);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v1, | 401",
        "v2,GENUINE | 401",
        "GENUINE | 401",
        "v1,AAAA | 401",
        "v1,AAAA v1,GENUINE | 204",
        "v1a,AAAA v1,GENUINE | 204"
      })
  void oneGenuineSignatureOfAKnownVersionIsEnough(String signatures, int status) throws Exception {
    byte[] body = "{\"type\":\"visitor.other\"}".getBytes(UTF_8);
    String header = signatures.replace("GENUINE", mac("msg_1", now, body));

    assertThat(post("msg_1", now, header, body)).isEqualTo(status);
  }

  @Test
  void theSpecificationsVectorIsGenuine() {
    assertThat(
            new WebhookSeal(SECRET)
                .isGenuine(
                    "msg_p5jXN8AQM9LWM0D4loKWxJek",
                    "1614265330",
                    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                    "{\"test\": 2432232314}".getBytes(UTF_8),
                    Instant.ofEpochSecond(1614265330)))
        .isTrue();
  }

  @Test
  void whatIsGenuineAndSenselessIsNeitherNotedNorTakenForKnown() throws Exception {
    byte[] body = "{\"type\":\"visitor.access.grant\",\"data\":{}}".getBytes(UTF_8);

    assertThat(post("msg_1", now, "v1," + mac("msg_1", now, body), body)).isEqualTo(400);

    assertThat(controller.book().history()).isEmpty();
    byte[] other = "{\"type\":\"visitor.other\"}".getBytes(UTF_8);
    assertThat(post("msg_1", now, "v1," + mac("msg_1", now, other), other)).isEqualTo(204);
    assertThat(made()).containsExactly(Made.IGNORED);
  }

  private List<Made> made() {
    return controller.book().history().stream().map(Noted::made).toList();
  }

  private static String mac(String id, Instant at, byte[] body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    byte[] key = Base64.getDecoder().decode(SECRET.substring("whsec_".length()));
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    mac.update((id + "." + at.getEpochSecond() + ".").getBytes(UTF_8));
    return Base64.getEncoder().encodeToString(mac.doFinal(body));
  }

  private int post(String id, Instant at, String signatures, byte[] body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(controller.url())
            .timeout(Duration.ofSeconds(10))
            .header("webhook-id", id)
            .header("Webhook-Timestamp", Long.toString(at.getEpochSecond()))
            .header("WEBHOOK-SIGNATURE", signatures)
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.discarding()).statusCode();
    }
  }

  private String get(String path) throws Exception {
    URI uri = controller.page().resolve(path);
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString(UTF_8));
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    }
  }
}
