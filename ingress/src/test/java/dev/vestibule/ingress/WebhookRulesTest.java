package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.config.AuthConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SourceConfig.SignatureMode;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.publish.PublishException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/** What a source's settings and a vendor's peculiarities do to a request, seen over HTTP. */
class WebhookRulesTest {
  private static final byte[] BODY = Signed.utf8("{\"payload\":{\"id\":\"19\"}}");
  private static final String PATH_KEY = "path-key-0123456789-0123456789-ab";

  @Test
  void requestsOverTheSourcesRateGet429AndForgedOnesDoNotUseItUp() {
    try (Ingress ingress = Ingress.with(source(Vendor.ENVOY, null, 2, List.of()))) {
      for (int count = 0; count < 5; count++) {
        assertThat(post(ingress, "/hooks/s", BODY, "forged")).isEqualTo(401);
      }
      List<Integer> statuses =
          IntStream.range(0, 12)
              .map(index -> post(ingress, "/hooks/s", BODY, Signed.base64(BODY)))
              .boxed()
              .toList();

      assertThat(statuses.getFirst()).isEqualTo(200);
      assertThat(statuses).contains(429).containsOnly(200, 429);
      assertThat(ingress.count("rejected", "reason", "rate_limited"))
          .isEqualTo((double) statuses.stream().filter(status -> status == 429).count());
    }
  }

  @Test
  void overTheRateSaysWhenToComeBack() {
    try (Ingress ingress = Ingress.with(source(Vendor.ENVOY, null, 1, List.of()))) {
      var response = ingress.post("/hooks/s", BODY, "X-Envoy-Signature", Signed.base64(BODY));
      while (response.statusCode() == 200) {
        response = ingress.post("/hooks/s", BODY, "X-Envoy-Signature", Signed.base64(BODY));
      }

      assertThat(response.statusCode()).isEqualTo(429);
      assertThat(response.headers().firstValue("Retry-After")).contains("1");
      assertThat(response.body()).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.0/8, 200", "203.0.113.0/24, 401"})
  void onlyAllowedNetworksMaySend(String allowed, int status) {
    try (Ingress ingress = Ingress.with(source(Vendor.ENVOY, null, null, List.of(allowed)))) {
      int answer =
          ingress
              .post(
                  "/hooks/s",
                  BODY,
                  "X-Envoy-Signature",
                  Signed.base64(BODY),
                  "X-Forwarded-For",
                  "203.0.113.1")
              .statusCode();

      assertThat(answer).isEqualTo(status);
      assertThat(ingress.count("rejected", "reason", "network_not_allowed"))
          .isEqualTo(status == 401 ? 1 : 0);
    }
  }

  @Test
  void pathKeyOpensTheKeyRouteOnly() {
    AuthConfig auth =
        new AuthConfig(AuthConfig.Scheme.PATH_SECRET, null, List.of(new Secret(PATH_KEY)), null);
    SourceConfig source =
        new SourceConfig(
            "berlin",
            Vendor.ESSENTRY,
            "berlin",
            List.of(),
            auth,
            SignatureMode.REQUIRED,
            List.of(),
            null,
            null,
            1000,
            null,
            List.of(),
            List.of(),
            Map.of(),
            Map.of(),
            null);
    try (Ingress ingress = Ingress.with(source)) {
      byte[] body = Signed.utf8("{\"checkIn\":{\"id\":4711}}");

      assertThat(ingress.post("/hooks/berlin/key/" + PATH_KEY, body).statusCode()).isEqualTo(200);
      assertThat(ingress.post("/hooks/berlin/key/" + PATH_KEY + "x", body).statusCode())
          .isEqualTo(401);
      assertThat(ingress.post("/hooks/berlin", body).statusCode()).isEqualTo(401);
      assertThat(ingress.publisher.only().key()).isEqualTo("berlin:4711");
    }
  }

  @Test
  void claimsOfHealthInsuredAreAcknowledgedAndNeverStored() {
    try (Ingress ingress = Ingress.with(Signed.curacel())) {
      byte[] claim = Signed.utf8("{\"event\":\"claim.vetted\",\"data\":{\"diagnoses\":[]}}");
      byte[] unreadable = Signed.utf8("{\"event\":\"claim.vetted\"");

      var ignored = ingress.post("/hooks/clinics", claim, "x-curacel-signature", Signed.hex(claim));
      var stored =
          ingress.post("/hooks/clinics", unreadable, "x-curacel-signature", Signed.hex(unreadable));

      assertThat(ignored.statusCode()).isEqualTo(200);
      assertThat(ignored.headers().firstValue("Vestibule-Receipt")).isEmpty();
      assertThat(ingress.count("ignored", "source", "clinics")).isEqualTo(1);
      assertThat(stored.statusCode()).isEqualTo(200);
      assertThat(ingress.publisher.only().value()).isEqualTo(unreadable);
    }
  }

  @Test
  void eventHeaderThatDiffersFromTheBodyIsCountedOnly() {
    try (Ingress ingress = Ingress.at(Instant.ofEpochSecond(1736933405), Signed.kyberaccess())) {
      byte[] body = Signed.utf8("{\"event\":\"visitor.checked_in\",\"data\":{}}");
      String signature =
          "sha256="
              + Signed.hex(Signed.utf8("1736933400." + new String(body, StandardCharsets.UTF_8)));

      for (String event : List.of("visitor.checked_in", "visitor.denied")) {
        assertThat(
                ingress
                    .post(
                        "/hooks/hq-kyber",
                        body,
                        "X-KyberAccess-Timestamp",
                        "1736933400",
                        "X-KyberAccess-Signature",
                        signature,
                        "X-KyberAccess-Event",
                        event)
                    .statusCode())
            .isEqualTo(200);
      }

      assertThat(ingress.count("event.header.mismatch", "source", "hq-kyber")).isEqualTo(1);
      assertThat(ingress.publisher.records()).hasSize(2);
      assertThat(ingress.publisher.records().getFirst().headers())
          .containsEntry("signed-at", "2025-01-15T09:30:00Z");
    }
  }

  @Test
  void compressedBodyIsVerifiedAsItWasSigned() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.envoy())) {
      byte[] compressed = gzip(BODY);
      String signature = Signed.base64(BODY);

      assertThat(
              ingress
                  .post(
                      "/hooks/hq-envoy",
                      compressed,
                      "X-Envoy-Signature",
                      signature,
                      "Content-Encoding",
                      "gzip")
                  .statusCode())
          .isEqualTo(200);
      assertThat(ingress.publisher.only().value()).isEqualTo(BODY);

      byte[] bomb = gzip(new byte[SourceConfig.DEFAULT_MAX_BODY_BYTES + 1]);
      assertThat(ingress.post("/hooks/hq-envoy", bomb, "Content-Encoding", "gzip").statusCode())
          .isEqualTo(413);
      assertThat(
              ingress
                  .post(
                      "/hooks/hq-envoy",
                      BODY,
                      "X-Envoy-Signature",
                      signature,
                      "Content-Encoding",
                      "gzip")
                  .statusCode())
          .isEqualTo(401);
      assertThat(ingress.count("rejected", "reason", "undecodable_body")).isEqualTo(1);
    }
  }

  @Test
  void othersSignTheBytesOnTheWire() throws IOException {
    try (Ingress ingress = Ingress.with(Signed.curacel())) {
      byte[] compressed = gzip(Signed.utf8("{\"event\":\"checkin.outcome\"}"));

      assertThat(
              ingress
                  .post(
                      "/hooks/clinics",
                      compressed,
                      "x-curacel-signature",
                      Signed.hex(compressed),
                      "Content-Encoding",
                      "gzip")
                  .statusCode())
          .isEqualTo(200);
      assertThat(ingress.publisher.only().value()).isEqualTo(compressed);
    }
  }

  static List<byte[]> hostileBodies() {
    return List.of(
        Signed.utf8("\uFEFF{\"payload\":{\"id\":\"19\"}}"),
        new byte[] {(byte) 0xC3, 0x28, (byte) 0xFF, 0, 1},
        "{\"payload\":{\"id\":\"\u00fc\"}}".getBytes(StandardCharsets.ISO_8859_1),
        "{\"payload\":{\"id\":\"19\"}}".getBytes(StandardCharsets.UTF_16),
        Signed.utf8("{\"a\":".repeat(200) + "1" + "}".repeat(200)),
        Signed.utf8("[".repeat(100_000)),
        Signed.utf8("{\"payload\":{\"id\":" + "9".repeat(50_000) + "}}"),
        Signed.utf8("{\"payload\":{\"id\":1e999999999}}"),
        Signed.utf8("{\"payload\":{\"id\":\"\\ud800\"}}"),
        Signed.utf8("{\"payload\":{\"id\":1},\"payload\":{\"id\":2},\"payload\":[]}"),
        Signed.utf8("{\"event\":{\"event\":1},\"data\":[],\"meta\":7,\"payload\":null}"),
        Signed.utf8("\"" + "x".repeat(10_000_000) + "\""),
        Signed.utf8("{\"" + "n".repeat(100_000) + "\":1}"),
        Signed.utf8("null"),
        new byte[] {0},
        new byte[1]);
  }

  @ParameterizedTest
  @MethodSource("hostileBodies")
  void signedNonsenseIsStoredWhateverItIs(byte[] body) {
    for (Vendor vendor : List.of(Vendor.ENVOY, Vendor.CURACEL)) {
      try (Ingress ingress = Ingress.with(source(vendor, null, null, List.of()))) {
        int status =
            vendor == Vendor.ENVOY
                ? post(ingress, "/hooks/s", body, Signed.base64(body))
                : ingress
                    .post("/hooks/s", body, "x-curacel-signature", Signed.hex(body))
                    .statusCode();

        assertThat(status).isEqualTo(200);
        assertThat(ingress.publisher.only().key().length()).isLessThan(300);
      }
    }
  }

  @Test
  void nothingOfARequestIsEverLogged() {
    Logger root = (Logger) LoggerFactory.getLogger("dev.vestibule");
    Logger server = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level rootLevel = root.getLevel();
    Level serverLevel = server.getLevel();
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    server.addAppender(appender);
    root.setLevel(Level.TRACE);
    server.setLevel(Level.INFO);
    String name = "Zoe-Very-Private";
    byte[] body = Signed.utf8("{\"payload\":{\"id\":\"19\",\"full-name\":\"" + name + "\"}}");
    try (Ingress ingress =
        Ingress.with(
            Signed.envoy(),
            new SourceConfig(
                "keyed",
                Vendor.CURACEL,
                "keyed",
                List.of(new Secret(Signed.SECRET)),
                null,
                SignatureMode.OFF,
                List.of(new Secret(PATH_KEY)),
                null,
                null,
                1000,
                null,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                null))) {
      String signature = Signed.base64(body);

      post(ingress, "/hooks/hq-envoy", body, signature);
      post(ingress, "/hooks/hq-envoy", body, "forged-signature");
      ingress.post("/hooks/keyed/key/" + PATH_KEY, body);
      ingress.post("/hooks/keyed/key/" + PATH_KEY + "-wrong", body);
      ingress.post("/hooks/unknown-source/key/" + PATH_KEY, body);
      try (RawConnection connection = new RawConnection(ingress.port())) {
        connection.send("POST /hooks/keyed/key/" + PATH_KEY + "%zz HTTP/1.1\r\nHost: x\r\n\r\n");
        connection.read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      for (PublishException.Reason reason : PublishException.Reason.values()) {
        ingress.publisher.failWith(reason);
        post(ingress, "/hooks/hq-envoy", body, signature);
      }

      assertThat(appender.list).isNotEmpty();
      assertThat(appender.list)
          .allSatisfy(event ->
              assertThat(
                      event.getFormattedMessage()
                          + event.getKeyValuePairs()
                          + event.getThrowableProxy())
                  .doesNotContain(
                      Signed.SECRET,
                      PATH_KEY,
                      name,
                      signature,
                      "forged-signature",
                      "unknown-source"));
    } finally {
      server.detachAppender(appender);
      root.setLevel(rootLevel);
      server.setLevel(serverLevel);
    }
  }

  @Test
  void countersAddUp() {
    try (Ingress ingress = Ingress.with(Signed.envoy(), Signed.curacel())) {
      byte[] claim = Signed.utf8("{\"event\":\"claim.vetted\"}");
      post(ingress, "/hooks/hq-envoy", BODY, Signed.base64(BODY));
      post(ingress, "/hooks/hq-envoy", BODY, "forged");
      post(ingress, "/hooks/nobody", BODY, "x");
      ingress.post("/hooks/clinics", claim, "x-curacel-signature", Signed.hex(claim));
      ingress.publisher.failWith(PublishException.Reason.TIMEOUT);
      post(ingress, "/hooks/hq-envoy", BODY, Signed.base64(BODY));

      assertThat(ingress.count("received")).isEqualTo(5);
      assertThat(
              ingress.count("published")
                  + ingress.count("rejected")
                  + ingress.count("unavailable")
                  + ingress.count("ignored"))
          .isEqualTo(5);
      assertThat(ingress.count("accepted", "secret", "0")).isEqualTo(3);
    }
  }

  @Test
  void readyFollowsThePublisherAndNeedsASource() {
    try (Ingress ingress = Ingress.with(Signed.envoy());
        Ingress empty = Ingress.with()) {
      assertThat(ingress.application.ready()).isTrue();
      assertThat(empty.application.ready()).isFalse();

      ingress.publisher.failWith(PublishException.Reason.TIMEOUT);

      assertThat(ingress.application.ready()).isFalse();
    }
  }

  @Test
  void closedIngressTakesNoMoreAndClosesItsPublisher() {
    Ingress ingress = Ingress.with(Signed.envoy());
    int port = ingress.port();

    ingress.close();

    assertThat(ingress.publisher.closed()).isTrue();
    // The selector lets go of a closed port at its next turn.
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() ->
            assertThatThrownBy(() -> new RawConnection(port).close())
                .isInstanceOf(IOException.class));
  }

  private static int post(Ingress ingress, String path, byte[] body, String signature) {
    return ingress.post(path, body, "X-Envoy-Signature", signature).statusCode();
  }

  private static SourceConfig source(
      Vendor vendor, @Nullable AuthConfig auth, @Nullable Integer rate, List<String> networks) {
    return new SourceConfig(
        "s",
        vendor,
        "hq",
        List.of(new Secret(Signed.SECRET)),
        auth,
        SignatureMode.REQUIRED,
        List.of(),
        null,
        null,
        16 * 1024 * 1024,
        rate,
        networks,
        List.of(),
        Map.of(),
        Map.of(),
        null);
  }

  private static byte[] gzip(byte[] body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    }
    return out.toByteArray();
  }
}
