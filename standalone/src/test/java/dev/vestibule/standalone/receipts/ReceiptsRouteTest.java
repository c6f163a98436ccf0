package dev.vestibule.standalone.receipts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.Secret;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.ServiceMeters;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The route where Kafka takes connections and says nothing. */
final class ReceiptsRouteTest {
  private static final String RECEIPT = "/receipts/visitor.raw.envoy-0@0";

  private final HttpClient http = HttpClient.newHttpClient();
  private ServerSocket mute;
  private Tracer tracer;
  private AdminServer admin;

  @BeforeEach
  void start(@TempDir Path dir) throws Exception {
    mute = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
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
    tracer =
        new Tracer(
            config,
            List.of(),
            () -> List.of(new SpoolStatus("desk", 4, 7, Instant.EPOCH)),
            new InMemorySchemaRegistry(),
            InstantSource.system());
    admin = AdminServer.start("127.0.0.1", 0, ServiceMeters.create(), null);
    ReceiptsRoute.open(admin, tracer);
  }

  @AfterEach
  void stop() throws Exception {
    admin.close();
    mute.close();
    http.close();
  }

  @Test
  void aSilentKafkaIs503WithARetryAfter() throws Exception {
    HttpResponse<String> answer = http.send(request(RECEIPT), BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    assertThat(answer.body()).contains("\"error\":\"Kafka cannot be asked right now");
  }

  @Test
  void whatTheSpoolHoldsIsToldAlsoWhileKafkaIsSilent() throws Exception {
    for (String number : List.of("5", "7")) {
      HttpResponse<String> answer =
          http.send(request("/receipts/spool-desk@" + number), BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(200);
      JsonNode trace = new ObjectMapper().readTree(answer.body());
      assertThat(trace.at("/receipt").asText()).isEqualTo("spool-desk@" + number);
      assertThat(trace.at("/state").asText()).isEqualTo("WAITING");
      assertThat(trace.at("/accepted/source").asText()).isEqualTo("desk");
      assertThat(trace.at("/accepted/vendor").asText()).isEqualTo("envoy");
      assertThat(trace.at("/accepted/stored_at").isNull()).isTrue();
      assertThat(trace.at("/stuck/stage").asText()).isEqualTo("spool");
      assertThat(trace.at("/stuck/lag").asInt()).isEqualTo(3);
      assertThat(trace.at("/stuck/since").asText()).isEqualTo("1970-01-01T00:00:00Z");
    }
  }

  @Test
  void whatTheSpoolDoesNotHoldIsAskedOfKafka() throws Exception {
    for (String receipt : List.of("spool-desk@4", "spool-desk@8", "spool-other@5")) {
      HttpResponse<String> answer =
          http.send(request("/receipts/" + receipt), BodyHandlers.ofString());

      assertThat(answer.statusCode()).as(receipt).isEqualTo(503);
      assertThat(answer.body()).contains("Kafka cannot be asked right now");
    }
  }

  @Test
  void whatTheSpoolHoldsIsToldToPeopleWithWhatToLookAt() {
    Answer answer = tracer.anything("spool-desk@6", Duration.ZERO);

    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.Found.class,
            found -> {
              assertThat(Timeline.lines(found.deliveries().getFirst()))
                  .extracting(String::strip)
                  .containsExactly(
                      "accepted     desk (envoy)", "waits for    Kafka to take spool-desk@6");
              assertThat(Timeline.sentence(found.deliveries()))
                  .contains("safe in the ingress's spool", "one of 3", "look at Kafka");
            });
  }

  @Test
  void theFifthLookUpAtOnceIsRefused() {
    List<CompletableFuture<HttpResponse<String>>> answers =
        Stream.generate(() -> http.sendAsync(request(RECEIPT), BodyHandlers.ofString()))
            .limit(5)
            .toList();

    assertThat(answers)
        .extracting(answer -> answer.join().body())
        .filteredOn(body -> body.contains("too many look-ups at once"))
        .hasSize(1);
  }

  @Test
  void whatIsNoReceiptIsRefusedWithoutAskingKafka() throws Exception {
    HttpResponse<String> answer =
        http.send(request("/receipts/%3Cscript%3E%0A"), BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("'<script>?' is not a receipt");
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void anAnswerMakesRoomForTheNextLookUp() throws Exception {
    for (int asked = 0; asked < 5; asked++) {
      assertThat(http.send(request("/receipts/x"), BodyHandlers.ofString()).statusCode())
          .isEqualTo(400);
    }
  }

  @Test
  void whereTheAdminPortDemandsATokenSoDoesTheRoute() throws Exception {
    try (AdminServer guarded =
        AdminServer.start("127.0.0.1", 0, ServiceMeters.create(), new Secret("let me in"))) {
      ReceiptsRoute.open(guarded, tracer);
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + guarded.port() + RECEIPT))
              .build();

      assertThat(http.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void everyAnswerHasItsStatus() {
    Trace.Searched all = new Trace.Searched(1, true, null);

    assertThat(
            Stream.of(
                    new Answer.Found(List.of(), all),
                    new Answer.Malformed("m"),
                    new Answer.Unknown("u", all),
                    new Answer.Expired("e"),
                    new Answer.Unavailable("u", null))
                .map(ReceiptsRoute::status))
        .containsExactly(200, 400, 404, 410, 503);
  }

  @Test
  void whatTheRouteWritesTheCommandReads() throws Exception {
    Trace trace =
        new Trace(
            "visitor.raw.envoy-0@0",
            new Trace.Accepted(
                "desk", "hq", "envoy", null, null, null, "webhook", null, Instant.EPOCH.toString()),
            List.of(
                new Trace.Event(
                    "e",
                    "SIGNED_IN",
                    "n-0@1",
                    "NEW",
                    "e-0@1",
                    null,
                    List.of("c-0@1"),
                    List.of(new Trace.Delivery("warehouse", "g", true, 0)))),
            List.of(new Trace.Letter("deduper", "r", "f", "x", null, "d-0@1")),
            Trace.State.WAITING,
            new Trace.Stuck("deduper", "n-0@1", "t", "g", 1, -1, "topic"),
            new Trace.Searched(5, false, "no time"));
    Answer found = new Answer.Found(List.of(trace), new Trace.Searched(1, true, null));

    assertThat(ReceiptsRoute.read(200, ReceiptsRoute.json(found))).isEqualTo(found);
    for (Answer answer :
        List.of(
            new Answer.Malformed("m"),
            new Answer.Unknown("u", new Trace.Searched(1, true, null)),
            new Answer.Expired("e"),
            new Answer.Unavailable("u", null))) {
      assertThat(ReceiptsRoute.read(ReceiptsRoute.status(answer), ReceiptsRoute.json(answer)))
          .isEqualTo(answer);
    }
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path)).build();
  }
}
