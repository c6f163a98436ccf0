package dev.vestibule.benchmarks;

import dev.vestibule.benchmarks.chaos.ChildProcess;
import dev.vestibule.benchmarks.chaos.Committed;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** The ingress as it is shipped, and a broker with all topics, each a process of its own. */
final class BrokerAndIngress implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path folder;
  private final Path config;
  private final String bootstrap;
  private final int registryPort = Ports.free();
  private final ChildProcess broker;
  private @Nullable Process ingress;
  private int port;

  /**
   * Starts the broker; returns when it has all topics.
   *
   * @param folder for data and logs
   * @param source the only one, as it stands in the configuration
   */
  BrokerAndIngress(Path folder, String source) throws IOException, InterruptedException {
    this.folder = folder;
    this.config = folder.resolve("vestibule.yml");
    int brokerPort = Ports.free();
    this.bootstrap = "127.0.0.1:" + brokerPort;
    Path key = folder.resolve("identity.key");
    Files.writeString(
        config,
        """
        vestibule:
          identity: { key-file: "%s" }
          sources: { %s }
          kafka: { bootstrap.servers: "%s" }
          registry: { url: "http://127.0.0.1:%d" }
          topics: { replication: 1 }
          ingress: { host: 127.0.0.1, port: 0 }
        """
            .formatted(key, source, bootstrap, registryPort));
    IdentityKeys.open(key, folder, IfAbsent.CREATE);
    broker =
        new ChildProcess(
            "broker",
            folder,
            "320m",
            List.of("broker", folder.resolve("broker").toString(), Integer.toString(brokerPort)));
    broker.start();
    try {
      createTopics(ConfigLoader.load(config, folder, Map.of()).topics());
    } catch (InterruptedException | RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  private void createTopics(TopicsConfig topics) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
        new TopicSetup(topics, TopicSetup.Scale.EMBEDDED).apply(admin);
        return;
      } catch (KafkaException e) {
        if (System.nanoTime() - deadline > 0) {
          throw e;
        }
        Thread.sleep(Duration.ofMillis(100));
      }
    }
  }

  /** Returns when it listens. */
  void startIngress() throws IOException {
    ingress =
        new ProcessBuilder(UpProcess.ingressCommand(config, folder.resolve("data")))
            .directory(folder.toFile())
            .redirectError(folder.resolve("ingress.log").toFile())
            .start();
    BufferedReader out = ingress.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("started ingress ")) {
        String url = line.split(" ")[2];
        port = Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
        return;
      }
    }
    throw new IOException("the ingress ended before it had started");
  }

  Path config() {
    return config;
  }

  String bootstrap() {
    return bootstrap;
  }

  /** Where the ingress looks for a schema registry. */
  int registryPort() {
    return registryPort;
  }

  /** The ingress's. */
  int port() {
    return port;
  }

  /** The ingress's. */
  Memory memory() {
    return new Memory(Objects.requireNonNull(ingress, "not started").pid());
  }

  /** All that is in a topic now. */
  void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    Committed.read(bootstrap, topic, reader);
  }

  /** A whole request, head and body. */
  static byte[] post(String path, Webhook webhook) {
    byte[] body = webhook.body();
    StringBuilder head = new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n");
    webhook
        .headers()
        .forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
    byte[] start = head.toString().getBytes(StandardCharsets.US_ASCII);
    byte[] request = new byte[start.length + body.length];
    System.arraycopy(start, 0, request, 0, start.length);
    System.arraycopy(body, 0, request, start.length, body.length);
    return request;
  }

  @Override
  public void close() {
    Process started = ingress;
    if (started != null) {
      started.destroy();
      started.onExit().join();
    }
    broker.close();
  }

  /** Resident memory of a process in MB; while it runs as a thread, looked at every second. */
  static final class Memory implements Runnable {
    private final Path status;
    private volatile long peak;

    Memory(long pid) {
      this.status = Path.of("/proc/" + pid + "/status");
    }

    long now() {
      try {
        return Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
            .findFirst()
            .orElse(0);
      } catch (IOException e) {
        return 0;
      }
    }

    /** The most that was seen. */
    long peak() {
      return peak;
    }

    @Override
    public void run() {
      try {
        while (true) {
          peak = Math.max(peak, now());
          Thread.sleep(Duration.ofSeconds(1));
        }
      } catch (InterruptedException e) {
        peak = Math.max(peak, now());
      }
    }
  }
}
