package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.chaos.ChildProcess;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.simulator.Answer;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The ingress and its broker in processes of their own that are killed with no warning, while
 * visitors come to several doors.
 */
class SpoolTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int DOORS = 4;
  private static final String SPOOLED = "hq-envoy";
  private static final String STRICT = "hq-kyber";

  /** With the logs of both processes. */
  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final HttpLine line = new HttpLine();
  private final Queue<Accepted> accepted = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> refused = new ConcurrentLinkedQueue<>();
  private final List<Thread> doors = new ArrayList<>();
  private volatile boolean closing;
  private VestibuleConfig config;
  private ChildProcess broker;
  private ChildProcess ingress;

  /** A webhook that was answered 200: the how-manieth at its door, and the receipt. */
  private record Accepted(String visit, int number, String receipt) {
    boolean spooled() {
      return receipt.startsWith("spool-" + SPOOLED + "@");
    }
  }

  @BeforeEach
  void configure() throws IOException {
    Path file = folder.resolve("vestibule.yml");
    Files.writeString(
        file,
        """
        vestibule:
          identity: { key-file: "%s" }
          sources:
            hq-envoy: { vendor: envoy, secrets: ["envoy-secret"] }
            hq-kyber: { vendor: kyberaccess, secrets: ["kyber-secret"] }
          kafka: { bootstrap.servers: "127.0.0.1:%d" }
          registry: { url: "http://127.0.0.1:1" }
          topics: { replication: 1 }
          ingress: { host: 127.0.0.1, port: %d }
        """
            .formatted(folder.resolve("identity.key"), freePort(), freePort()));
    IdentityKeys.open(folder.resolve("identity.key"), folder, IfAbsent.CREATE);
    config = ConfigLoader.load(file, folder, Map.of());
    String bootstrap = kafka();
    broker =
        new ChildProcess(
            "broker",
            folder,
            "320m",
            List.of(
                "broker",
                folder.resolve("broker").toString(),
                bootstrap.substring(bootstrap.indexOf(':') + 1)));
    ingress =
        new ChildProcess(
            "ingress",
            folder,
            "128m",
            List.of(
                "ingress",
                "--config",
                file.toString(),
                "--data-dir",
                folder.resolve("data").toString(),
                "--admin-port",
                "0"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    closeDoors();
    ingress.close();
    broker.close();
    line.close();
  }

  @Test
  void whileTheBrokerIsDeadVisitorsAreSpooledAndThenPublishedInOrder() throws Exception {
    // Given
    startBroker();
    ingress.start();
    await().atMost(PATIENCE).ignoreExceptions().until(() -> post(STRICT, 0).status() == 200);
    openDoors();
    await().atMost(PATIENCE).until(() -> accepted.stream().anyMatch(one -> !one.spooled()));

    // When
    broker.kill();

    // Then
    await().atMost(PATIENCE).until(() -> spooled() > 200);
    assertThat(post(STRICT, 0).status()).isEqualTo(503);
    startBroker();
    long before = straight();
    await().atMost(PATIENCE).until(() -> straight() > before + 20);
    closeDoors();
    assertThat(refused).isEmpty();
    await().atMost(PATIENCE).untilAsserted(this::assertNothingLostAndInOrder);
  }

  @Test
  void whatAKilledIngressHasSpooledIsPublishedByItsSuccessor() throws Exception {
    // Given no broker at all, and an ingress that dies with a full hand
    ingress.start();
    openDoors();
    await().atMost(PATIENCE).until(() -> spooled() > 200);
    ingress.kill();

    // When its successor starts without a broker, too, and dies in the midst of draining
    long before = spooled();
    ingress.start();
    await().atMost(PATIENCE).until(() -> spooled() > before + 200);
    startBroker();
    await().atMost(PATIENCE).until(() -> !records().isEmpty());
    ingress.kill();
    ingress.start();

    // Then
    await().atMost(PATIENCE).until(() -> straight() > 20);
    closeDoors();
    assertThat(refused).isEmpty();
    await().atMost(PATIENCE).untilAsserted(this::assertNothingLostAndInOrder);
  }

  /** Copies count once: what Kafka took without being heard is published again. */
  private void assertNothingLostAndInOrder() {
    Map<String, List<Integer>> firstCopies = new TreeMap<>();
    Map<String, String> byReceipt = new HashMap<>();
    Map<String, String> byRequest = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records()) {
      String request = Objects.requireNonNull(Log.header(record, Headers.REQUEST_ID));
      String body = new String(record.value(), UTF_8);
      if (byRequest.putIfAbsent(request, body) == null) {
        firstCopies
            .computeIfAbsent(Log.key(record), _ -> new ArrayList<>())
            .add(Integer.valueOf(body.substring(body.lastIndexOf(':') + 1, body.length() - 1)));
      }
      assertThat(body).as("copies").isEqualTo(byRequest.get(request));
      byReceipt.put(record.topic() + "-" + record.partition() + "@" + record.offset(), body);
      String receipt = Log.header(record, Headers.SPOOL_RECEIPT);
      if (receipt != null) {
        byReceipt.put(receipt, body);
      }
    }
    assertThat(accepted)
        .allSatisfy(
            one -> assertThat(byReceipt).containsEntry(one.receipt, body(one.visit, one.number)));
    assertThat(firstCopies).hasSize(DOORS);
    assertThat(firstCopies.values())
        .allSatisfy(numbers -> assertThat(numbers).isSorted().doesNotHaveDuplicates());
  }

  private void startBroker() {
    broker.start();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka()))) {
            new TopicSetup(config.topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
          }
        });
  }

  private void openDoors() {
    IntStream.range(0, DOORS)
        .forEach(door -> doors.add(Thread.ofVirtual().start(() -> visit("v" + door))));
  }

  private void closeDoors() throws InterruptedException {
    closing = true;
    for (Thread door : doors) {
      door.join();
    }
  }

  /** One webhook after the other, until the doors close. */
  private void visit(String visit) {
    for (int number = 0; !closing; number++) {
      try {
        Answer answer = post(SPOOLED, body(visit, number));
        if (answer.status() == 200) {
          accepted.add(new Accepted(visit, number, Objects.requireNonNull(answer.receipt())));
        } else {
          refused.add(answer.status());
        }
      } catch (IOException e) {
        // Nobody there: it is being killed or started.
        LockSupport.parkNanos(20_000_000);
      } catch (InterruptedException e) {
        return;
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  private static String body(String visit, int number) {
    return "{\"payload\":{\"id\":\"%s\"},\"sent\":%d}".formatted(visit, number);
  }

  private Answer post(String source, int number) throws IOException, InterruptedException {
    return post(source, body("v", number));
  }

  private Answer post(String source, String body) throws IOException, InterruptedException {
    SourceConfig sender = Objects.requireNonNull(config.sources().get(source));
    Webhook webhook =
        VendorSigner.forSource(sender).sign(body.getBytes(UTF_8), "d-1", Instant.now());
    return line.send(
        URI.create("http://127.0.0.1:" + config.ingress().port() + "/hooks/" + source), webhook);
  }

  private long spooled() {
    return accepted.stream().filter(Accepted::spooled).count();
  }

  private long straight() {
    return accepted.size() - spooled();
  }

  private List<ConsumerRecord<byte[], byte[]>> records() {
    return Log.read(kafka(), Vendor.ENVOY.rawTopic());
  }

  private String kafka() {
    return Objects.requireNonNull(config.kafka().get("bootstrap.servers"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
