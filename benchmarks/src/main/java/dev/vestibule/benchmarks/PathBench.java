package dev.vestibule.benchmarks;

import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
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
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The whole path under a steady rate: how long from the POST until the event can be read
 * (read_committed) from {@code visitor.events}, beside a bare produce-fetch round trip on the same
 * broker; how long {@code up} takes to be ready; how much memory it holds.
 */
final class PathBench {
  private static final Secret SECRET = new Secret("bench-secret");
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final int ROUND_TRIPS = 1000;

  private final int rate;
  private final Duration length;

  /**
   * @param rate requests per second
   * @param length how long to measure, after the warm-up
   */
  PathBench(int rate, Duration length) {
    this.rate = rate;
    this.length = length;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(
        config,
        """
        vestibule:
          sources:
            hq: { vendor: kyberaccess, secrets: ["bench-secret"] }
        """);
    long started = System.nanoTime();
    try (UpProcess up = UpProcess.start(data, config)) {
      double readyFirst = seconds(started);
      Report report = new Report("path");
      report.figure("ready_first_start_s", readyFirst);
      System.err.println("bench path: ready, warming up for " + WARM_UP.toSeconds() + " s");
      Traffic traffic = new Traffic(up, rate);
      traffic.run(WARM_UP, "warm");
      System.err.println("bench path: measuring for " + length.toSeconds() + " s");
      Measured measured = traffic.run(length, "run");
      Latencies bare = roundTrips(up.kafka(), Traffic.body("bare", 0));
      report.figure("rate_per_s", rate);
      report.figure("posted", measured.sent);
      report.figure("not_200", measured.refused);
      report.figure("missing", measured.sent - measured.refused - measured.toEvent.count());
      report.figure("post_p50_ms", measured.toAnswer.millis(0.5));
      report.figure("post_p99_ms", measured.toAnswer.millis(0.99));
      report.figure("event_p50_ms", measured.toEvent.millis(0.5));
      report.figure("event_p99_ms", measured.toEvent.millis(0.99));
      report.figure("bare_round_trip_p50_ms", bare.millis(0.5));
      report.figure("bare_round_trip_p99_ms", bare.millis(0.99));
      report.figure("event_p50_in_round_trips", measured.toEvent.millis(0.5) / bare.millis(0.5));
      report.figure("resident_mb", residentMegabytes(up.pid(), "VmRSS:"));
      report.figure("resident_peak_mb", residentMegabytes(up.pid(), "VmHWM:"));
      report.goal("memory", residentMegabytes(up.pid(), "VmHWM:"), 900, false);
      up.stop();
      started = System.nanoTime();
      try (UpProcess again = UpProcess.start(data, config)) {
        report.figure("ready_with_data_s", seconds(started));
        report.goal("ready", Math.max(readyFirst, seconds(started)), 10, false);
        again.stop();
      }
      return report;
    }
  }

  private static double seconds(long since) {
    return Math.round((System.nanoTime() - since) / 1e7) / 100.0;
  }

  private static double residentMegabytes(long pid, String field) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
            .filter(line -> line.startsWith(field))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0)
        / 1024.0;
  }

  /** Produce one record (acks=all), wait until it is fetched, again. */
  private static Latencies roundTrips(String bootstrap, byte[] value) {
    Latencies latencies = new Latencies();
    TopicPartition partition = new TopicPartition(Topics.ALERTS, 0);
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", "0"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap)) {
      consumer.assign(List.of(partition));
      consumer.seekToEnd(List.of(partition));
      consumer.position(partition);
      for (int i = 0; i < ROUND_TRIPS; i++) {
        long start = System.nanoTime();
        Future<?> _ =
            producer.send(
                new ProducerRecord<>(partition.topic(), partition.partition(), null, value));
        while (consumer.poll(Duration.ofSeconds(1)).isEmpty()) {
          // The record is on its way.
        }
        if (i >= ROUND_TRIPS / 5) {
          latencies.add(System.nanoTime() - start);
        }
      }
    }
    return latencies;
  }

  private static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrap,
            "isolation.level", "read_committed",
            "enable.auto.commit", "false",
            "fetch.max.wait.ms", "100"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private record Measured(int sent, int refused, Latencies toAnswer, Latencies toEvent) {}

  /** Posts arrivals at a steady rate and sees them come out as events. */
  private static final class Traffic {
    private static final int AT_ONCE = 256;
    private final VendorSigner signer = VendorSigner.forVendor(Vendor.KYBERACCESS, SECRET);
    private final UpProcess up;
    private final int rate;

    Traffic(UpProcess up, int rate) {
      this.up = up;
      this.rate = rate;
    }

    Measured run(Duration length, String name) throws InterruptedException {
      int count = Math.toIntExact(rate * length.toSeconds());
      Map<String, Long> posted = new ConcurrentHashMap<>();
      Latencies toAnswer = new Latencies();
      Latencies toEvent = new Latencies();
      AtomicInteger refused = new AtomicInteger();
      AtomicBoolean done = new AtomicBoolean();
      CountDownLatch watching = new CountDownLatch(1);
      Thread reader = Thread.ofPlatform().start(() -> watch(posted, toEvent, watching, done));
      watching.await();
      Semaphore free = new Semaphore(AT_ONCE);
      URI url = URI.create(up.ingress() + "/hooks/hq");
      try (HttpClient client =
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
          long due = start + i * 1_000_000_000L / rate;
          while (System.nanoTime() < due) {
            LockSupport.parkNanos(due - System.nanoTime());
          }
          byte[] body = body(name, i);
          Webhook webhook = signer.sign(body, "dlv_" + name + i, Instant.now());
          HttpRequest.Builder request =
              HttpRequest.newBuilder(url)
                  .timeout(Duration.ofSeconds(10))
                  .POST(HttpRequest.BodyPublishers.ofByteArray(body));
          webhook.headers().forEach(request::header);
          free.acquire();
          // From the moment it was due: a slow answer must not hide the ones that waited behind it.
          posted.put(visit(name, i), due);
          CompletableFuture<?> _ =
              client
                  .sendAsync(request.build(), HttpResponse.BodyHandlers.discarding())
                  .whenComplete((response, error) -> {
                    free.release();
                    if (error != null || response.statusCode() != 200) {
                      refused.incrementAndGet();
                    } else {
                      toAnswer.add(System.nanoTime() - due);
                    }
                  });
        }
        free.acquire(AT_ONCE);
      }
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!posted.isEmpty() && System.nanoTime() < deadline) {
        LockSupport.parkNanos(1_000_000);
      }
      done.set(true);
      reader.join();
      return new Measured(count, refused.get(), toAnswer, toEvent);
    }

    private void watch(
        Map<String, Long> posted, Latencies toEvent, CountDownLatch watching, AtomicBoolean done) {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(up.kafka())) {
        List<TopicPartition> partitions =
            consumer.partitionsFor(Topics.EVENTS).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        watching.countDown();
        while (!done.get()) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
            Long due =
                posted.remove(String.valueOf(Headers.text(record.headers(), Headers.CE_SUBJECT)));
            if (due != null) {
              toEvent.add(System.nanoTime() - due);
            }
          }
        }
      }
    }

    private static String visit(String name, int i) {
      return "vis_" + name + i;
    }

    private static byte[] body(String name, int i) {
      return """
      {"id":"evt_%s%d","event":"visitor.checked_in","timestamp":"%s","data":{"visitor":{"id":"%s",\
      "first_name":"Test","last_name":"Visitor","email":"test@example.com","company":"Example","purpose":"Meeting"},\
      "host":{"id":"usr_1","name":"Test Host","department":"Engineering"},"location":{"id":"loc_1","name":"Main Office"},\
      "badge_number":"V-%d","id_scanned":true,"nda_signed":true,"screening_status":"cleared"},"account_id":"acc_1"}\
      """
          .formatted(name, i, Instant.now().truncatedTo(ChronoUnit.SECONDS), visit(name, i), i)
          .getBytes(StandardCharsets.UTF_8);
    }
  }
}
