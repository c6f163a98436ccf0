package dev.vestibule.ingress.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.vestibule.contract.Headers;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.ingress.spool.SimulatedFolder.Crash;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Random appends, groups, drains and failures, cut off anywhere, again and again. A failing run
 * names its seed; {@code -Dvestibule.seed=S} repeats it alone.
 */
class CrashTest {
  private static final int RUNS = 10_000;
  private static final String SOURCE = "lobby";
  private static final Logger LOGGER =
      (Logger) LoggerFactory.getLogger(Spool.class.getPackageName());

  @BeforeEach
  void quiet() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterEach
  void loud() {
    LOGGER.setLevel(null);
  }

  @Test
  void whatWasAcknowledgedIsReadInOrderAfterAnyCrash() {
    Long only = Long.getLong("vestibule.seed");
    long first = only != null ? only : System.nanoTime();
    int runs = only != null ? 1 : RUNS;
    int crashes = 0;
    int delivered = 0;
    for (long seed = first; seed < first + runs; seed++) {
      Run run = new Run(seed);
      try {
        run.play();
      } catch (Exception | AssertionError e) {
        fail("seed " + seed, e);
      }
      crashes += run.crashes;
      delivered += run.kafka.size();
    }
    System.out.println(
        "crash test: seeds from " + first + ", " + crashes + " crashes, " + delivered + " records");
    assertThat(crashes).isGreaterThanOrEqualTo(runs);
    assertThat(delivered).isGreaterThan(runs);
  }

  /** One disk, through several lives of the process that writes it; and a Kafka that never dies. */
  private static final class Run implements Publisher {
    private final Random random;
    private final SimulatedFolder disk;
    private final int segmentBytes;
    private final int keys;

    /** What was appended, by its place in that order. */
    private final List<RawRecord> appended = new ArrayList<>();

    private final Set<Integer> acknowledged = new HashSet<>();

    /** Places in the order in which Kafka took them. */
    private final List<Integer> kafka = new ArrayList<>();

    /** What Kafka took and the spool has durably marked since. */
    private final Set<Integer> marked = new HashSet<>();

    private final Set<Integer> inThisLife = new HashSet<>();

    /** The last place that Kafka took in this life, by key. */
    private final Map<String, Integer> latest = new HashMap<>();

    private @Nullable Spool spool;
    private @Nullable Drainer drainer;
    private boolean kafkaFails;
    private boolean last;
    private int crashes;

    Run(long seed) {
      random = new Random(seed);
      disk = new SimulatedFolder(random);
      segmentBytes = 200 + random.nextInt(6_000);
      keys = 1 + random.nextInt(4);
    }

    void play() throws IOException, InterruptedException {
      int lives = 1 + random.nextInt(3);
      for (int life = 0; life < lives; life++) {
        disk.crashAfter(random.nextInt(120));
        try {
          start();
          live();
        } catch (Crash e) {
          // The usual end.
        }
        crashes++;
        if (random.nextInt(4) == 0) {
          disk.kill();
        } else {
          disk.restart();
        }
      }
      last = true;
      start();
      drainAll();
      judge();
    }

    private Spool start() throws IOException {
      SegmentLog log = SegmentLog.open(SOURCE, disk, segmentBytes);
      SpoolMetrics metrics = new SpoolMetrics(new SimpleMeterRegistry(), SOURCE);
      Spool started =
          new Spool(
              SOURCE,
              log,
              1 << 20,
              Duration.ofDays(1),
              InstantSource.fixed(Instant.EPOCH),
              metrics);
      spool = started;
      drainer = new Drainer(started, this, metrics, length -> kafkaFails = random.nextInt(4) == 0);
      latest.clear();
      inThisLife.clear();
      return started;
    }

    private void live() throws IOException, InterruptedException {
      int steps = 10 + random.nextInt(60);
      for (int step = 0; step < steps; step++) {
        switch (random.nextInt(21)) {
          case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> append();
          case 9, 10, 11, 12, 13 -> spool().commit();
          case 14, 15, 16 -> {
            kafkaFails = random.nextInt(4) == 0;
            drain();
          }
          case 17 -> disk.failNext(1 + random.nextInt(3));
          case 18 -> disk.readOnly(random.nextInt(3) == 0);
          case 19 -> {
            boolean full = random.nextInt(3) == 0;
            boolean noInodes = random.nextInt(3) == 0;
            disk.roomFor(
                full ? disk.bytes() + random.nextInt(400) : Long.MAX_VALUE,
                noInodes ? random.nextInt(4) : Integer.MAX_VALUE);
          }
          default -> {
            if (random.nextInt(3) == 0) {
              // A clean stop: what waits is committed, and nothing is written after that.
              spool().close();
              spool().run();
              disk.failNext(0);
              disk.readOnly(false);
              disk.roomFor(Long.MAX_VALUE, Integer.MAX_VALUE);
              start();
            }
          }
        }
      }
    }

    private void append() {
      int id = appended.size();
      byte[] value = new byte[random.nextInt(random.nextInt(8) == 0 ? 1_500 : 80)];
      random.nextBytes(value);
      RawRecord record =
          new RawRecord(
              "visitor.raw.envoy",
              "hq:" + random.nextInt(keys),
              Map.of(Headers.REQUEST_ID, Integer.toString(id), Headers.SOURCE, SOURCE),
              value);
      appended.add(record);
      var _ =
          spool().append(SpooledRecord.encode(record)).thenAccept(number -> acknowledged.add(id));
    }

    private boolean drain() throws InterruptedException {
      boolean busy = Objects.requireNonNull(drainer).drain();
      if (disk.stored("drained").map(Run::mark).equals(Optional.of(spool().drainedThrough()))) {
        marked.addAll(inThisLife);
      }
      return busy;
    }

    private static long mark(byte[] content) {
      return ByteBuffer.wrap(content).getLong(Integer.BYTES);
    }

    private void drainAll() throws InterruptedException {
      kafkaFails = false;
      while (drain()) {
        // Goes on.
      }
    }

    @Override
    public CompletableFuture<Receipt> publish(RawRecord record) {
      if (!last && random.nextInt(60) == 0) {
        throw new Crash();
      }
      if (kafkaFails) {
        return CompletableFuture.failedFuture(new PublishException(Reason.TIMEOUT));
      }
      int id = Integer.parseInt(record.headers().get(Headers.REQUEST_ID));
      RawRecord original = appended.get(id);
      assertThat(record.topic()).isEqualTo(original.topic());
      assertThat(record.key()).isEqualTo(original.key());
      assertThat(record.headers()).containsAllEntriesOf(original.headers());
      assertThat(record.value()).isEqualTo(original.value());
      assertThat(marked).as("drained again after it was marked").doesNotContain(id);
      assertThat(id)
          .as("overtaken by a later record of its visit")
          .isGreaterThanOrEqualTo(latest.getOrDefault(record.key(), -1));
      latest.put(record.key(), id);
      kafka.add(id);
      inThisLife.add(id);
      return random.nextInt(20) == 0
          ? CompletableFuture.failedFuture(new PublishException(Reason.TIMEOUT))
          : CompletableFuture.completedFuture(new Receipt.InKafka(record.topic(), 0, id));
    }

    private void judge() throws IOException {
      Set<Integer> missing = new TreeSet<>(acknowledged);
      kafka.forEach(missing::remove);
      assertThat(missing).as("acknowledged, and never in Kafka").isEmpty();
      assertThat(spool().lost()).as("reported as damaged").isZero();
      assertThat(spool().isEmpty()).isTrue();
      assertThat(disk.names()).as("files left").isSubsetOf("drained", "drained.new");
      Map<String, Integer> first = new HashMap<>();
      for (int id : new LinkedHashSet<>(kafka)) {
        Integer before = first.put(appended.get(id).key(), id);
        assertThat(before == null || before < id).as("first copies in order").isTrue();
      }
    }

    private Spool spool() {
      return Objects.requireNonNull(spool);
    }

    @Override
    public boolean reachable() {
      return !kafkaFails;
    }

    @Override
    public void close() {}
  }
}
