package dev.vestibule.e2e;

import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.Ports;
import dev.vestibule.benchmarks.chaos.ChildProcess;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.standalone.broker.TopicSetup;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * An ingress and its broker in processes of their own, with a line between them that can be slow. A
 * source that spools and one that does not.
 */
final class IngressRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String SPOOLED = "hq-envoy";
  private static final String STRICT = "gate-envoy";

  final SlowLine line = new SlowLine();
  final ChildProcess broker;
  final ChildProcess ingress;

  /** To the source that spools. */
  final Doors doors;

  /** To the one that does not. */
  final Doors strict;

  private final Path file;
  private final VestibuleConfig config;
  private final IdentityKey identity;
  private final int registryPort;
  private final int adminPort = Ports.free();
  private final HttpClient client = HttpClient.newHttpClient();

  /** An ingress whose spool lies on the machine's own disk. */
  IngressRig(Path folder) throws IOException {
    this(folder, List.of());
  }

  /**
   * @param folder with the data, and the logs of both processes
   * @param launcher goes before the ingress's command line
   */
  IngressRig(Path folder, List<String> launcher) throws IOException {
    this(folder, launcher, "");
  }

  /**
   * @param more sources, as they stand in the configuration
   */
  IngressRig(Path folder, List<String> launcher, String more) throws IOException {
    registryPort = Ports.free();
    file = folder.resolve("vestibule.yml");
    Files.writeString(
        file,
        """
        vestibule:
          identity: { key-file: "%s" }
          sources:
            %s: { vendor: envoy, secrets: ["envoy-secret"] }
            %s: { vendor: envoy, secrets: ["gate-secret"], spool: false }
            %s
          kafka: { bootstrap.servers: "127.0.0.1:%d" }
          registry: { url: "http://127.0.0.1:%d" }
          topics: { replication: 1 }
          ingress: { host: 127.0.0.1, port: %d }
        """
            .formatted(
                folder.resolve("identity.key"),
                SPOOLED,
                STRICT,
                more,
                line.port(),
                registryPort,
                Ports.free()));
    identity = IdentityKeys.open(folder.resolve("identity.key"), folder, IfAbsent.CREATE);
    config = ConfigLoader.load(file, folder, Map.of());
    int brokerPort = Ports.free();
    line.leadTo(brokerPort);
    broker =
        new ChildProcess(
            "broker",
            folder,
            "320m",
            List.of(
                "broker",
                folder.resolve("broker").toString(),
                Integer.toString(brokerPort),
                Integer.toString(line.port())));
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
                Integer.toString(adminPort)),
            launcher);
    doors = new Doors(config.ingress().port(), source(SPOOLED));
    strict = new Doors(config.ingress().port(), source(STRICT));
  }

  SourceConfig source(String name) {
    return Objects.requireNonNull(config.sources().get(name));
  }

  /** The configuration. */
  Path file() {
    return file;
  }

  int port() {
    return config.ingress().port();
  }

  IdentityKey identity() {
    return identity;
  }

  /** Where the ingress looks for a schema registry; there is none unless somebody starts it. */
  int registryPort() {
    return registryPort;
  }

  /** Returns when the broker has all topics. */
  void startBroker() {
    broker.start();
    createTopics();
  }

  /** Those that are missing. */
  void createTopics() {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          try (Admin admin = admin()) {
            new TopicSetup(config.topics(), TopicSetup.Scale.EMBEDDED).apply(admin);
          }
        });
  }

  /** Returns when the ingress has found Kafka. */
  void awaitServedByKafka() {
    await().atMost(PATIENCE).ignoreExceptions().until(() -> strict.knock().status() == 200);
  }

  Admin admin() {
    return Admin.create(Map.of("bootstrap.servers", kafka()));
  }

  /** Whether the ingress says that some source can be served. */
  boolean ready() throws IOException, InterruptedException {
    return client
            .send(
                HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + adminPort + "/health/ready"))
                    .build(),
                BodyHandlers.discarding())
            .statusCode()
        == 200;
  }

  /** Everything in a topic. */
  List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    return Log.read(kafka(), topic);
  }

  String kafka() {
    return Objects.requireNonNull(config.kafka().get("bootstrap.servers"));
  }

  @Override
  public void close() throws IOException {
    doors.close();
    strict.close();
    ingress.close();
    broker.thaw();
    broker.close();
    line.close();
    client.close();
  }
}
