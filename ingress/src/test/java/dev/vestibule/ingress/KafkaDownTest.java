package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigException;
import dev.vestibule.config.ConnectionLimits;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Vendor;
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
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real producer, and no Kafka. */
class KafkaDownTest {
  @TempDir private Path dataDir;

  private static final byte[] BODY = Signed.utf8("{\"payload\":{\"id\":\"19\"}}");

  @Test
  void ingressStartsAndAnswers503WithinFiveSeconds() throws Exception {
    int nobody = freePort();
    answersInTime("127.0.0.1:" + nobody);
  }

  @Test
  void brokerThatAcceptsAndSaysNothingGets503Too() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      answersInTime("127.0.0.1:" + silent.getLocalPort());
    }
  }

  @Test
  void sourcesWhoseVendorGivesUpEarlyAreServedFromTheSpoolAndTheOthersAreNot() throws Exception {
    SourceConfig strict =
        SourceConfig.of("gate", Vendor.ENVOY, "hq", new Secret(Signed.SECRET)).withSpool(false);
    try (IngressApplication ingress =
            start(Map.of("bootstrap.servers", "127.0.0.1:" + freePort()), Signed.envoy(), strict);
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(ingress.ready()).isTrue();
      assertThat(ingress.connected()).isFalse();
      for (int number = 1; number <= 3; number++) {
        HttpResponse<String> taken = post(client, ingress, "hq-envoy");
        assertThat(taken.statusCode()).isEqualTo(200);
        assertThat(taken.headers().firstValue("Vestibule-Receipt"))
            .contains("spool-hq-envoy@" + number);
      }
      assertThat(post(client, ingress, "gate").statusCode()).isEqualTo(503);
    }
    assertThat(dataDir.resolve("ingress/spool/hq-envoy/1.segment")).isRegularFile();
  }

  @Test
  void aSpoolWhoseDiskRefusesIsAnswered503WithinFiveSecondsAndTakenUpAgain() throws Exception {
    try (IngressApplication ingress =
            start(Map.of("bootstrap.servers", "127.0.0.1:" + freePort()), Signed.envoy());
        HttpClient client = HttpClient.newHttpClient()) {
      Path spool = dataDir.resolve("ingress/spool/hq-envoy");
      Files.delete(spool);
      assertUnavailableInTime(client, ingress);
      assertThat(ingress.ready()).isFalse();

      Files.createDirectory(spool);

      await().until(ingress::ready);
      HttpResponse<String> taken = post(client, ingress, "hq-envoy");
      assertThat(taken.statusCode()).isEqualTo(200);
      assertThat(taken.headers().firstValue("Vestibule-Receipt")).contains("spool-hq-envoy@1");
    }
  }

  @Test
  void settingsThatKafkaRefusesStopTheStartByNameOnly() {
    assertThatThrownBy(() -> start(Map.of(), Signed.envoy()).close())
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("vestibule.kafka.bootstrap.servers");
    assertThatThrownBy(() ->
            start(
                    Map.of("bootstrap.servers", "127.0.0.1:1", "batch.size", "hush-hush"),
                    Signed.envoy())
                .close())
        .isInstanceOf(ConfigException.class)
        .hasMessage("vestibule.kafka.batch.size: refused by the Kafka client");
    assertThatThrownBy(() ->
            start(
                    Map.of("bootstrap.servers", "127.0.0.1:1", "fetch.min.bytes", "hush-hush"),
                    Signed.envoy())
                .close())
        .as("only those who read know it")
        .isInstanceOf(ConfigException.class)
        .hasMessage("vestibule.kafka.fetch.min.bytes: refused by the Kafka client");
  }

  private void answersInTime(String bootstrap) throws Exception {
    // What would make a producer wait for minutes is not the installation's to set.
    Map<String, String> kafka =
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "max.block.ms",
            "60000",
            "delivery.timeout.ms",
            "120000",
            "acks",
            "0");
    try (IngressApplication ingress = start(kafka, Signed.envoy().withSpool(false));
        HttpClient client = HttpClient.newHttpClient()) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertUnavailableInTime(client, ingress);
      }
      assertThat(ingress.ready()).isFalse();
    }
  }

  private static void assertUnavailableInTime(HttpClient client, IngressApplication ingress)
      throws Exception {
    long start = System.nanoTime();
    HttpResponse<String> response = post(client, ingress, "hq-envoy");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("Retry-After")).isPresent();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private static HttpResponse<String> post(
      HttpClient client, IngressApplication ingress, String source) throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + ingress.port() + "/hooks/" + source))
            .header("X-Envoy-Signature", Signed.base64(BODY))
            .POST(HttpRequest.BodyPublishers.ofByteArray(BODY))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private IngressApplication start(Map<String, String> kafka, SourceConfig... sources) {
    return IngressApplication.start(
        Ingress.context(
            new SimpleMeterRegistry(),
            InstantSource.system(),
            Ingress.DEFAULT_PENDING_BYTES,
            ConnectionLimits.DEFAULT,
            List.of(sources),
            kafka,
            dataDir));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
