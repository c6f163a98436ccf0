package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.Vendor;
import dev.vestibule.service.AdminServer;
import dev.vestibule.service.ServiceMeters;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.receipts.ReceiptsRoute;
import dev.vestibule.standalone.receipts.Tracer;
import dev.vestibule.standalone.simulator.Delivery;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.Message;
import dev.vestibule.standalone.simulator.RetryRule;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.VisitSimulator;
import dev.vestibule.standalone.simulator.Webhook;
import dev.vestibule.standalone.simulator.WebhookClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What became of a delivery, asked while the real services work and while one does not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReceiptsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpLine line = new HttpLine();
  private final VisitSimulator simulator =
      new VisitSimulator(new Random(17), InstantSource.system());
  private Path folder;
  private EmbeddedBroker broker;
  private Pipeline pipeline;
  private AdminServer admin;

  @BeforeAll
  void start(@TempDir Path dir) throws Exception {
    folder = dir;
    broker = EmbeddedBroker.start(dir.resolve("broker"), 0);
    pipeline = Pipeline.start(broker.bootstrap(), dir);
    admin = AdminServer.start("127.0.0.1", 0, ServiceMeters.create(), null);
    ReceiptsRoute.open(
        admin,
        new Tracer(
            pipeline.config(),
            List.of(pipeline.warehouseConfig()),
            pipeline::spools,
            pipeline.schemas(),
            InstantSource.system()));
  }

  @AfterAll
  void stop() {
    admin.close();
    pipeline.close();
    broker.close();
    line.close();
    http.close();
  }

  @Test
  void aDeliveryIsFollowedToTheWarehouseAndItsCopyToTheFirst() throws Exception {
    Message arrival = simulator.kyberAccessArrival().message();

    String first = post(arrival);
    JsonNode trace = settled(first);

    assertThat(trace.at("/state").asText()).isEqualTo("DONE");
    assertThat(trace.at("/accepted/source").asText()).isEqualTo("hq-kyber");
    assertThat(trace.at("/accepted/body_sha256").asText()).hasSize(64);
    assertThat(trace.at("/events")).hasSize(1);
    assertThat(trace.at("/events/0/type").asText()).isEqualTo("SIGNED_IN");
    assertThat(trace.at("/events/0/verdict").asText()).isEqualTo("NEW");
    assertThat(trace.at("/events/0/deliveries/0/sink").asText()).isEqualTo("warehouse");
    assertThat(trace.at("/events/0/deliveries/0/delivered").asBoolean()).isTrue();
    assertThat(trace.at("/stuck").isNull()).isTrue();
    JsonNode visitor = json.readTree(arrival.body()).at("/data/visitor");
    for (String personal : List.of("first_name", "last_name", "email")) {
      assertThat(visitor.path(personal).asText()).as(personal).isNotEmpty();
      assertThat(trace.toString()).doesNotContain(visitor.path(personal).asText());
    }

    JsonNode copy = settled(post(arrival));

    assertThat(copy.at("/events/0/verdict").asText()).isEqualTo("DUPLICATE");
    assertThat(copy.at("/events/0/first/receipt").asText()).isEqualTo(first);
    assertThat(copy.at("/stuck").isNull()).isTrue();
    String request = copy.at("/accepted/request_id").asText();
    assertThat(get("/receipts/" + request, 200).at("/receipt")).isEqualTo(copy.at("/receipt"));
    assertThat(get("/visits/" + visitor.path("id").asText(), 200).at("/deliveries")).hasSize(2);
    assertThat(get("/visits/" + trace.at("/events/0/event_id").asText(), 200).at("/deliveries"))
        .hasSize(2);
  }

  @Test
  void aBadPayloadEndsAsADeadLetterWithItsReason() throws Exception {
    JsonNode trace =
        settled(post(Vendor.KYBERACCESS, "{\"broken".getBytes(StandardCharsets.UTF_8)));

    assertThat(trace.at("/state").asText()).isEqualTo("DEAD_LETTER");
    assertThat(trace.at("/dead_letters/0/reason").asText()).isEqualTo("UNREADABLE_BODY");
    assertThat(trace.at("/dead_letters/0/stage").asText()).isEqualTo("normalizer");
    assertThat(trace.at("/events")).isEmpty();
    assertThat(trace.at("/stuck").isNull()).isTrue();
  }

  @Test
  void whileTheNormalizerIsStoppedADeliveryIsStuckBeforeItAndSoSaysTheCommand() throws Exception {
    pipeline.stopNormalizer();
    String receipt;
    try {
      Message arrival = simulator.kyberAccessArrival().message();
      receipt = post(arrival);
      JsonNode trace = get("/receipts/" + receipt, 200);

      assertThat(trace.at("/state").asText()).isEqualTo("WAITING");
      assertThat(trace.at("/stuck/stage").asText()).isEqualTo("normalizer");
      assertThat(trace.at("/stuck/group").asText()).isEqualTo("vestibule-normalizer");
      assertThat(trace.at("/stuck/waiting").asText()).isEqualTo(receipt);
      assertThat(trace.at("/stuck/lag").asLong()).isEqualTo(1);
      assertThat(trace.at("/stuck/members").asInt()).isZero();
      assertThat(Instant.parse(trace.at("/stuck/since").asText())).isBefore(Instant.now());

      Command.Ended stuck =
          Command.runToItsEnd(folder, "visit", "--config", config().toString(), receipt);
      assertThat(stuck.code()).as(stuck.err()).isEqualTo(3);
      assertThat(stuck.out())
          .contains("It waits for normalizer", "1 record behind", "start it", receipt)
          .doesNotContain(json.readTree(arrival.body()).at("/data/visitor/last_name").asText());
    } finally {
      pipeline.startNormalizer();
    }

    JsonNode trace = settled(receipt);

    assertThat(trace.at("/state").asText()).isEqualTo("DONE");
    JsonNode printed =
        json.readTree(
            Command.run(folder, "visit", "--config", config().toString(), "--json", receipt));
    assertThat(printed.at("/deliveries/0/receipt").asText()).isEqualTo(receipt);
    assertThat(printed.at("/deliveries/0/state").asText()).isEqualTo("DONE");
  }

  @Test
  void whatIsUnknownOrNoReceiptIsSaidSo() throws Exception {
    assertThat(get("/receipts/visitor.raw.envoy-0@123456", 404).at("/error").asText())
        .contains("there is no record visitor.raw.envoy-0@123456");
    assertThat(get("/receipts/0195501f-4c00-7abc-8def-0123456789ab", 404).at("/error").asText())
        .contains("no delivery has the request id");
    assertThat(get("/receipts/visitor.raw.envoy", 400).at("/error").asText())
        .contains("'visitor.raw.envoy' is not", "<topic>-<partition>@<offset>");
    assertThat(get("/visits/nobody", 404).at("/searched/complete").asBoolean()).isTrue();
    HttpResponse<String> posted =
        http.send(
            request("/receipts/visitor.raw.envoy-0@0").POST(BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
    assertThat(posted.statusCode()).isEqualTo(405);
  }

  private Path config() throws Exception {
    return Files.writeString(
        folder.resolve("remote.yml"),
        """
        vestibule:
          sources:
            hq-kyber: { vendor: kyberaccess, secrets: ["kyber-secret"], account: hq }
          sinks: { warehouse: { type: warehouse, sensitivities: [standard, restricted, health] } }
          kafka: { bootstrap.servers: "%s" }
          registry: { url: "%s" }
        """
            .formatted(broker.bootstrap(), pipeline.registryUrl()));
  }

  private JsonNode settled(String receipt) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> get("/receipts/" + receipt, 200),
            trace -> !trace.at("/state").asText().equals("WAITING"));
  }

  private String post(Message message) throws InterruptedException {
    return post(message.vendor(), message.body());
  }

  private String post(Vendor vendor, byte[] body) throws InterruptedException {
    assertThat(vendor).isEqualTo(Vendor.KYBERACCESS);
    Webhook webhook =
        VendorSigner.forSource(pipeline.source("hq-kyber"))
            .sign(body, "dlv_" + System.nanoTime(), Instant.now());
    Delivery delivery =
        new WebhookClient(line, _ -> {})
            .deliver(
                WebhookClient.url(pipeline.ingress(), "hq-kyber", webhook),
                webhook,
                RetryRule.NONE);
    assertThat(delivery.status()).isEqualTo(200);
    return Objects.requireNonNull(delivery.receipt(), "receipt");
  }

  private JsonNode get(String path, int status) throws Exception {
    HttpResponse<String> answer = http.send(request(path).build(), BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    return json.readTree(answer.body());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin.port() + path))
        .timeout(Duration.ofSeconds(10));
  }
}
