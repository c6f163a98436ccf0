package dev.vestibule.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SendOverTlsTest {
  @TempDir Path dir;
  @TempDir Path elsewhere;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Test
  void theInstallationsOwnCertificateIsTrustedOnLoopback() throws Exception {
    MadeCertificate own = MadeCertificate.in(dir);

    assertThat(sendTo(own)).as(err.toString(StandardCharsets.UTF_8)).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("status=200 ");
  }

  @Test
  void anotherCertificateIsNotTrustedAndThatIsSaid() throws Exception {
    MadeCertificate.in(dir);

    assertThat(sendTo(MadeCertificate.in(elsewhere))).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("vestibule: no TLS with https://127.0.0.1:")
        .contains("the certificate of ingress.tls or one that the JVM trusts")
        .hasLineCount(1);
  }

  private int sendTo(MadeCertificate certificate) throws Exception {
    Path config =
        Files.writeString(
            dir.resolve("v.yml"),
            "vestibule: { ingress: { tls: { certificate: a.pem, key: a.key } }, sources: { desk: {"
                + " vendor: envoy, secrets: [9f2c41d07be85a66] } } }");
    Path body = Files.writeString(dir.resolve("body.json"), "{}");
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(certificate.server());
    server.createContext(
        "/hooks/desk",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      return Vestibule.run(
          new PrintStream(out, true, StandardCharsets.UTF_8),
          new PrintStream(err, true, StandardCharsets.UTF_8),
          "send",
          "--config",
          config.toString(),
          "--data-dir",
          dir.toString(),
          "--source",
          "desk",
          "--file",
          body.toString(),
          "--url",
          "https://127.0.0.1:" + server.getAddress().getPort());
    } finally {
      server.stop(0);
    }
  }
}
