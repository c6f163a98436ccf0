package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Clicks in Slack, from the public port to the record. */
class InteractionTest {
  private static final String SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
  private static final String PATH = "/hooks/frontdesk/interactions";
  private static final int MAX_BYTES = 1024 * 1024;
  private static final byte[] CLICK = Signed.utf8("payload=%7B%22type%22%3A%22block_actions%22%7D");

  @TempDir Path folder;

  @BeforeEach
  void aSinkThatCanBeAnsweredBesideASourceAndOthers() throws IOException {
    list("[" + SECRET + "]");
  }

  @Test
  void aGenuineClickIsKeptAsItArrivedAndAnswered200() {
    try (Ingress ingress = ingress()) {
      HttpResponse<String> answer =
          ingress.post(
              PATH,
              CLICK,
              with(signed(CLICK), "Content-Type", "application/x-www-form-urlencoded"));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{}");
      RawRecord click = ingress.publisher.only();
      assertThat(click.topic()).isEqualTo("acme.sink.frontdesk.interactions");
      assertThat(click.key()).isEqualTo("frontdesk");
      assertThat(click.value()).isEqualTo(CLICK);
      assertThat(click.headers())
          .containsOnlyKeys(
              Headers.SOURCE,
              Headers.REQUEST_ID,
              Headers.RECEIVED_AT,
              Headers.CONTENT_TYPE,
              Headers.BODY_SHA256)
          .containsEntry(Headers.SOURCE, "frontdesk")
          .containsEntry(Headers.RECEIVED_AT, "2026-03-02T08:15:30.123456Z")
          .containsEntry(Headers.CONTENT_TYPE, "application/x-www-form-urlencoded")
          .containsEntry(Headers.BODY_SHA256, RawRecords.sha256(CLICK));
      assertThat(ingress.count("received", "source", "frontdesk")).isEqualTo(1);
      assertThat(ingress.count("published", "source", "frontdesk")).isEqualTo(1);
    }
  }

  @Test
  void whatIsNotGenuineGets401AndLeavesNothing() {
    String[] good = signed(CLICK);
    String[] noPrefix = good.clone();
    noPrefix[3] = good[3].substring("v0=".length());
    try (Ingress ingress = ingress()) {
      refused(ingress, "missing_signature", good[0], good[1]);
      refused(ingress, "missing_timestamp", good[2], good[3]);
      refused(ingress, "duplicate_header", with(good, good[0], good[1]));
      refused(ingress, "duplicate_header", with(good, good[2], good[3]));
      refused(ingress, "malformed_signature", noPrefix);
      refused(ingress, "signature_mismatch", signed(Signed.utf8("payload=%7B%7D")));
      refused(ingress, "signature_mismatch", Signed.slack("another", Ingress.NOW, CLICK));
      refused(ingress, "stale", signed(CLICK, Ingress.NOW.minusSeconds(300)));
      refused(ingress, "future", signed(CLICK, Ingress.NOW.plusSeconds(301)));

      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  private static void refused(Ingress ingress, String reason, String... headers) {
    double before = ingress.count("rejected", "source", "frontdesk", "reason", reason);

    HttpResponse<String> answer = ingress.post(PATH, CLICK, headers);

    assertThat(answer.statusCode()).as(reason).isEqualTo(401);
    assertThat(answer.body()).isEqualTo("{}");
    assertThat(ingress.count("rejected", "source", "frontdesk", "reason", reason))
        .as(reason)
        .isEqualTo(before + 1);
  }

  @Test
  void aTimeMayBeNearlyFiveMinutesOffInBothDirections() {
    try (Ingress ingress = ingress()) {
      // The clock stands a part of a second after the last full one.
      for (int seconds : List.of(-299, 300)) {
        assertThat(
                ingress
                    .post(PATH, CLICK, signed(CLICK, Ingress.NOW.plusSeconds(seconds)))
                    .statusCode())
            .isEqualTo(200);
      }
      assertThat(ingress.publisher.records()).hasSize(2);
    }
  }

  @Test
  void nothingOfTheBodyIsReadBesideItsSignature() {
    try (Ingress ingress = ingress()) {
      for (String text : List.of("", "payload=%ZZ", "no form", "payload={", "\u0000\u00ff")) {
        byte[] body = Signed.utf8(text);
        assertThat(ingress.post(PATH, body, signed(CLICK)).statusCode()).as(text).isEqualTo(401);
        assertThat(
                ingress
                    .post(PATH, body, with(signed(body), "Content-Type", "a/b/c; ="))
                    .statusCode())
            .as(text)
            .isEqualTo(200);

        assertThat(ingress.publisher.records().getLast().value()).isEqualTo(body);
      }
      assertThat(ingress.publisher.records()).hasSize(5);
    }
  }

  @Test
  void onlySlackSinksThatListSecretsHaveTheRoute() {
    try (Ingress ingress = ingress()) {
      for (String path :
          List.of(
              "/hooks/nobody/interactions",
              "/hooks/hq/interactions",
              "/hooks/archive/interactions",
              "/hooks/silent/interactions",
              "/hooks/frontdesk",
              "/hooks/frontdesk/screen",
              "/hooks/frontdesk/setup",
              "/hooks/frontdesk/key/k",
              "/hooks/frontdesk/interactions/more")) {
        HttpResponse<String> answer = ingress.post(path, CLICK, signed(CLICK));

        assertThat(answer.statusCode()).as(path).isEqualTo(404);
        assertThat(answer.body()).as(path).isEqualTo("{}");
      }
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  @Test
  void theRouteIsForPostsAlone() throws IOException {
    try (Ingress ingress = ingress();
        RawConnection connection = new RawConnection(ingress.port())) {
      for (String method : List.of("GET", "PUT", "DELETE")) {
        connection.send(method + " " + PATH + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        RawConnection.Response answer = connection.read();
        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.body()).isEqualTo("{}");
      }
    }
  }

  @Test
  void aSinkThatListsNoSecretIsNamedAtTheStart() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    root.addAppender(appender);
    try (Ingress ingress = ingress()) {
      assertThat(ingress.post(PATH, CLICK, signed(CLICK)).statusCode()).isEqualTo(200);
    } finally {
      root.detachAppender(appender);
    }

    assertThat(appender.list)
        .filteredOn(event -> event.getLevel() == Level.WARN)
        .singleElement()
        .satisfies(event -> {
          assertThat(event.getKeyValuePairs()).hasToString("[sink=\"silent\"]");
          assertThat(event.getMessage()).contains("signing-secrets", "404");
        });
    assertThat(appender.list.toString()).doesNotContain(SECRET, "block_actions");
  }

  @Test
  void secretsAreExchangedWhileItRuns() throws IOException {
    list("[old-secret-1, " + SECRET + "]");
    try (Ingress ingress = ingress()) {
      assertThat(post(ingress, "old-secret-1")).isEqualTo(200);
      assertThat(post(ingress, SECRET)).isEqualTo(200);
      assertThat(ingress.count("accepted", "source", "frontdesk", "secret", "1")).isEqualTo(1);

      list("[" + SECRET + ", new-secret-3]");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> ingress.count("reload", "outcome", "applied") == 1);

      assertThat(post(ingress, "old-secret-1")).isEqualTo(401);
      assertThat(post(ingress, SECRET)).isEqualTo(200);
      assertThat(post(ingress, "new-secret-3")).isEqualTo(200);
    }
  }

  @Test
  void aBodyInChunksIsKeptAsAWhole() throws IOException {
    String[] headers = signed(CLICK);
    try (Ingress ingress = ingress();
        RawConnection connection = new RawConnection(ingress.port())) {
      connection.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n%s: %s\r\n%s: %s\r\n\r\n"
              .formatted(PATH, headers[0], headers[1], headers[2], headers[3]));
      for (byte next : CLICK) {
        connection.sendChunk(new byte[] {next});
      }
      connection.send("0\r\n\r\n");

      assertThat(connection.read().status()).isEqualTo(200);
      assertThat(ingress.publisher.only().value()).isEqualTo(CLICK);
    }
  }

  @Test
  void aBodyOfOneMebibyteIsTheLargest() throws IOException {
    byte[] exact = new byte[MAX_BYTES];
    new Random(7).nextBytes(exact);
    byte[] over = Arrays.copyOf(exact, exact.length + 1);
    try (Ingress ingress = ingress();
        RawConnection connection = new RawConnection(ingress.port())) {
      assertThat(ingress.post(PATH, exact, signed(exact)).statusCode()).isEqualTo(200);
      assertThat(ingress.post(PATH, over, signed(over)).statusCode()).isEqualTo(413);
      connection.send(
          "POST " + PATH + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
      connection.sendChunk(over).send("0\r\n\r\n");

      assertThat(connection.read().status()).isEqualTo(413);
      assertThat(ingress.publisher.only().value()).isEqualTo(exact);
      assertThat(ingress.count("rejected", "reason", "too_large")).isEqualTo(2);
    }
  }

  @Test
  void clicksAtTheSameTimeDoNotMix() throws Exception {
    List<byte[]> bodies = new ArrayList<>();
    Random random = new Random(11);
    for (int i = 0; i < 200; i++) {
      byte[] body = new byte[random.nextInt(40_000)];
      random.nextBytes(body);
      bodies.add(body);
    }
    try (Ingress ingress = ingress();
        ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers =
          bodies.stream()
              .map(body -> people.submit(() -> ingress.post(PATH, body, signed(body)).statusCode()))
              .toList();
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(200);
      }

      List<RawRecord> kept = ingress.publisher.records();
      assertThat(kept)
          .extracting(RawRecord::value)
          .containsExactlyInAnyOrderElementsOf(bodies)
          .hasSize(200);
      assertThat(kept)
          .allSatisfy(click ->
              assertThat(click.headers())
                  .containsEntry(Headers.BODY_SHA256, RawRecords.sha256(click.value())));
      assertThat(kept)
          .extracting(click -> click.headers().get(Headers.REQUEST_ID))
          .doesNotHaveDuplicates();
    }
  }

  /** A webhook that came first still waits: Slack is answered earlier than vendors are. */
  @Test
  void whatIsNotDurableInTimeIsRefusedBeforeSlackGivesUp() {
    byte[] webhook = Signed.utf8("{}");
    try (Ingress ingress = ingress();
        ExecutorService others = Executors.newVirtualThreadPerTaskExecutor()) {
      ingress.publisher.neverAnswer();
      Future<HttpResponse<String>> earlier =
          others.submit(() ->
              ingress.post("/hooks/gate", webhook, "X-Envoy-Signature", Signed.base64(webhook)));
      await().until(() -> ingress.count("accepted", "source", "gate") == 1);
      Future<HttpResponse<String>> taken =
          others.submit(() -> ingress.post(PATH, CLICK, signed(CLICK)));
      await().until(() -> ingress.count("accepted", "source", "frontdesk") == 1);
      ingress.publisher.neverReturn();

      HttpResponse<String> notEvenTaken = ingress.post(PATH, CLICK, signed(CLICK));

      assertThat(earlier.isDone()).isFalse();
      assertThat(notEvenTaken.statusCode()).isEqualTo(503);
      assertThat(notEvenTaken.headers().firstValue("Retry-After")).isPresent();
      assertThat(taken)
          .succeedsWithin(Duration.ofSeconds(10))
          .returns(503, HttpResponse::statusCode);
      assertThat(ingress.count("unavailable", "source", "frontdesk", "reason", "timeout"))
          .isEqualTo(2);
    }
  }

  @Test
  void whatKafkaRefusesIsSaidAtOnce() {
    try (Ingress ingress = ingress()) {
      ingress.publisher.failWith(PublishException.Reason.PAUSED);
      assertThat(ingress.post(PATH, CLICK, signed(CLICK)).statusCode()).isEqualTo(503);
      ingress.publisher.failWith(PublishException.Reason.TOO_LARGE);
      assertThat(ingress.post(PATH, CLICK, signed(CLICK)).statusCode()).isEqualTo(413);
      assertThat(ingress.count("unavailable", "source", "frontdesk", "reason", "paused"))
          .isEqualTo(1);
    }
  }

  /** The real producer, and no Kafka. The source beside it has a spool, and is served from it. */
  @Test
  void withoutKafkaAClickIsRefusedAndNotSpooled() throws Exception {
    VestibuleConfig config = load();
    byte[] webhook = Signed.utf8("{}");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        HttpClient client = HttpClient.newHttpClient();
        IngressApplication ingress = start(withKafka(config, silent.getLocalPort()))) {
      assertThat(post(client, ingress, PATH, CLICK, signed(CLICK, Instant.now()))).isEqualTo(503);
      assertThat(
              post(
                  client,
                  ingress,
                  "/hooks/hq",
                  webhook,
                  "X-Envoy-Signature",
                  Signed.base64(webhook)))
          .isEqualTo(200);
    }
    try (Stream<Path> spools = Files.list(folder.resolve("ingress/spool"))) {
      assertThat(spools.filter(Files::isDirectory).map(Path::getFileName))
          .containsExactly(Path.of("hq"));
    }
  }

  @Test
  void sinksAloneMakeNoIngressReadyAndASourceDoes() throws IOException {
    try (Ingress ingress = ingress()) {
      assertThat(ingress.application.ready()).isTrue();
    }
    Files.writeString(
        folder.resolve("vestibule.yml"),
        """
        vestibule:
          ingress: { host: 127.0.0.1, port: 0 }
          sinks: { frontdesk: { type: slack, token: t, signing-secrets: [%s] } }
        """
            .formatted(SECRET));
    try (Ingress ingress = ingress()) {
      assertThat(ingress.application.ready()).isFalse();
      assertThat(ingress.post(PATH, CLICK, signed(CLICK)).statusCode()).isEqualTo(200);
    }
  }

  private void list(String signingSecrets) throws IOException {
    Files.writeString(
        folder.resolve("vestibule.yml"),
        """
        vestibule:
          ingress: { host: 127.0.0.1, port: 0 }
          topics: { prefix: acme. }
          sources:
            hq: { vendor: envoy, secrets: ["%s"] }
            gate: { vendor: envoy, secrets: ["%s"], spool: false }
          sinks:
            frontdesk: { type: slack, token: xoxb-token, signing-secrets: %s }
            silent: { type: slack, token: xoxb-token }
            archive: { type: warehouse }
        """
            .formatted(Signed.SECRET, Signed.SECRET, signingSecrets));
  }

  private Ingress ingress() {
    return Ingress.of(load(), folder, this::load);
  }

  private VestibuleConfig load() {
    return ConfigLoader.load(folder.resolve("vestibule.yml"), folder, Map.of());
  }

  private static VestibuleConfig withKafka(VestibuleConfig config, int port) {
    return new VestibuleConfig(
        config.identity(),
        config.sources(),
        config.sinks(),
        Map.of("bootstrap.servers", "127.0.0.1:" + port),
        config.registry(),
        config.topics(),
        config.ingress());
  }

  private IngressApplication start(VestibuleConfig config) {
    return IngressApplication.start(
        new ServiceContext(
            config,
            Ingress.IDENTITY,
            null,
            folder,
            new InMemorySchemaRegistry(),
            new SimpleMeterRegistry(),
            InstantSource.system()));
  }

  private static int post(
      HttpClient client, IngressApplication ingress, String path, byte[] body, String... headers)
      throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ingress.port() + path))
                .headers(headers)
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private static int post(Ingress ingress, String secret) {
    return ingress.post(PATH, CLICK, Signed.slack(secret, Ingress.NOW, CLICK)).statusCode();
  }

  private static String[] signed(byte[] body) {
    return signed(body, Ingress.NOW);
  }

  private static String[] signed(byte[] body, Instant at) {
    return Signed.slack(SECRET, at, body);
  }

  private static String[] with(String[] headers, String... more) {
    String[] all = Arrays.copyOf(headers, headers.length + more.length);
    System.arraycopy(more, 0, all, headers.length, more.length);
    return all;
  }
}
