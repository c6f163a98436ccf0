package dev.vestibule.benchmarks;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;

/**
 * From the command to the first use, through the launcher and its cache of loaded classes: {@code
 * up} with data until it says ready, and {@code ingress}, beside that Kafka, until its first 200.
 */
final class StartBench {
  private static final String SOURCE = "hq-curacel";
  private static final String SECRET = "bench-secret-of-a-usual-length-0123456789";
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

  private final int rounds;

  StartBench(int rounds) {
    this.rounds = rounds;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    Path data = folder.resolve("data");
    Path config = configure(folder.resolve("up.yml"), "", 0);
    List<Double> ready = new ArrayList<>();
    List<Double> first = new ArrayList<>();
    // The first round makes the data and is not counted.
    for (int round = 0; round <= rounds; round++) {
      long started = System.nanoTime();
      try (UpProcess up = UpProcess.start(data, config)) {
        double upReady = seconds(started);
        double first200 = first200(folder, up.kafka());
        System.err.printf(
            "bench start: round %d: up ready after %.2f s, ingress answers after %.2f s%n",
            round, upReady, first200);
        if (round > 0) {
          ready.add(upReady);
          first.add(first200);
        }
        up.stop();
      }
    }
    Report report = new Report("start");
    report.goal("ingress", Report.median(first), 1, false);
    report.goal("up", Report.median(ready), 3, false);
    report.figure("rounds", rounds);
    report.figure("ingress_worst_s", first.stream().mapToDouble(s -> s).max().orElseThrow());
    report.figure("up_worst_s", ready.stream().mapToDouble(s -> s).max().orElseThrow());
    return report;
  }

  private static double first200(Path folder, String kafka)
      throws IOException, InterruptedException {
    int port = Ports.free();
    Path config = configure(folder.resolve("ingress.yml"), kafka, port);
    List<String> command = UpProcess.ingressCommand(config, folder.resolve("data"));
    Path log = Files.createTempFile(folder, "ingress", ".log");
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = request(config, port);
      long started = System.nanoTime();
      Process process =
          new ProcessBuilder(command)
              .redirectError(log.toFile())
              .redirectOutput(log.toFile())
              .start();
      try {
        while (!isTaken(http, request)) {
          if (!process.isAlive() || System.nanoTime() - started > PATIENCE.toNanos()) {
            throw new IOException("the ingress does not answer 200:\n" + Files.readString(log));
          }
          LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
        return seconds(started);
      } finally {
        process.destroy();
        process.waitFor();
      }
    }
  }

  private static boolean isTaken(HttpClient http, HttpRequest request) throws InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      // Nobody listens yet.
      return false;
    }
  }

  private static HttpRequest request(Path config, int port) throws IOException {
    SourceConfig source =
        Objects.requireNonNull(
            ConfigLoader.load(config, config.resolveSibling("data"), Map.of())
                .sources()
                .get(SOURCE));
    byte[] body =
        "{\"event\":\"checkin.outcome\",\"data\":{\"hmo_id\":1,\"enrollee_id\":\"ENR-1\"}}"
            .getBytes(StandardCharsets.US_ASCII);
    Webhook webhook = VendorSigner.forSource(source).sign(body, "", Instant.now());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hooks/" + SOURCE))
            .version(HttpClient.Version.HTTP_1_1)
            .POST(HttpRequest.BodyPublishers.ofByteArray(webhook.body()));
    webhook.headers().forEach(request::header);
    return request.build();
  }

  private static Path configure(Path file, String kafka, int port) throws IOException {
    return Files.writeString(
        file,
        """
        vestibule:
          sources: { %s: { vendor: curacel, secrets: ["%s"] } }
          registry: { url: "http://127.0.0.1:1" }
          kafka: { %s }
          ingress: { host: 127.0.0.1, port: %d, admin-port: 0 }
        """
            .formatted(SOURCE, SECRET, kafka.isEmpty() ? "" : "bootstrap.servers: " + kafka, port));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
