package dev.vestibule.benchmarks;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.SpoolConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.IngressApplication;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.ingress.spool.SpoolingPublisher;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * How many webhooks the ingress answers from its spool while Kafka is away, over many connections;
 * and how many records the spool alone takes from as many threads that each wait for theirs to be
 * on disk. Beside the least that any such log must do on that disk (write and force, in groups),
 * and beside Flume's file channel. They take turns; each figure is the median of the rounds, each
 * ratio the median of the ratios within a round.
 */
final class SpoolBench {
  /** As long as a typical webhook. */
  private static final int BODY_BYTES = 868;

  private static final int APPENDERS = 32;
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final String SOURCE = "hq-envoy";

  private final int rounds;
  private final Duration length;

  /**
   * @param length of each run
   */
  SpoolBench(int rounds, Duration length) {
    this.rounds = rounds;
    this.length = length;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    Latencies latencies = new Latencies();
    Latencies httpLatencies = new Latencies();
    List<Double> http = new ArrayList<>();
    List<Double> spool = new ArrayList<>();
    List<Double> floor = new ArrayList<>();
    List<Double> ofFloor = new ArrayList<>();
    List<Double> flume = new ArrayList<>();
    List<Double> ofFlume = new ArrayList<>();
    try (Flume peer = Flume.start(Files.createDirectories(folder.resolve("flume")))) {
      for (int round = 0; round <= rounds; round++) {
        boolean warmUp = round == 0;
        Duration time = warmUp ? WARM_UP : length;
        double floorRate = floor(folder.resolve("floor-" + round), time);
        double spoolRate =
            spool(folder.resolve("spool-" + round), time, warmUp ? new Latencies() : latencies);
        double httpRate =
            http(folder.resolve("http-" + round), time, warmUp ? new Latencies() : httpLatencies);
        double flumeRate = peer == null ? Double.NaN : peer.run(time);
        System.err.printf(
            "bench spool: %s: webhooks %.0f/s, spool %.0f/s, floor %.0f/s, flume %.0f/s%n",
            warmUp ? "warm-up" : "round " + round, httpRate, spoolRate, floorRate, flumeRate);
        if (!warmUp) {
          http.add(httpRate);
          spool.add(spoolRate);
          floor.add(floorRate);
          ofFloor.add(spoolRate / floorRate);
          flume.add(flumeRate);
          ofFlume.add(spoolRate / flumeRate);
        }
      }
    }
    Report report = new Report("spool");
    report.goal("requests", Report.median(http), 8000, true);
    report.goal("floor", Report.median(ofFloor), 0.5, true);
    report.goal("flume", Report.median(ofFlume), 4, true);
    report.figure("connections", APPENDERS);
    report.figure("body_bytes", BODY_BYTES);
    report.figure("rounds", rounds);
    report.figure("requests_p50_ms", httpLatencies.millis(0.5));
    report.figure("requests_p99_ms", httpLatencies.millis(0.99));
    report.figure("spool_per_s", Report.median(spool));
    report.figure("floor_per_s", Report.median(floor));
    report.figure("flume_per_s", Report.median(flume));
    report.figure("spool_p50_ms", latencies.millis(0.5));
    report.figure("spool_p99_ms", latencies.millis(0.99));
    return report;
  }

  private static double spool(Path folder, Duration length, Latencies latencies)
      throws IOException, InterruptedException {
    SpoolConfig config =
        new SpoolConfig(folder, 64L << 30, Duration.ofDays(1), Duration.ofSeconds(1));
    byte[] body = new byte[BODY_BYTES];
    try (SpoolingPublisher publisher =
        SpoolingPublisher.start(
            new Away(),
            Set.of(SOURCE),
            config,
            folder,
            new SimpleMeterRegistry(),
            InstantSource.system())) {
      return rate(
          length,
          () ->
              () -> {
                long start = System.nanoTime();
                publisher.publish(record(body)).get();
                latencies.add(System.nanoTime() - start);
              });
    } finally {
      Bench.delete(folder);
    }
  }

  /** All of it: HTTP, the signature, facts and redaction, and the spool. */
  private static double http(Path folder, Duration length, Latencies latencies)
      throws IOException, InterruptedException {
    Path file = Files.createDirectories(folder).resolve("vestibule.yml");
    Files.writeString(
        file,
        """
        vestibule:
          sources: { %s: { vendor: envoy, secrets: ["bench-secret"] } }
          kafka: { bootstrap.servers: "127.0.0.1:1" }
          ingress: { host: 127.0.0.1, port: 0 }
          spool: { max-bytes: 8GiB }
        """
            .formatted(SOURCE));
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    SourceConfig source = Objects.requireNonNull(config.sources().get(SOURCE));
    Webhook webhook = VendorSigner.forSource(source).sign(body(), "job-1", Instant.now());
    List<SpoolCaller> callers = new ArrayList<>();
    try (IngressApplication ingress =
        IngressApplication.start(
            new ServiceContext(
                config,
                new IdentityKey(new byte[32]),
                null,
                folder,
                new InMemorySchemaRegistry(),
                new SimpleMeterRegistry(),
                InstantSource.system()))) {
      return rate(
          length,
          () -> {
            SpoolCaller caller = new SpoolCaller(ingress.port(), "/hooks/" + SOURCE, webhook);
            callers.add(caller);
            return () -> {
              long start = System.nanoTime();
              caller.post();
              latencies.add(System.nanoTime() - start);
            };
          });
    } finally {
      for (SpoolCaller caller : callers) {
        caller.close();
      }
      Bench.delete(folder);
    }
  }

  private static byte[] body() {
    String start = "{\"event\":\"entry_sign_in\",\"payload\":{\"id\":\"19\",\"notes\":\"";
    String end = "\"}}";
    return (start + "n".repeat(BODY_BYTES - start.length() - end.length()) + end)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** With the headers that the ingress gives to an Envoy webhook. */
  private static RawRecord record(byte[] body) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(Headers.SOURCE, SOURCE);
    headers.put(Headers.ACCOUNT, "hq");
    headers.put(Headers.VENDOR, "envoy");
    headers.put(Headers.REQUEST_ID, new UUID(1, 2).toString());
    headers.put(Headers.DELIVERY_ID, "job-18446744073709551615");
    headers.put(Headers.RECEIVED_AT, Instant.EPOCH.toString());
    headers.put(Headers.PATH, "webhook");
    headers.put(Headers.CONTENT_TYPE, "application/json");
    headers.put(Headers.BODY_SHA256, "0".repeat(64));
    headers.put(Headers.REDACTED, "true");
    return new RawRecord("visitor.raw.envoy", "hq:19", headers, body);
  }

  /** Whoever comes while the disk is busy is in the next group; nothing else is done. */
  private static double floor(Path file, Duration length) throws IOException, InterruptedException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      Groups groups = new Groups(channel);
      Thread writing = Thread.ofPlatform().daemon().start(groups);
      double rate = rate(length, () -> groups::append);
      writing.interrupt();
      writing.join();
      return rate;
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static final class Groups implements Runnable {
    private final FileChannel channel;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(APPENDERS * BODY_BYTES);
    private List<CompletableFuture<Void>> waiting = new ArrayList<>();

    Groups(FileChannel channel) {
      this.channel = channel;
    }

    void append() throws InterruptedException, ExecutionException {
      CompletableFuture<Void> forced = new CompletableFuture<>();
      synchronized (this) {
        waiting.add(forced);
        notifyAll();
      }
      forced.get();
    }

    @Override
    public void run() {
      try {
        while (true) {
          List<CompletableFuture<Void>> group = next();
          bytes.clear().limit(group.size() * BODY_BYTES);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
          channel.force(false);
          group.forEach(forced -> forced.complete(null));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private synchronized List<CompletableFuture<Void>> next() throws InterruptedException {
      while (waiting.isEmpty()) {
        wait();
      }
      List<CompletableFuture<Void>> group = waiting;
      waiting = new ArrayList<>();
      return group;
    }
  }

  private interface Append {
    void run() throws IOException, InterruptedException, ExecutionException;
  }

  private interface Appenders {
    Append next() throws IOException;
  }

  /** Appends per second by virtual threads that each wait for their own. */
  private static double rate(Duration length, Appenders appenders)
      throws IOException, InterruptedException {
    AtomicLong count = new AtomicLong();
    List<Append> appends = new ArrayList<>();
    for (int i = 0; i < APPENDERS; i++) {
      appends.add(appenders.next());
    }
    long start = System.nanoTime();
    long end = start + length.toNanos();
    List<Thread> threads = new ArrayList<>();
    for (Append append : appends) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (System.nanoTime() < end) {
                    append.run();
                    count.incrementAndGet();
                  }
                } catch (IOException | InterruptedException | ExecutionException e) {
                  throw new IllegalStateException("an append failed", e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    return count.get() * 1e9 / (System.nanoTime() - start);
  }

  /** A Kafka that nobody has heard of. */
  private static final class Away implements Publisher {
    @Override
    public CompletableFuture<Receipt> publish(RawRecord record) {
      return CompletableFuture.failedFuture(new PublishException(PublishException.Reason.TIMEOUT));
    }

    @Override
    public boolean reachable() {
      return false;
    }

    @Override
    public void close() {}
  }

  /** Flume's file channel in a JVM of its own: its libraries are older than ours. */
  private static final class Flume implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter questions;

    private Flume(Process process) {
      this.process = process;
      this.answers = process.inputReader();
      this.questions = new PrintWriter(process.outputWriter(), true);
    }

    /** Null where its jars are not there. */
    static @Nullable Flume start(Path folder) throws IOException {
      Path classes =
          Path.of(SpoolBench.class.getProtectionDomain().getCodeSource().getLocation().getPath());
      Path jars = classes.resolveSibling("flume");
      if (!Files.isDirectory(jars)) {
        System.err.println("bench spool: flume is left out, its jars are not in " + jars);
        return null;
      }
      Process process =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElse("java"),
                  "-cp",
                  jars + "/*:" + classes,
                  FlumeAppenders.class.getName(),
                  folder.toString(),
                  Integer.toString(APPENDERS),
                  Integer.toString(BODY_BYTES))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new Flume(process);
    }

    double run(Duration length) throws IOException {
      questions.println(length.toMillis());
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("flume has given up");
      }
      return Double.parseDouble(answer);
    }

    @Override
    public void close() {
      questions.close();
      process.destroy();
    }
  }
}
