package dev.vestibule.benchmarks;

import dev.vestibule.contract.Topics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The whole path under a steady rate: how long from the POST until the event can be read
 * (read_committed) from {@code visitor.events}, beside a bare produce-fetch round trip on the same
 * broker; how long {@code up} takes to be ready; how much memory it holds.
 */
final class PathBench {
  private static final Duration HOPS = Duration.ofSeconds(10);
  private static final int ROUND_TRIPS = 1000;

  private final int rate;
  private final Duration length;
  private final Duration warmUp;

  /**
   * @param rate requests per second
   * @param length how long to measure, after the warm-up
   * @param warmUp at the same rate; the JVM compiles for minutes, on the cores that are measured
   */
  PathBench(int rate, Duration length, Duration warmUp) {
    this.rate = rate;
    this.length = length;
    this.warmUp = warmUp;
  }

  Report run(Path folder) throws IOException, InterruptedException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(config, Traffic.CONFIG);
    long started = System.nanoTime();
    try (UpProcess up = UpProcess.start(data, config)) {
      double readyFirst = seconds(started);
      Report report = new Report("path");
      report.figure("ready_first_start_s", readyFirst);
      System.err.println("bench path: ready, warming up for " + warmUp.toSeconds() + " s");
      Traffic traffic = new Traffic(up, rate);
      traffic.run(warmUp, "warm");
      System.err.println("bench path: measuring for " + length.toSeconds() + " s");
      double cpuBefore = cpuSeconds(ProcessHandle.of(up.pid()).orElseThrow());
      double ownCpuBefore = cpuSeconds(ProcessHandle.current());
      long from = System.nanoTime();
      Traffic.Measured measured = traffic.run(length, "run");
      double took = (System.nanoTime() - from) / 1e9;
      double cpu = cpuSeconds(ProcessHandle.of(up.pid()).orElseThrow()) - cpuBefore;
      double ownCpu = cpuSeconds(ProcessHandle.current()) - ownCpuBefore;
      System.err.println("bench path: each hop, for " + HOPS.toSeconds() + " s");
      Traffic.Measured hops = traffic.withHops().run(HOPS, "hop");
      Latencies bare = roundTrips(up.kafka(), Traffic.body("bare", 0));
      report.figure("rate_per_s", rate);
      report.figure("warm_up_s", (double) warmUp.toSeconds());
      report.figure("posted", measured.sent());
      report.figure("not_200", measured.refused());
      report.figure("missing", measured.missing());
      report.figure("post_p50_ms", measured.toAnswer().millis(0.5));
      report.figure("post_p99_ms", measured.toAnswer().millis(0.99));
      report.figure("event_p50_ms", measured.toEvent().millis(0.5));
      report.figure("event_p99_ms", measured.toEvent().millis(0.99));
      report.figure("bare_round_trip_p50_ms", bare.millis(0.5));
      report.figure("bare_round_trip_p99_ms", bare.millis(0.99));
      report.figure("event_p50_in_round_trips", measured.toEvent().millis(0.5) / bare.millis(0.5));
      report.figure(
          "event_p99_in_round_trips", measured.toEvent().millis(0.99) / bare.millis(0.99));
      report.goal("p50", measured.toEvent().millis(0.5), 25, false);
      report.goal("p99", measured.toEvent().millis(0.99), 75, false);
      hops.each()
          .forEach((name, hop) -> {
            report.figure("hop_" + name + "_p50_ms", hop.millis(0.5));
            report.figure("hop_" + name + "_p99_ms", hop.millis(0.99));
          });
      report.figure("cores", Runtime.getRuntime().availableProcessors());
      report.figure("cores_busy_up", cpu / took);
      report.figure("cores_busy_load_generator", ownCpu / took);
      report.figure("load_average", load());
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

  private static double cpuSeconds(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1e9;
  }

  /** Above the number of cores, what else runs on the machine is part of every latency here. */
  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
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
  static Latencies roundTrips(String bootstrap, byte[] value) {
    Latencies latencies = new Latencies();
    TopicPartition partition = new TopicPartition(Topics.ALERTS, 0);
    try (KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", "0"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
        KafkaConsumer<byte[], byte[]> consumer = Traffic.consumer(bootstrap)) {
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
}
