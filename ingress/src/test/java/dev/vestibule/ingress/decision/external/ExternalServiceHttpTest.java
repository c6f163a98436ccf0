package dev.vestibule.ingress.decision.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ExternalConfig;
import dev.vestibule.config.ExternalConfig.Mode;
import dev.vestibule.config.Secret;
import dev.vestibule.ingress.decision.external.FakeService.Mood;
import dev.vestibule.ingress.decision.external.FakeService.Request;
import dev.vestibule.ingress.decision.policy.Fact;
import dev.vestibule.ingress.decision.policy.Input;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Over real connections, to a service that may misbehave. */
class ExternalServiceHttpTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00.123Z");
  private static final byte[] KEY =
      "test-secret-of-the-documentation".getBytes(StandardCharsets.UTF_8);
  private static final byte[] OLD_KEY = "old-secret".getBytes(StandardCharsets.UTF_8);

  /** Longer than every budget below, and no measure of anything. */
  private static final long PATIENCE_SECONDS = 10;

  private final FakeService fake = new FakeService();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private ExternalService service = service(fake.url(), 2000, 1500);

  @AfterEach
  void close() {
    service.close();
    fake.close();
  }

  @ParameterizedTest
  @CsvSource({
    "APPROVES, APPROVE",
    "REVIEWS, REVIEW",
    "REVIEWS_WITH_A_REASON, REVIEW",
    "FAILS, STATUS",
    "SAYS_201, STATUS",
    "SAYS_404_APPROVE, STATUS",
    "REDIRECTS, STATUS",
    "SENDS_TOO_MUCH, MALFORMED",
    "SENDS_TOO_MUCH_IN_CHUNKS, MALFORMED",
    "SENDS_NO_JSON, MALFORMED",
    "SENDS_NOTHING, MALFORMED",
    "SENDS_AN_ARRAY, MALFORMED",
    "SAYS_SOMETHING_ELSE, MALFORMED",
    "SHOUTS, MALFORMED",
    "CONTRADICTS_ITSELF, MALFORMED",
    "GOES_ON_AFTERWARDS, MALFORMED",
    "SENDS_ANOTHER_ENCODING, MALFORMED",
    "CLOSES, UNREACHABLE",
    "CLOSES_IN_THE_BODY, MALFORMED",
    "SPEAKS_NO_HTTP, UNREACHABLE"
  })
  void onlyAClearAnswerCounts(Mood mood, Answer expected) throws Exception {
    fake.be(mood);

    assertThat(ask("request-1")).isEqualTo(expected);
    assertThat(fake.requests()).extracting(Request::path).containsOnly("/visitors");
  }

  @ParameterizedTest
  @EnumSource(
      value = Mood.class,
      names = {"HANGS", "HANGS_IN_THE_BODY", "DRIPS"})
  void whoNeverFinishesIsGivenUpAndLeft(Mood mood) throws Exception {
    service.close();
    service = service(fake.url(), 150, 100);
    fake.be(mood);

    assertThat(ask("request-1")).isEqualTo(Answer.TIMEOUT);
    int sent = fake.requests().size();
    assertThat(sent).isLessThanOrEqualTo(2);
    await().until(() -> fake.abandoned() == sent);
  }

  @Test
  void aPortThatNobodyListensOnIsUnreachable() throws Exception {
    URI gone = fake.url();
    fake.close();
    service.close();
    service = service(gone, 2000, 1500);

    assertThat(ask("request-1")).isEqualTo(Answer.UNREACHABLE);
  }

  @Test
  void asksWithOneSignaturePerSecretAndOnlyTheFactsThatAreNamed() throws Exception {
    service
        .ask(question("request-1"), List.of(secret(KEY), secret(OLD_KEY)))
        .answer()
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    Request request = fake.requests().getFirst();
    assertThat(request.text())
        .isEqualTo(
            "{\"type\":\"visitor.screening\",\"timestamp\":\"2026-03-02T10:00:00.123Z\",\"data\":"
                + "{\"decision_id\":\"decision-1\",\"request_id\":\"request-1\","
                + "\"source\":\"hq-envoy\",\"facts\":{\"site\":{\"id\":\"143\"},"
                + "\"entry\":{\"answers\":{\"Laptop?\":\"yes\"}}}}}");
    assertThat(request.header("content-type")).isEqualTo("application/json");
    assertThat(request.header("webhook-id")).isEqualTo("request-1");
    assertThat(request.header("webhook-timestamp")).isEqualTo(Long.toString(NOW.getEpochSecond()));
    assertThat(request.isSignedWith(KEY)).isTrue();
    assertThat(request.isSignedWith(OLD_KEY)).isTrue();
    assertThat(request.isSignedWith("another".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(request.headers().toString()).doesNotContain("Jane");
  }

  @Test
  void theSecondTryIsTheSameRequestOnAnotherConnection() throws Exception {
    fake.be(number -> number == 1 ? Mood.HANGS : Mood.REVIEWS);

    assertThat(ask("request-1")).isEqualTo(Answer.REVIEW);

    assertThat(fake.requests()).hasSize(2);
    assertThat(fake.requests())
        .extracting(Request::text)
        .containsOnly(fake.requests().getFirst().text());
    assertThat(fake.requests())
        .extracting(request -> request.header("webhook-id"))
        .containsOnly("request-1");
    assertThat(fake.requests())
        .extracting(request -> request.header("webhook-signature"))
        .containsOnly(fake.requests().getFirst().header("webhook-signature"));
    assertThat(fake.connections()).isEqualTo(2);
    await().until(() -> fake.abandoned() == 1);
  }

  @Test
  void aConnectionIsUsedAgain() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(ask("request-" + i)).isEqualTo(Answer.APPROVE);
    }

    assertThat(fake.requests()).hasSize(5);
    assertThat(fake.connections()).isEqualTo(1);
  }

  @Test
  void whatNobodyWantsToKnowAnyMoreIsLeft() {
    fake.be(Mood.HANGS);
    ExternalService.Asking asking = service.ask(question("request-1"), List.of(secret(KEY)));
    await().until(() -> fake.requests().size() == 1);

    asking.cancel();

    await().until(() -> fake.abandoned() == 1);
    assertThat(asking.answer()).isCancelled();
  }

  @Test
  void theDocumentationsTestVectorIsWhatIsSent() throws Exception {
    Question question =
        new Question(
            "5d41402abc4b2a76b9719d911017c592",
            "019cae0e-2f7b-7c3a-9d52-6b1f0a4c8e21",
            "hq-envoy",
            NOW,
            Input.builder().text(Fact.SITE_ID, "143").text(Fact.ENTRY_ID, "19").build());
    try (ExternalService documented =
        service(fake.url(), 2000, 1500, List.of("entry.id", "invite.id", "site.id"))) {
      documented
          .ask(question, List.of(secret(KEY)))
          .answer()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Request request = fake.requests().getFirst();
    assertThat(Files.readString(Path.of("../docs/decisions.md")))
        .contains(secret(KEY).reveal())
        .contains("webhook-id: " + request.header("webhook-id") + "\n")
        .contains("webhook-timestamp: " + request.header("webhook-timestamp") + "\n")
        .contains("webhook-signature: " + request.header("webhook-signature") + "\n")
        .contains("\n" + request.text() + "\n");
  }

  private Answer ask(String requestId) throws Exception {
    return service
        .ask(question(requestId), List.of(secret(KEY)))
        .answer()
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private static Question question(String requestId) {
    return new Question(
        "decision-1",
        requestId,
        "hq-envoy",
        NOW,
        Input.builder()
            .text(Fact.VISITOR_NAME, "Jane Doe")
            .text(Fact.SITE_ID, "143")
            .text(Fact.ENTRY_ID, "19")
            .answers(Fact.ENTRY_ANSWERS, Map.of("Laptop?", "yes"))
            .build());
  }

  private static Secret secret(byte[] key) {
    return new Secret("whsec_" + Base64.getEncoder().encodeToString(key));
  }

  private ExternalService service(URI url, long budgetMillis, long perTryMillis) {
    return service(url, budgetMillis, perTryMillis, List.of("site.id", "entry.answers", "host.id"));
  }

  private ExternalService service(
      URI url, long budgetMillis, long perTryMillis, List<String> facts) {
    return ExternalService.of(
        "hq-envoy",
        new ExternalConfig(
            url,
            List.of(secret(KEY)),
            Duration.ofMillis(budgetMillis),
            Duration.ofMillis(perTryMillis),
            Mode.TIGHTEN,
            facts),
        meters,
        InstantSource.fixed(NOW));
  }
}
