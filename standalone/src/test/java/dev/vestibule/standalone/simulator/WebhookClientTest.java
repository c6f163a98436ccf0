package dev.vestibule.standalone.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.Vendor;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WebhookClientTest {
  private static final URI URL = URI.create("http://127.0.0.1:1/hooks/x");
  private static final Webhook WEBHOOK =
      new Webhook("{}".getBytes(StandardCharsets.UTF_8), Map.of("X-Sig", "s"), "");

  private final List<Duration> waited = new ArrayList<>();
  private final List<Webhook> received = new ArrayList<>();
  private final Pace pace = waited::add;

  @Test
  void kyberAccessRetriesFiveTimesOverFourteenHours() throws InterruptedException {
    // Given
    WebhookClient client = new WebhookClient(answering(503, 503, 503, 503, 503, 503), pace);

    // When
    Delivery delivery = client.deliver(URL, WEBHOOK, RetryRule.of(Vendor.KYBERACCESS));

    // Then
    assertThat(delivery.attempts()).isEqualTo(6);
    assertThat(delivery.status()).isEqualTo(503);
    assertThat(waited)
        .containsExactly(
            Duration.ofMinutes(1),
            Duration.ofMinutes(5),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(12));
    assertThat(RetryRule.of(Vendor.KYBERACCESS).horizon())
        .isEqualTo(Duration.ofHours(14).plusMinutes(36));
  }

  @Test
  void envoyRetriesFiveTimesInTenMinutes() {
    assertThat(RetryRule.of(Vendor.ENVOY).waits()).hasSize(5);
    assertThat(RetryRule.of(Vendor.ENVOY).horizon()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void signInAppRetriesThreeTimes() {
    assertThat(RetryRule.of(Vendor.SIGN_IN_APP).waits()).hasSize(3);
  }

  @Test
  void curacelIsNotKnownToRetry() {
    assertThat(RetryRule.of(Vendor.CURACEL)).isEqualTo(RetryRule.NONE);
  }

  @Test
  void retriesEndWithTheFirstGoodAnswer() throws InterruptedException {
    WebhookClient client = new WebhookClient(answering(503, 200, 500), pace);

    Delivery delivery = client.deliver(URL, WEBHOOK, RetryRule.of(Vendor.ENVOY));

    assertThat(delivery.attempts()).isEqualTo(2);
    assertThat(delivery.status()).isEqualTo(200);
    assertThat(delivery.receipt()).isEqualTo("topic-0@1");
    assertThat(waited).hasSize(1);
  }

  @Test
  void everyRetryIsTheSameRequest() throws InterruptedException {
    WebhookClient client = new WebhookClient(answering(503, 503, 200), pace);

    client.deliver(URL, WEBHOOK, RetryRule.of(Vendor.SIGN_IN_APP));

    assertThat(received).containsExactly(WEBHOOK, WEBHOOK, WEBHOOK);
  }

  @Test
  void lostAnswerMakesTheSameDeliveryArriveTwice() throws InterruptedException {
    WebhookClient client = new WebhookClient(answering(200, 200).losingAnswers(1), pace);

    Delivery delivery = client.deliver(URL, WEBHOOK, RetryRule.of(Vendor.ENVOY));

    assertThat(received).hasSize(2);
    assertThat(delivery.attempts()).isEqualTo(2);
    assertThat(delivery.status()).isEqualTo(200);
  }

  @Test
  void nobodyListeningIsStatusZero() throws InterruptedException {
    WebhookClient client = new WebhookClient(answering(200, 200, 200, 200).losingAnswers(4), pace);

    Delivery delivery = client.deliver(URL, WEBHOOK, RetryRule.of(Vendor.SIGN_IN_APP));

    assertThat(delivery.status()).isZero();
    assertThat(delivery.receipt()).isNull();
  }

  @Test
  void urlJoinsIngressSourceAndPathKey() {
    assertThat(WebhookClient.url(URI.create("http://127.0.0.1:8080/"), "hq", WEBHOOK))
        .hasToString("http://127.0.0.1:8080/hooks/hq");
    assertThat(
            WebhookClient.url(
                URI.create("http://127.0.0.1:8080"),
                "hq",
                new Webhook(new byte[0], Map.of(), "/key/k")))
        .hasToString("http://127.0.0.1:8080/hooks/hq/key/k");
  }

  private Line answering(int... statuses) {
    return (url, webhook) -> {
      received.add(webhook);
      int index = received.size() - 1;
      return new Answer(statuses[index], "topic-0@" + index, Duration.ofMillis(1));
    };
  }
}
