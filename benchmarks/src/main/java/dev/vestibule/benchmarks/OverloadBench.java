package dev.vestibule.benchmarks;

import dev.vestibule.benchmarks.chaos.ChildProcess;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.Secret;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Ten times what a source may send: how fast the rest is refused, what that costs in memory,
 * whether all that was accepted is in Kafka, and how soon a load that is allowed is served again.
 * The ingress and the broker are processes of their own.
 */
public final class OverloadBench {
  private static final int TIMES = 10;
  private static final int CONNECTIONS = 256;
  private static final int BODY_BYTES = 868;
  private static final Secret SECRET = new Secret("bench-secret");
  private static final VendorSigner SIGNER = VendorSigner.forVendor(Vendor.ENVOY, SECRET);
  private static final String SOURCE = "hq-envoy";
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration AFTERWARDS = Duration.ofSeconds(10);

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** An answer that takes longer is none of a server that has recovered. */
  private static final Duration SERVED = Duration.ofMillis(250);

  private final int limit;
  private final Duration length;
  private final Duration warmUp;

  private final Map<String, Long> accepted = new HashMap<>();
  private final Set<Integer> refusals = new TreeSet<>();
  private final Latencies acceptances = new Latencies();
  private final Latencies refused = new Latencies();

  /**
   * @param limit requests per second that the source may send
   */
  OverloadBench(int limit, Duration length) {
    this(limit, length, WARM_UP);
  }

  /** The same with another time for the JVM to compile, at the same load. */
  public OverloadBench(int limit, Duration length, Duration warmUp) {
    this.limit = limit;
    this.length = length;
    this.warmUp = warmUp;
  }

  /** What came of it, besides the figures. */
  public record Outcome(
      int accepted, int refused, Set<Integer> refusals, int lost, Report report) {}

  public Outcome run(Path folder) throws IOException, InterruptedException {
    int brokerPort = Ports.free();
    String bootstrap = "127.0.0.1:" + brokerPort;
    Path config = folder.resolve("vestibule.yml");
    Path key = folder.resolve("identity.key");
    Files.writeString(
        config,
        """
        vestibule:
          identity: { key-file: "%s" }
          sources: { %s: { vendor: envoy, secrets: ["%s"], rate-limit: %d } }
          kafka: { bootstrap.servers: "%s" }
          registry: { url: "http://127.0.0.1:1" }
          topics: { replication: 1 }
          ingress: { host: 127.0.0.1, port: 0 }
        """
            .formatted(key, SOURCE, SECRET.reveal(), limit, bootstrap));
    IdentityKeys.open(key, folder, IfAbsent.CREATE);
    try (ChildProcess broker =
        new ChildProcess(
            "broker",
            folder,
            "320m",
            List.of("broker", folder.resolve("broker").toString(), Integer.toString(brokerPort)))) {
      broker.start();
      createTopics(ConfigLoader.load(config, folder, Map.of()).topics(), bootstrap);
      Process ingress = start(folder, config);
      try {
        return measure(ingress, bootstrap);
      } finally {
        ingress.destroy();
        ingress.waitFor();
      }
    }
  }

  private Outcome measure(Process ingress, String bootstrap)
      throws IOException, InterruptedException {
    int port = portOf(ingress);
    long sent;
    double seconds;
    long memoryBefore;
    Memory memory = new Memory(ingress.pid());
    Recovery recovery = new Recovery();
    try (OpenLoad load = new OpenLoad(port, CONNECTIONS, OverloadBench::request)) {
      System.err.println("bench overload: warming up for " + warmUp.toSeconds() + " s");
      load.run(limit * TIMES, warmUp, this::counted);
      acceptances.clear();
      refused.clear();
      memoryBefore = memory.now();
      System.err.println("bench overload: measuring for " + length.toSeconds() + " s");
      Thread watching = Thread.ofVirtual().start(memory);
      long start = System.nanoTime();
      sent = load.run(limit * TIMES, length, this::counted);
      seconds = (System.nanoTime() - start) / 1e9;
      System.err.println("bench overload: what is left is allowed");
      recovery.begin();
      load.run(limit / 2, length.compareTo(AFTERWARDS) < 0 ? length : AFTERWARDS, recovery);
      watching.interrupt();
      watching.join();
    }
    int lost = lost(bootstrap);
    // A spool may still be draining.
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (lost > 0 && System.nanoTime() - deadline < 0) {
      Thread.sleep(Duration.ofSeconds(1));
      lost = lost(bootstrap);
    }
    Report report = new Report("overload");
    report.goal("refusal_p99_ms", refused.millis(0.99), 50, false);
    report.goal("lost", lost, 0, false);
    report.goal("recovery_s", recovery.seconds(), 5, false);
    report.goal("memory_mb", (double) memory.peak, 512, false);
    report.figure("limit_per_s", limit);
    report.figure("sent_per_s", sent / seconds);
    report.figure("accepted_per_s", acceptances.count() / seconds);
    report.figure("refused_per_s", refused.count() / seconds);
    report.figure("refusal_p50_ms", refused.millis(0.5));
    report.figure("accepted_p50_ms", acceptances.millis(0.5));
    report.figure("accepted_p99_ms", acceptances.millis(0.99));
    report.figure("memory_before_mb", (double) memoryBefore);
    report.figure("connections", CONNECTIONS);
    report.figure("body_bytes", BODY_BYTES);
    report.figure("seconds", (double) length.toSeconds());
    return new Outcome(accepted.size(), refused.count(), Set.copyOf(refusals), lost, report);
  }

  private void counted(long number, int status, @Nullable String receipt, long nanos) {
    if (status == 200) {
      accepted.put(String.valueOf(receipt), number);
      acceptances.add(nanos);
    } else {
      refusals.add(status);
      refused.add(nanos);
    }
  }

  /** From the end of the overload until the last answer that was not 200 in good time. */
  private final class Recovery implements OpenLoad.Answers {
    private long start;
    private long last;

    void begin() {
      start = System.nanoTime();
      last = start;
    }

    @Override
    public void answered(long number, int status, @Nullable String receipt, long nanos) {
      if (status == 200) {
        accepted.put(String.valueOf(receipt), number);
      }
      if (status != 200 || nanos > SERVED.toNanos()) {
        last = System.nanoTime();
      }
    }

    double seconds() {
      return (last - start) / 1e9;
    }
  }

  /** Resident memory of a process in MB, looked at every second. */
  private static final class Memory implements Runnable {
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

  private static byte[] request(long number) {
    byte[] body = body(number);
    Webhook webhook = SIGNER.sign(body, "job-" + number, Instant.now());
    StringBuilder head =
        new StringBuilder("POST /hooks/" + SOURCE + " HTTP/1.1\r\nHost: localhost\r\n");
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

  private static byte[] body(long number) {
    String start =
        "{\"event\":\"entry_sign_in\",\"payload\":{\"id\":\"%d\",\"notes\":\"".formatted(number);
    String end = "\"}}";
    return (start + "n".repeat(BODY_BYTES - start.length() - end.length()) + end)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** How many were accepted and are not there under their receipt. */
  private int lost(String bootstrap) {
    Map<String, Long> missing = new HashMap<>(accepted);
    String topic = Vendor.ENVOY.rawTopic();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          String spooled = Headers.text(record.headers(), Headers.SPOOL_RECEIPT);
          String receipt =
              spooled != null
                  ? spooled
                  : record.topic() + "-" + record.partition() + "@" + record.offset();
          Long number = missing.get(receipt);
          if (number != null && Arrays.equals(record.value(), body(number))) {
            missing.remove(receipt);
          }
        }
      }
    }
    return missing.size();
  }

  private static Process start(Path folder, Path config) throws IOException {
    List<String> command = UpProcess.ingressCommand(config, folder.resolve("data"));
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectError(folder.resolve("ingress.log").toFile())
        .start();
  }

  private static int portOf(Process ingress) throws IOException {
    BufferedReader out = ingress.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("started ingress ")) {
        String url = line.split(" ")[2];
        return Integer.parseInt(url.substring(url.lastIndexOf(':') + 1));
      }
    }
    throw new IOException("the ingress ended before it had started");
  }

  /** Returns when the broker has all topics. */
  private static void createTopics(TopicsConfig topics, String bootstrap)
      throws InterruptedException {
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
}
