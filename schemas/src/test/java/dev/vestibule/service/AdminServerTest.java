package dev.vestibule.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.Secret;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AdminServerTest {
  private final HttpClient http = HttpClient.newHttpClient();
  private final PrometheusMeterRegistry meters = ServiceMeters.create();
  private AdminServer admin;

  @BeforeEach
  void start() throws IOException {
    admin = AdminServer.start("127.0.0.1", 0, meters, null);
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  @Test
  void isLiveBeforeItIsReady() throws Exception {
    admin.add(new Part("ingress", true, true));

    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").statusCode()).isEqualTo(503);

    admin.complete();
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void oneServiceThatIsNotReadyIsNamed() throws Exception {
    admin.add(new Part("ingress", true, true));
    admin.add(new Part("deduper", false, true));
    admin.complete();

    HttpResponse<String> answer = get("/health/ready");

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(new ObjectMapper().readTree(answer.body()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"live":true,"ready":false,"services":{
                      "ingress":{"live":true,"ready":true},"deduper":{"live":true,"ready":false}}}
                    """));
  }

  @Test
  void aDeadServiceAsksForARestart() throws Exception {
    admin.add(new Part("deduper", false, false));

    assertThat(get("/health/live").statusCode()).isEqualTo(503);
  }

  @Test
  void metricsAreTextThatPrometheusReads() throws Exception {
    meters.counter("vestibule.test.received", "reason", "none").increment();

    HttpResponse<String> answer = get("/metrics");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
    assertThat(answer.body())
        .contains("vestibule_test_received_total{reason=\"none\"} 1.0")
        .contains("jvm_memory_used_bytes");
  }

  @Test
  void addedRoutesAnswerExactlyTheirPath() throws Exception {
    admin.route("/board", exchange -> AdminServer.respond(exchange, 200, "text/plain", "here"));

    assertThat(get("/board").body()).isEqualTo("here");
    assertThat(get("/boardroom").statusCode()).isEqualTo(404);
  }

  @Test
  void aRouteThatEndsWithASlashAnswersEverythingBelowIt() throws Exception {
    admin.route("/receipts/", exchange -> AdminServer.respond(exchange, 200, "text/plain", "here"));

    assertThat(get("/receipts/a-1@2").body()).isEqualTo("here");
    assertThat(get("/receipts/a/b").body()).isEqualTo("here");
    assertThat(get("/receipts").statusCode()).isEqualTo(404);
    assertThat(get("/other/a").statusCode()).isEqualTo(404);
  }

  @Test
  void aFailingRouteIsAnInternalErrorThatTellsNothing() throws Exception {
    admin.route(
        "/fails",
        _ -> {
          throw new IllegalStateException("inner secret");
        });

    HttpResponse<String> answer = get("/fails");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).doesNotContain("inner secret");
  }

  @Test
  void beyondLoopbackATokenIsDemanded() {
    assertThatThrownBy(() -> AdminServer.start("0.0.0.0", 0, meters, null))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "vestibule.ingress.admin-host: '0.0.0.0' is not loopback; expected a token in"
                + " VESTIBULE_ADMIN_TOKEN beside it");
  }

  @Test
  void withATokenOnlyHealthIsOpen() throws Exception {
    try (AdminServer guarded = AdminServer.start("127.0.0.1", 0, meters, new Secret("right"))) {
      assertThat(get(guarded, "/health/live", null).statusCode()).isEqualTo(200);
      assertThat(get(guarded, "/metrics", null).statusCode()).isEqualTo(401);
      assertThat(get(guarded, "/metrics", "Bearer wrong").statusCode()).isEqualTo(401);
      assertThat(get(guarded, "/metrics", "Bearer right").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aTakenPortIsABindException() {
    assertThatThrownBy(() -> AdminServer.start("127.0.0.1", admin.port(), meters, null))
        .isInstanceOf(BindException.class);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(admin, path, null);
  }

  private HttpResponse<String> get(AdminServer server, String path, @Nullable String authorization)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private record Part(String name, boolean ready, boolean live) implements Service {
    @Override
    public void close() {}
  }
}
