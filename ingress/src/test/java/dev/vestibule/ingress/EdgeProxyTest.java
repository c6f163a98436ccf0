package dev.vestibule.ingress;

import static java.net.http.HttpRequest.BodyPublishers.ofByteArray;
import static java.net.http.HttpRequest.BodyPublishers.ofInputStream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.ingress.Upstream.End;
import dev.vestibule.ingress.decision.HookBody;
import dev.vestibule.ingress.decision.Known;
import dev.vestibule.ingress.publish.RawRecords;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The nginx that is recommended in front of the ingress, where there is one to be tested. */
class EdgeProxyTest {
  private static final String REVIEW =
      "{\"message\":\"Vestibule: please check this visitor by hand.\"}";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  private static final String SCREEN = "/hooks/hq-envoy/screen";
  private static final byte[] CALL = HookBody.entry("19", "Zoë Müller\\r\\n", "143");
  private static final int MIB = 1024 * 1024;

  private static Path nginx = Path.of("nginx");

  @TempDir Path folder;

  @BeforeAll
  static void findNginx() {
    String missing = "edge proxy: no nginx here; to test it, apt-get install nginx-light";
    if (Nginx.installed().isEmpty()) {
      System.out.println(missing);
    }
    assumeTrue(Nginx.installed().isPresent(), missing);
    nginx = Nginx.installed().orElseThrow();
  }

  @Test
  void nobodyBehindIt() throws IOException {
    try (Nginx edge = Nginx.hasty(nginx, folder, Nginx.freePort())) {
      assertReview(screen(edge));
      assertThat(edge.post("/hooks/hq-envoy", ofByteArray(CALL)).statusCode()).isEqualTo(502);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 20",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
      })
  void noAnswerOrHalfAHeadIsAReviewHoweverItEnds(String answer) throws IOException {
    for (End end : End.values()) {
      try (Upstream behind = new Upstream(answer, end);
          Nginx edge = Nginx.hasty(nginx, folder, behind.port())) {
        assertReview(screen(edge));
        assertThat(behind.requests()).isEqualTo(1);
      }
    }
  }

  @Test
  void aPortThatSpeaksTlsInsteadIsAReview() throws Exception {
    TestCertificate.make(folder, "127.0.0.1", "EC").write(folder);
    Path file =
        Files.writeString(
            folder.resolve("vestibule.yml"),
            """
            vestibule:
              sources: { hq-envoy: { vendor: envoy, secrets: ["%s"], screen: {}, spool: false } }
              ingress: { host: 127.0.0.1, port: 0, tls: { certificate: server.pem, key: server.key } }
            """
                .formatted(Signed.SECRET));
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    try (Ingress ingress = Ingress.of(config, folder, () -> config);
        Nginx edge = Nginx.start(nginx, folder, ingress.port())) {
      assertReview(screen(edge));
    }
  }

  /** The ingress writes head and body at once, so only the network could part them. */
  @Test
  void anApprovalThatBreaksOffInItsBodyIsNoApproval() throws IOException {
    for (End end : End.values()) {
      try (Upstream behind = new Upstream(OK + "{", end);
          Nginx edge = Nginx.hasty(nginx, folder, behind.port())) {
        assertThat(completed(edge)).isFalse();
      }
    }
  }

  private static boolean completed(Nginx edge) {
    try {
      return screen(edge).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {413, 429, 500, 502, 503, 504})
  void whatMightLetAVisitorInIsAReviewAndForOtherHooksWhatItWas(int status) throws IOException {
    String answer =
        "HTTP/1.1 %d X\r\nConnection: close\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}"
            .formatted(status);
    try (Upstream behind = new Upstream(answer, End.CLOSE);
        Nginx edge = Nginx.hasty(nginx, folder, behind.port())) {
      assertReview(screen(edge));
      HttpResponse<String> other = edge.post("/hooks/hq-envoy", ofByteArray(CALL));
      assertThat(other.statusCode()).isEqualTo(status);
      assertThat(other.headers().firstValue("Retry-After")).contains("7");
      assertThat(edge.post("/hooks/hq-envoy/setup", ofByteArray(CALL)).statusCode())
          .isEqualTo(status);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 401, 404, 412})
  void answersOfTheIngressStayAsTheyAre(int status) throws IOException {
    String body = "{\"message\":\"Front desk: äöü\"}";
    String answer =
        "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(status, body.length(), body);
    try (Upstream behind = new Upstream(answer, End.CLOSE);
        Nginx edge = Nginx.hasty(nginx, folder, behind.port())) {
      assertThat(screen(edge).statusCode()).isEqualTo(status);
      assertThat(screen(edge).body()).hasSize(body.length());
    }
  }

  @Test
  void aCallIsHandedOverOnce() throws IOException {
    try (Upstream one = new Upstream("", End.RESET);
        Upstream two = new Upstream("", End.RESET);
        Nginx edge = Nginx.hasty(nginx, folder, one.port(), two.port())) {
      assertReview(screen(edge));
      assertThat(one.requests() + two.requests()).isEqualTo(1);
    }
  }

  @Test
  void whatIsTooLargeForNginxItselfIsAReviewToo() throws IOException {
    byte[] huge = new byte[8 * MIB + 1];
    try (Upstream behind = new Upstream(OK + "{}", End.SILENCE);
        Nginx edge = Nginx.hasty(nginx, folder, behind.port())) {
      assertReview(edge.post(SCREEN, ofByteArray(huge)));
      assertThat(behind.requests()).isZero();
      assertThat(edge.post("/hooks/hq-envoy", ofByteArray(huge)).statusCode()).isEqualTo(413);
    }
  }

  @Test
  void genuineCallsAreGenuineBehindIt() throws IOException {
    try (Ingress ingress = Ingress.knowing(Known.nobodyIsWatched(Ingress.NOW), screening());
        Nginx edge = Nginx.start(nginx, folder, ingress.port())) {
      String signature = Signed.base64(CALL);
      HttpResponse<String> approved =
          edge.post(SCREEN, ofByteArray(CALL), "X-Envoy-Signature", signature);
      HttpResponse<String> chunked =
          edge.post(
              SCREEN,
              ofInputStream(() -> new ByteArrayInputStream(CALL)),
              "X-Envoy-Signature",
              signature);
      HttpResponse<String> forged = edge.post(SCREEN, ofByteArray(CALL));

      assertThat(approved.statusCode()).isEqualTo(200);
      assertThat(approved.body()).isEqualTo("{}");
      assertThat(approved.headers().firstValue("Vestibule-Receipt")).isPresent();
      assertThat(chunked.statusCode()).isEqualTo(200);
      assertThat(forged.statusCode()).isEqualTo(401);
      assertThat(ingress.publisher.records().getFirst().headers())
          .containsEntry(Headers.BODY_SHA256, RawRecords.sha256(CALL));
    }
  }

  @Test
  void reviewsOfTheIngressKeepTheirMessage() throws IOException {
    try (Ingress ingress = Ingress.with(screening());
        Nginx edge = Nginx.start(nginx, folder, ingress.port())) {
      HttpResponse<String> review =
          edge.post(SCREEN, ofByteArray(CALL), "X-Envoy-Signature", Signed.base64(CALL));
      HttpResponse<String> tooLarge = edge.post(SCREEN, ofByteArray(new byte[5 * MIB]));

      String message = "{\"message\":\"Front desk: please check this visitor by hand.\"}";
      assertThat(review.statusCode()).isEqualTo(412);
      assertThat(review.body()).isEqualTo(message);
      assertThat(tooLarge.statusCode()).isEqualTo(412);
      assertThat(tooLarge.body()).isEqualTo(message);
      assertThat(edge.post("/hooks/hq-envoy", ofByteArray(new byte[2 * MIB])).statusCode())
          .isEqualTo(413);
    }
  }

  private static SourceConfig screening() {
    return Signed.envoy()
        .withScreen(
            new ScreenConfig(
                "Front desk",
                DecisionOutcome.APPROVE,
                Set.of(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2)));
  }

  private static HttpResponse<String> screen(Nginx edge) throws IOException {
    return edge.post(SCREEN, ofByteArray(CALL), "X-Envoy-Signature", Signed.base64(CALL));
  }

  private static void assertReview(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(412);
    assertThat(answer.body()).isEqualTo(REVIEW);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
  }
}
