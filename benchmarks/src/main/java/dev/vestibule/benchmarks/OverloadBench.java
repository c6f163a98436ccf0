package dev.vestibule.benchmarks;

import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.VendorSigner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
    try (BrokerAndIngress rig =
        new BrokerAndIngress(
            folder,
            "%s: { vendor: envoy, secrets: [\"%s\"], rate-limit: %d }"
                .formatted(SOURCE, SECRET.reveal(), limit))) {
      rig.startIngress();
      return measure(rig);
    }
  }

  private Outcome measure(BrokerAndIngress rig) throws IOException, InterruptedException {
    long sent;
    double seconds;
    long memoryBefore;
    BrokerAndIngress.Memory memory = rig.memory();
    Recovery recovery = new Recovery();
    try (OpenLoad load = new OpenLoad(rig.port(), CONNECTIONS, OverloadBench::request)) {
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
    int lost = lost(rig);
    // A spool may still be draining.
    long deadline = System.nanoTime() + BrokerAndIngress.PATIENCE.toNanos();
    while (lost > 0 && System.nanoTime() - deadline < 0) {
      Thread.sleep(Duration.ofSeconds(1));
      lost = lost(rig);
    }
    Report report = new Report("overload");
    report.goal("refusal_p99_ms", refused.millis(0.99), 50, false);
    report.goal("lost", lost, 0, false);
    report.goal("recovery_s", recovery.seconds(), 5, false);
    report.goal("memory_mb", (double) memory.peak(), 512, false);
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

  private static byte[] request(long number) {
    return BrokerAndIngress.post(
        "/hooks/" + SOURCE, SIGNER.sign(body(number), "job-" + number, Instant.now()));
  }

  private static byte[] body(long number) {
    String start =
        "{\"event\":\"entry_sign_in\",\"payload\":{\"id\":\"%d\",\"notes\":\"".formatted(number);
    String end = "\"}}";
    return (start + "n".repeat(BODY_BYTES - start.length() - end.length()) + end)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** How many were accepted and are not there under their receipt. */
  private int lost(BrokerAndIngress rig) {
    Map<String, Long> missing = new HashMap<>(accepted);
    rig.read(
        Vendor.ENVOY.rawTopic(),
        record -> {
          String spooled = Headers.text(record.headers(), Headers.SPOOL_RECEIPT);
          String receipt =
              spooled != null
                  ? spooled
                  : record.topic() + "-" + record.partition() + "@" + record.offset();
          Long number = missing.get(receipt);
          if (number != null && Arrays.equals(record.value(), body(number))) {
            missing.remove(receipt);
          }
        });
    return missing.size();
  }
}
