package dev.vestibule.standalone.board;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.ServiceMeters;
import dev.vestibule.standalone.receipts.Tracer;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The board where Kafka is silent. */
final class BoardRouteTest {
  private final PrometheusMeterRegistry meters = ServiceMeters.create();
  private final HttpClient http = HttpClient.newHttpClient();
  private final AtomicLong spooled = new AtomicLong(3); // gauges hold on to nothing
  private ServerSocket mute;
  private AdminServer admin;

  @BeforeEach
  void start(@TempDir Path dir) throws Exception {
    mute = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"));
    Path file =
        Files.writeString(
            dir.resolve("v.yml"),
            """
            vestibule:
              sources: { desk: { vendor: envoy, secrets: ["desk-secret-desk-secret"] } }
              kafka: { bootstrap.servers: "127.0.0.1:%d" }
            """
                .formatted(mute.getLocalPort()));
    VestibuleConfig config = ConfigLoader.load(file, dir, Map.of());
    admin = AdminServer.start("127.0.0.1", 0, meters, null);
    Tracer tracer =
        new Tracer(
            config, List.of(), List::of, new InMemorySchemaRegistry(), InstantSource.system());
    BoardRoute.open(admin, meters, tracer, InstantSource.system());
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
    mute.close();
    http.close();
    meters.close();
  }

  @Test
  void countsAreShownAlsoWhileKafkaIsSilentAndTheSilenceIsSaid() throws Exception {
    meters.counter("vestibule.ingress.received", "source", "desk").increment(7);
    meters.counter("vestibule.ingress.published", "source", "desk").increment(4);
    meters.counter("vestibule.ingress.rejected", "source", "desk", "reason", "a").increment();
    meters.counter("vestibule.ingress.rejected", "source", "desk", "reason", "b").increment();
    meters.counter("vestibule.ingress.unavailable", "source", "desk", "reason", "c").increment();
    meters.gauge("vestibule.ingress.spool.records", List.of(Tag.of("source", "desk")), spooled);
    meters.counter("vestibule.deduper.verdicts", "verdict", "NEW").increment(4);
    meters.counter("vestibule.normalizer.dead_letters", "reason", "UNREADABLE_BODY").increment();

    JsonNode board = new ObjectMapper().readTree(get("/board.json").body());

    assertThat(board.at("/sources/0"))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"name":"desk","received":7,"accepted":4,"ignored":0,"refused":2,
                     "unavailable":1,"spooled":3,"spooled_seconds":null}
                    """));
    assertThat(board.at("/verdicts/NEW").asInt()).isEqualTo(4);
    assertThat(board.at("/dead_letters/UNREADABLE_BODY").asInt()).isEqualTo(1);
    assertThat(board.at("/stages").isNull()).isTrue();
    assertThat(board.at("/problem").asText()).startsWith("Kafka cannot be asked right now");
  }

  @Test
  void thePageLoadsNothingAndRunsNothingButItsOwnScript() throws Exception {
    HttpResponse<String> answer = get("/board");

    String page = answer.body();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(page).doesNotContain("http:", "https:", "//", "src=", "href=", "innerHTML", " on");
    List<String> hashes = new ArrayList<>();
    for (String element : List.of("style", "script")) {
      Matcher matcher =
          Pattern.compile("(?s)<" + element + ">(.*?)</" + element + ">").matcher(page);
      assertThat(matcher.find()).isTrue();
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
      hashes.add(element + "-src 'sha256-" + Base64.getEncoder().encodeToString(hash) + "'");
      assertThat(matcher.find()).isFalse();
    }
    assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
        .startsWith("default-src 'none'; ")
        .contains(hashes)
        .contains("connect-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
  }

  @Test
  void itIsThereToBeReadOnly() throws Exception {
    HttpRequest post = request("/board").POST(BodyPublishers.noBody()).build();

    assertThat(http.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path));
  }
}
