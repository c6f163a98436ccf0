package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.ingress.publish.RawRecords;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SubmissionPublisher;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

class TlsTest {
  private static final byte[] BODY = Signed.utf8("{\"payload\":{\"id\":\"19\"}}");
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  @TempDir static Path made;
  private static TestCertificate first;
  private static TestCertificate second;
  private static TestCertificate client;
  private static TestCertificate otherClient;

  @TempDir Path folder;

  @BeforeAll
  static void makeCertificates() throws Exception {
    first = TestCertificate.make(made, "first", "EC");
    second = TestCertificate.make(made, "second", "RSA");
    client = TestCertificate.make(made, "client", "EC");
    otherClient = TestCertificate.make(made, "other-client", "EC");
  }

  @BeforeEach
  void serveTheFirst() throws Exception {
    first.write(folder);
    Files.writeString(
        folder.resolve("clients.pem"), client.certificatePem() + otherClient.certificatePem());
  }

  @ParameterizedTest
  @EnumSource(
      value = Version.class,
      names = {"HTTP_2", "HTTP_1_1"})
  void webhookOverTlsIsVerifiedInEitherVersion(Version version) throws Exception {
    try (Ingress ingress = start("");
        HttpClient http = http(version, null)) {
      HttpResponse<String> stored = post(http, ingress, BODY, Signed.base64(BODY));
      HttpResponse<String> forged = post(http, ingress, BODY, Signed.base64(new byte[1]));

      assertThat(stored.version()).isEqualTo(version);
      assertThat(stored.statusCode()).isEqualTo(200);
      assertThat(stored.headers().firstValue("Vestibule-Receipt")).isPresent();
      assertThat(forged.statusCode()).isEqualTo(401);
      assertThat(ingress.publisher.only().value()).isEqualTo(BODY);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Version.class,
      names = {"HTTP_2", "HTTP_1_1"})
  void bodyOverTheLimitGets413AndTheConnectionGoesOn(Version version) throws Exception {
    try (Ingress ingress = start("");
        HttpClient http = http(version, null)) {
      byte[] over = new byte[SourceConfig.DEFAULT_MAX_BODY_BYTES + 1];

      assertThat(post(http, ingress, over, Signed.base64(over)).statusCode()).isEqualTo(413);
      assertThat(post(http, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void bodyThatNeverEndsLosesItsStreamAlone() throws Exception {
    try (Ingress ingress = start("", "connections: { request-timeout: 1s }");
        HttpClient http = http(Version.HTTP_2, null);
        SubmissionPublisher<ByteBuffer> body = new SubmissionPublisher<>()) {
      HttpResponse<String> before = post(http, ingress, BODY, Signed.base64(BODY));
      HttpRequest endless =
          HttpRequest.newBuilder(uri(ingress, "/hooks/hq-envoy"))
              .POST(HttpRequest.BodyPublishers.fromPublisher(body))
              .build();
      CompletableFuture<HttpResponse<String>> never =
          http.sendAsync(endless, HttpResponse.BodyHandlers.ofString());
      body.submit(ByteBuffer.wrap(BODY));

      assertThat(before.version()).isEqualTo(Version.HTTP_2);
      assertThat(never)
          .failsWithin(PATIENCE)
          .withThrowableThat()
          .havingRootCause()
          .withMessageContaining("RST_STREAM");
      assertThat(ingress.count("connections.cut", "reason", "request_timeout")).isEqualTo(1);
      assertThat(post(http, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void plainHttpIsNotServedOnATlsPortAndIsInNoLog() throws Exception {
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    log.start();
    root.addAppender(log);
    try (Ingress ingress = start("")) {
      assertThatThrownBy(() -> ingress.post("/hooks/hq-envoy", BODY))
          .hasCauseInstanceOf(IOException.class);
      assertThat(ingress.publisher.records()).isEmpty();
    } finally {
      root.detachAppender(log);
    }
    assertThat(log.list)
        .allSatisfy(event -> assertThat(event.getLevel().isGreaterOrEqual(Level.WARN)).isFalse());
  }

  @Test
  void newCertificateGreetsNewConnectionsAndOldOnesStayOpen() throws Exception {
    try (Ingress ingress = start("");
        SSLSocket open = connect(ingress, null)) {
      assertThat(shown(open)).isEqualTo(first.certificate());
      assertThat(request(open)).startsWith("HTTP/1.1 200");

      second.write(folder);
      await().atMost(PATIENCE).until(() -> reloads(ingress, "applied") == 1);

      assertThat(request(open)).startsWith("HTTP/1.1 200");
      try (SSLSocket fresh = connect(ingress, null)) {
        assertThat(shown(fresh)).isEqualTo(second.certificate());
        assertThat(request(fresh)).startsWith("HTTP/1.1 200");
      }
      assertThat(request(open)).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void filesThatDoNotFitLeaveTheCertificateInForce() throws Exception {
    try (Ingress ingress = start("")) {
      Files.writeString(folder.resolve("server.key"), second.keyPem());
      await().atMost(PATIENCE).until(() -> reloads(ingress, "failed") == 1);

      try (SSLSocket fresh = connect(ingress, null)) {
        assertThat(shown(fresh)).isEqualTo(first.certificate());
        assertThat(request(fresh)).startsWith("HTTP/1.1 200");
      }
      assertThat(reloads(ingress, "applied")).isZero();
    }
  }

  @Test
  void unusableFilesStopTheStartAndSayWhy() throws Exception {
    Files.writeString(folder.resolve("server.key"), second.keyPem());
    assertRefused("ingress.tls.key: is no key for EC; expected the key of the certificate");

    TestCertificate sameKind = TestCertificate.make(folder, "same-kind", "EC");
    Files.writeString(folder.resolve("server.key"), sameKind.keyPem());
    assertRefused(
        "ingress.tls.key: does not belong to the certificate; expected the key that it was issued"
            + " for");

    Files.writeString(
        folder.resolve("server.key"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n");
    assertRefused(
        "ingress.tls.key: holds no plain PKCS#8 key; expected -----BEGIN PRIVATE KEY-----, as"
            + " written by: openssl pkcs8 -topk8 -nocrypt");

    Files.writeString(folder.resolve("server.pem"), "nothing");
    assertRefused(
        "ingress.tls.certificate: holds no certificate; expected PEM that begins -----BEGIN"
            + " CERTIFICATE-----");

    Files.delete(folder.resolve("server.pem"));
    assertRefused(
        "ingress.tls.certificate: file '"
            + folder.resolve("server.pem")
            + "' cannot be read; expected a PEM file");
  }

  @Test
  void onlyTheSourceThatDemandsACertificateIsRefusedWithoutIt() throws Exception {
    String fingerprint = RawRecords.sha256(client.certificate().getEncoded());
    try (Ingress ingress =
            start("client-certificate: { subject: CN=client, fingerprint: " + fingerprint + " }");
        HttpClient nobody = http(Version.HTTP_2, null);
        HttpClient right = http(Version.HTTP_2, client);
        HttpClient wrong = http(Version.HTTP_2, otherClient)) {
      assertThat(post(nobody, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(401);
      assertThat(post(wrong, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(401);
      assertThat(ingress.count("rejected", "reason", "client_certificate")).isEqualTo(2);
      assertThat(post(right, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(200);
      assertThat(post(right, ingress, BODY, Signed.base64(new byte[1])).statusCode())
          .isEqualTo(401);
      assertThat(ingress.count("rejected", "reason", "signature_mismatch")).isEqualTo(1);

      // The other source asks for none.
      HttpResponse<String> open =
          nobody.send(
              HttpRequest.newBuilder(uri(ingress, "/hooks/open"))
                  .header("X-Envoy-Signature", Signed.base64(BODY))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(BODY))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(open.statusCode()).isEqualTo(200);
    }
  }

  @Test
  void subjectAloneIsEnoughWhereItIsAllThatIsDemanded() throws Exception {
    try (Ingress ingress = start("client-certificate: { subject: \"cn=client\" }");
        HttpClient right = http(Version.HTTP_1_1, client);
        HttpClient wrong = http(Version.HTTP_1_1, otherClient)) {
      assertThat(post(right, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(200);
      assertThat(post(wrong, ingress, BODY, Signed.base64(BODY)).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void certificateOfAStrangerDoesNotConnect() throws Exception {
    try (Ingress ingress = start("client-certificate: { subject: CN=second }");
        HttpClient stranger = http(Version.HTTP_1_1, second)) {
      assertThatThrownBy(() -> post(stranger, ingress, BODY, Signed.base64(BODY)))
          .isInstanceOf(IOException.class);
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> start("").close())
        .isInstanceOf(ConfigException.class)
        .hasMessage(message);
  }

  private Ingress start(String ofSource) throws IOException {
    return start(ofSource, "");
  }

  private Ingress start(String ofSource, String ofIngress) throws IOException {
    Files.writeString(
        folder.resolve("vestibule.yml"),
        """
        vestibule:
          sources:
            hq-envoy: { vendor: envoy, secrets: ["%s"], %s }
            open: { vendor: envoy, secrets: ["%s"] }
          ingress:
            host: 127.0.0.1
            port: 0
            tls: { certificate: server.pem, key: server.key%s }
            %s
        """
            .formatted(
                Signed.SECRET,
                ofSource,
                Signed.SECRET,
                ofSource.isEmpty() ? "" : ", client-ca: clients.pem",
                ofIngress));
    VestibuleConfig config = ConfigLoader.load(folder.resolve("vestibule.yml"), folder, Map.of());
    return Ingress.of(config, folder, () -> config);
  }

  private static HttpClient http(Version version, @Nullable TestCertificate own) throws Exception {
    return HttpClient.newBuilder()
        .version(version)
        .sslContext(TestCertificate.client(own, first, second))
        .build();
  }

  private static URI uri(Ingress ingress, String path) {
    return URI.create("https://127.0.0.1:" + ingress.port() + path);
  }

  private static HttpResponse<String> post(
      HttpClient http, Ingress ingress, byte[] body, String signature)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri(ingress, "/hooks/hq-envoy"))
            .header("X-Envoy-Signature", signature)
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static SSLSocket connect(Ingress ingress, @Nullable TestCertificate own)
      throws Exception {
    SSLContext context = TestCertificate.client(own, first, second);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", ingress.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket.startHandshake();
    return socket;
  }

  private static X509Certificate shown(SSLSocket socket) throws SSLException {
    return (X509Certificate) socket.getSession().getPeerCertificates()[0];
  }

  /** Posts on an open connection and returns the head of the answer. */
  private static String request(SSLSocket socket) throws IOException {
    String head =
        "POST /hooks/open HTTP/1.1\r\nHost: x\r\nContent-Length: "
            + BODY.length
            + "\r\nX-Envoy-Signature: "
            + Signed.base64(BODY)
            + "\r\n\r\n";
    socket.getOutputStream().write(Signed.utf8(head));
    socket.getOutputStream().write(BODY);
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n{}") < 0) {
      int c = socket.getInputStream().read();
      if (c < 0) {
        throw new IOException("connection ended after: " + answer);
      }
      answer.append((char) c);
    }
    return answer.toString();
  }

  private static double reloads(Ingress ingress, String outcome) {
    return ingress.count("reload", "what", "certificate", "outcome", outcome);
  }
}
