package dev.vestibule.benchmarks;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.lane.Handler;
import dev.vestibule.sink.lane.LaneService;
import dev.vestibule.sink.lane.LaneSettings;
import dev.vestibule.sink.lane.Outcome;
import dev.vestibule.sink.lane.Work;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The delivery lanes on a real broker. How many events a second they bring to a destination that
 * answers at once, with every attempt written down and every offset committed. And what it does to
 * the others when one of four destinations answers 500 to everything, or when one visit fails at a
 * destination that takes all others.
 */
final class LanesBench {
  private static final int RUNS = 3;
  private static final int VISITS = 50_000;
  private static final int STEADY_PER_SECOND = 500;
  private static final int STEADY_VISITS = 1_000;
  private static final int STUCK_VISIT = 0;
  private static final int CALL_MILLIS = 2;
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Outcome DONE = new Outcome.Done("taken");
  private static final Outcome BROKEN = new Outcome.Retry(null, "http_500");

  private final int rounds;
  private final Duration length;
  private final int events;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();

  /**
   * @param rounds pairs of them; 0 leaves them out
   * @param length of each half of a round
   * @param events that are there before the lanes begin; 0 leaves this out
   */
  LanesBench(int rounds, Duration length, int events) {
    this.rounds = rounds;
    this.length = length;
    this.events = events;
  }

  Report run(Path folder) throws Exception {
    Report report = new Report("lanes");
    try (BrokerAndIngress kafka =
            new BrokerAndIngress(folder, "hq: { vendor: envoy, secrets: [\"bench-secret\"] }");
        Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()));
        LanesInput input = new LanesInput(kafka.bootstrap(), registry)) {
      VestibuleConfig config = ConfigLoader.load(kafka.config(), folder, Map.of());
      if (rounds > 0) {
        new Rounds(config, folder, admin, input).run(report);
      }
      if (events > 0) {
        System.err.println("bench lanes: filling the topic with " + events + " events");
        input.fill(events, VISITS);
        List<Double> rates = new ArrayList<>();
        for (int run = 0; run <= RUNS; run++) {
          double rate = drain("drain-" + run, config, folder, admin);
          System.err.printf(
              "bench lanes: %s: %.0f events/s%n", run == 0 ? "warm-up" : "run " + run, rate);
          if (run > 0) {
            rates.add(rate);
          }
        }
        report.goal("throughput", Report.median(rates), 10_000, true);
        report.figure("events", events);
      }
    }
    return report;
  }

  /** From the first event that is handled until everything is committed. */
  private double drain(String sink, VestibuleConfig config, Path folder, Admin admin)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, Long> ends = ends(admin, Topics.EVENTS);
    long all = sum(ends);
    long writtenBefore = sum(ends(admin, Topics.DELIVERIES));
    AtomicInteger handled = new AtomicInteger();
    long[] first = new long[1];
    Handler instant =
        _ -> {
          if (handled.getAndIncrement() == 0) {
            first[0] = System.nanoTime();
          }
          return DONE;
        };
    long last;
    try (LaneService _ = start(sink, config, folder, admin, instant)) {
      await(() -> handled.get() >= all, "all events of " + sink);
      while (!ends.equals(committed(admin, sink))) {
        Thread.sleep(10);
      }
      last = System.nanoTime();
    }
    // Beside the attempts there are the markers of transactions.
    long written = sum(ends(admin, Topics.DELIVERIES)) - writtenBefore;
    if (handled.get() != all || written < all) {
      throw new IllegalStateException(
          handled + " attempts at " + all + " events, " + written + " written down");
    }
    return all * 1e9 / (last - first[0]);
  }

  private LaneService start(
      String sink, VestibuleConfig config, Path folder, Admin admin, Handler handler)
      throws InterruptedException, ExecutionException {
    admin
        .createTopics(
            Stream.of(Topics.parked(sink), Topics.replay(sink))
                .map(topic ->
                    new NewTopic(topic.name(), topic.embeddedPartitions(), (short) 1)
                        .configs(topic.settings()))
                .toList())
        .all()
        .get();
    return LaneService.start(
        new ServiceContext(
            config,
            new IdentityKey(new byte[32]),
            null,
            folder,
            registry,
            new SimpleMeterRegistry(),
            InstantSource.system()),
        new SinkConfig(sink, "access-control", Set.of(Sensitivity.STANDARD), Map.of()),
        handler,
        LaneSettings.DEFAULTS);
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(offset -> offset).sum();
  }

  private static Map<TopicPartition, Long> ends(Admin admin, String name)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    admin
        .describeTopics(List.of(name))
        .allTopicNames()
        .get()
        .values()
        .forEach(topic ->
            topic
                .partitions()
                .forEach(partition ->
                    latest.put(
                        new TopicPartition(topic.name(), partition.partition()),
                        OffsetSpec.latest())));
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end :
        admin.listOffsets(latest).all().get().entrySet()) {
      ends.put(end.getKey(), end.getValue().offset());
    }
    return ends;
  }

  private static Map<TopicPartition, Long> committed(Admin admin, String sink)
      throws InterruptedException, ExecutionException {
    Map<TopicPartition, OffsetAndMetadata> offsets =
        admin
            .listConsumerGroupOffsets("vestibule-sink-" + sink)
            .partitionsToOffsetAndMetadata()
            .get();
    Map<TopicPartition, Long> committed = new HashMap<>();
    offsets.forEach((partition, offset) -> {
      if (offset != null) {
        committed.put(partition, offset.offset());
      }
    });
    return committed;
  }

  private static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IllegalStateException(what + " did not come within " + PATIENCE);
      }
      Thread.sleep(10);
    }
  }

  /** A destination that takes about as long as one nearby. */
  private static final class Door implements Handler {
    private final AtomicInteger taken = new AtomicInteger();
    private volatile Latencies lags = new Latencies();
    private volatile boolean broken;
    private volatile boolean oneVisitFails;

    @Override
    public Outcome handle(Work work) throws InterruptedException {
      Thread.sleep(CALL_MILLIS);
      if (broken || (oneVisitFails && work.key().equals(LanesInput.key(STUCK_VISIT)))) {
        return BROKEN;
      }
      Instant due = work.event().event().getReceivedAt();
      lags.add(1_000 * ChronoUnit.MICROS.between(due, Instant.now()));
      taken.incrementAndGet();
      return DONE;
    }
  }

  /** Four destinations under a steady rate, each with lanes of its own. */
  private final class Rounds {
    private final VestibuleConfig config;
    private final Path folder;
    private final Admin admin;
    private final LanesInput input;
    private final Map<String, Door> doors = new HashMap<>();

    /** Events that every destination should have, and those of the visit that fails at one. */
    private int sent;

    private int stuck;

    Rounds(VestibuleConfig config, Path folder, Admin admin, LanesInput input) {
      this.config = config;
      this.folder = folder;
      this.admin = admin;
      this.input = input;
    }

    private Door door(String name) {
      return doors.computeIfAbsent(name, _ -> new Door());
    }

    private LaneService open(String name) throws InterruptedException, ExecutionException {
      return start(name, config, folder, admin, door(name));
    }

    void run(Report report) throws IOException, InterruptedException, ExecutionException {
      List<Double> isolation = new ArrayList<>();
      List<Double> neighbours = new ArrayList<>();
      List<Double> healthy = new ArrayList<>();
      List<Double> beside = new ArrayList<>();
      List<Double> typical = new ArrayList<>();
      door("stuck").oneVisitFails = true;
      try (LaneService _ = open("north");
          LaneService _ = open("south");
          LaneService _ = open("broken");
          LaneService _ = open("stuck")) {
        System.err.println("bench lanes: warming up for " + WARM_UP.toSeconds() + " s");
        half(WARM_UP, false);
        for (int round = 1; round <= rounds; round++) {
          boolean brokenFirst = round % 2 == 0;
          Half one = half(length, brokenFirst);
          Half other = half(length, !brokenFirst);
          Half well = brokenFirst ? other : one;
          Half ill = brokenFirst ? one : other;
          System.err.printf(
              "bench lanes: round %d: p99 %.2f ms, beside a broken destination %.2f ms,"
                  + " beside a stuck visit %.2f ms%n",
              round, well.p99(), ill.p99(), well.neighboursP99());
          isolation.add(ill.p99() / well.p99());
          neighbours.add(well.neighboursP99() / well.p99());
          healthy.add(well.p99());
          beside.add(ill.p99());
          typical.add(well.p50());
        }
      }
      report.goal("isolation", Report.median(isolation), 1.25, false);
      report.figure("neighbours", Report.median(neighbours));
      report.figure("lag_p50_ms", Report.median(typical));
      report.figure("lag_p99_ms", Report.median(healthy));
      report.figure("lag_p99_beside_broken_ms", Report.median(beside));
      report.figure("rounds", rounds);
      report.figure("events_per_s", STEADY_PER_SECOND);
      report.figure("destinations", doors.size());
    }

    /** Lags of the two healthy destinations, and of the healthy visits beside a stuck one. */
    private record Half(double p50, double p99, double neighboursP99) {}

    private Half half(Duration time, boolean broken) throws InterruptedException {
      Latencies lags = new Latencies();
      Latencies neighbours = new Latencies();
      door("north").lags = lags;
      door("south").lags = lags;
      door("stuck").lags = neighbours;
      door("broken").broken = broken;
      int count = input.send(STEADY_PER_SECOND, time, STEADY_VISITS);
      sent += count;
      stuck += (count + STEADY_VISITS - 1) / STEADY_VISITS;
      for (String name : List.of("north", "south")) {
        await(() -> Objects.requireNonNull(doors.get(name)).taken.get() >= sent, name);
      }
      await(() -> door("stuck").taken.get() >= sent - stuck, "all but the stuck visit");
      Half half = new Half(lags.millis(0.5), lags.millis(0.99), neighbours.millis(0.99));
      // It catches up before anything else is measured.
      door("broken").broken = false;
      await(() -> door("broken").taken.get() >= sent, "what the broken destination had to take");
      return half;
    }
  }
}
