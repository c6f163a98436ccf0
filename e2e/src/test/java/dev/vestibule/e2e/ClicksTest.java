package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clicks in Slack, as far as the topic that the sink reads. */
class ClicksTest {
  private static final String SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
  private static final String TOPIC = "sink.frontdesk.interactions";
  private static final int CLICKS = 40;

  @TempDir private Path folder;

  @Test
  void genuineClicksAreInKafkaByteForByteAndForgedOnesAreNot() throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
    try (HttpClient client = HttpClient.newHttpClient()) {
      String bootstrap = "127.0.0.1:" + broker.port();
      VestibuleConfig config = config(bootstrap);
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", (Object) bootstrap))) {
        new TopicSetup(config.topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
      }
      try (IngressApplication ingress = start(config)) {
        await().atMost(Duration.ofSeconds(20)).until(ingress::ready);

        List<byte[]> genuine = bodies(3);
        List<byte[]> forged = bodies(5);
        assertThat(answers(client, ingress, genuine, SECRET)).hasSize(CLICKS).containsOnly(200);
        assertThat(answers(client, ingress, forged, "another")).hasSize(CLICKS).containsOnly(401);

        List<ConsumerRecord<byte[], byte[]>> kept = Log.read(bootstrap, TOPIC);
        assertThat(kept)
            .extracting(ConsumerRecord::value)
            .containsExactlyInAnyOrderElementsOf(genuine);
        assertThat(kept)
            .allSatisfy(click -> {
              assertThat(click.partition()).isZero();
              assertThat(click.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
              assertThat(Log.key(click)).isEqualTo("frontdesk");
              assertThat(Log.header(click, Headers.SOURCE)).isEqualTo("frontdesk");
              assertThat(Log.header(click, Headers.REQUEST_ID)).hasSize(36);
            });

        broker.close();

        assertThat(answers(client, ingress, bodies(7).subList(0, 3), SECRET)).containsOnly(503);
      }
    } finally {
      broker.close();
    }
  }

  private VestibuleConfig config(String bootstrap) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("vestibule.yml"),
            """
            vestibule:
              ingress: { host: 127.0.0.1, port: 0 }
              kafka: { bootstrap.servers: "%s" }
              topics: { replication: 1 }
              sources: { hq: { vendor: envoy, secrets: [s], spool: false } }
              sinks: { frontdesk: { type: slack, token: t, signing-secrets: [%s] } }
            """
                .formatted(bootstrap, SECRET));
    return ConfigLoader.load(file, folder, Map.of());
  }

  private IngressApplication start(VestibuleConfig config) {
    return IngressApplication.start(
        new ServiceContext(
            config,
            new IdentityKey(new byte[32]),
            null,
            folder,
            new InMemorySchemaRegistry(),
            new SimpleMeterRegistry(),
            InstantSource.system()));
  }

  private static List<byte[]> bodies(long seed) {
    Random random = new Random(seed);
    List<byte[]> bodies = new ArrayList<>();
    for (int i = 0; i < CLICKS; i++) {
      byte[] body = new byte[1 + random.nextInt(20_000)];
      random.nextBytes(body);
      bodies.add(body);
    }
    return bodies;
  }

  /** All at once. */
  private static List<Integer> answers(
      HttpClient client, IngressApplication ingress, List<byte[]> bodies, String secret)
      throws Exception {
    try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> sent =
          bodies.stream()
              .map(body -> people.submit(() -> post(client, ingress, body, secret)))
              .toList();
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> answer : sent) {
        statuses.add(answer.get());
      }
      return statuses;
    }
  }

  private static int post(HttpClient client, IngressApplication ingress, byte[] body, String secret)
      throws Exception {
    String time = Long.toString(InstantSource.system().instant().getEpochSecond());
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    mac.update(("v0:" + time + ":").getBytes(StandardCharsets.US_ASCII));
    String path = "http://127.0.0.1:" + ingress.port() + "/hooks/frontdesk/interactions";
    return client
        .send(
            HttpRequest.newBuilder(URI.create(path))
                .header("X-Slack-Request-Timestamp", time)
                .header("X-Slack-Signature", "v0=" + HexFormat.of().formatHex(mac.doFinal(body)))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }
}
