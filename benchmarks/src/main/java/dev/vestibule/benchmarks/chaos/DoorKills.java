package dev.vestibule.benchmarks.chaos;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.sink.access.GrantKeys;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Kills the access-control sink again and again, as {@code kill -9} does, while visitors come and
 * go and the controller of the doors fails now and then. In the end every door must be as the last
 * event of its visit says.
 */
public final class DoorKills {
  private static final String ACCOUNT = "hq";
  private static final String SITE = "143";
  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(3);
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(60);

  private final int rounds;
  private final int visitsPerSecond;
  private final long seed;
  private final Consumer<String> progress;

  /**
   * What came of it.
   *
   * @param visits that signed in
   * @param left of them that signed out again
   * @param lost doors that should be open and are not
   * @param leftBehind doors that are open and should not be
   * @param calls that the controller got
   * @param failures that it made of them
   * @param kills of the sink
   * @param settle time from the last event until every door was right
   */
  public record Result(
      int visits,
      int left,
      int lost,
      int leftBehind,
      int calls,
      int failures,
      int kills,
      Duration settle) {}

  /**
   * @param rounds how often the sink is killed
   * @param visitsPerSecond new visitors
   * @param progress told what happens
   */
  public DoorKills(int rounds, int visitsPerSecond, long seed, Consumer<String> progress) {
    this.rounds = rounds;
    this.visitsPerSecond = visitsPerSecond;
    this.seed = seed;
    this.progress = progress;
  }

  /**
   * Runs it in a folder.
   *
   * @throws IllegalStateException when the sink does not start any more
   */
  public Result run(Path folder) throws IOException, InterruptedException {
    progress.accept("seed " + seed);
    Path keyFile = folder.resolve("identity.key");
    IdentityKey identity = IdentityKeys.open(keyFile, folder, IfAbsent.CREATE);
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), 0);
        EmbeddedRegistry registry =
            EmbeddedRegistry.start(
                Map.of("bootstrap.servers", broker.bootstrap()), "127.0.0.1", 0);
        DoorController controller = new DoorController(seed)) {
      Path config = configure(folder, keyFile, broker, registry, controller);
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()))) {
        new TopicSetup(
                ConfigLoader.load(config, folder, Map.of()).topics(), TopicSetup.Scale.EMBEDDED)
            .apply(admin);
      }
      ChildProcess sink =
          new ChildProcess(
              "sink-access-control",
              folder,
              "160m",
              List.of(
                  "sink-access-control",
                  "--config",
                  config.toString(),
                  "--data-dir",
                  folder.resolve("data").toString(),
                  "--admin-port",
                  "0"));
      Runtime.getRuntime().addShutdownHook(new Thread(sink::kill));
      try (sink;
          HttpSchemaRegistry schemas = new HttpSchemaRegistry(registry.url(), null);
          Guests guests = new Guests(broker.bootstrap(), schemas)) {
        return run(sink, guests, controller, new GrantKeys(identity, "doors"), identity);
      }
    }
  }

  private Result run(
      ChildProcess sink,
      Guests guests,
      DoorController controller,
      GrantKeys keys,
      IdentityKey identity)
      throws InterruptedException {
    Random random = new Random(seed);
    Thread coming = Thread.ofPlatform().name("guests").start(guests);
    int kills = 0;
    for (int round = 0; round <= rounds; round++) {
      int lives = round;
      sink.start();
      Await.until(
          "the sink starts",
          STARTED_WITHIN,
          () -> sink.log().split("doors are looked after", -1).length - 1 > lives);
      Thread.sleep(Duration.ofMillis(500 + random.nextInt(3_500)));
      if (round < rounds) {
        sink.kill();
        kills++;
        progress.accept(
            "killed %d times, %d visits, %d calls"
                .formatted(kills, guests.visits(), controller.calls()));
      }
    }
    guests.end();
    coming.join();
    long begin = System.nanoTime();
    int visits = guests.visits();
    while (wrong(visits, guests, controller, keys, identity, true)
                + wrong(visits, guests, controller, keys, identity, false)
            > 0
        && System.nanoTime() - begin < SETTLED_WITHIN.toNanos()) {
      Thread.sleep(Duration.ofMillis(100));
    }
    Duration settle = Duration.ofNanos(System.nanoTime() - begin);
    return new Result(
        visits,
        guests.left(),
        wrong(visits, guests, controller, keys, identity, true),
        wrong(visits, guests, controller, keys, identity, false),
        controller.calls(),
        controller.failures(),
        kills,
        settle);
  }

  /** Doors that are not open, or open, and should be otherwise. */
  private static int wrong(
      int visits,
      Guests guests,
      DoorController controller,
      GrantKeys keys,
      IdentityKey identity,
      boolean inside) {
    return (int)
        IntStream.range(0, visits)
            .filter(visit -> guests.inside(visit) == inside)
            .filter(visit ->
                controller.open(keys.of(identity.visit(ACCOUNT, "v-" + visit)).value()) != inside)
            .count();
  }

  private Path configure(
      Path folder,
      Path keyFile,
      EmbeddedBroker broker,
      EmbeddedRegistry registry,
      DoorController controller)
      throws IOException {
    Files.writeString(
        folder.resolve("doors.yml"),
        """
        sites:
          - source: lobby
            site: "%s"
            target: doors
            zones: [lobby]
            from: signed-in - 15m
            until: signed-in + 8h
        """
            .formatted(SITE));
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(
        config,
        """
        vestibule:
          identity: { key-file: "%s" }
          sources: { lobby: { vendor: envoy, secrets: ["lobby-secret"], account: %s } }
          sinks:
            doors:
              type: access-control
              target: standard-webhooks
              url: "%s"
              allowed-hosts: [127.0.0.1]
              secrets: ["whsec_ZG9vcnMtYXJlLWtlcHQtaW4tYS1iZW5jaC1hbG9uZQ=="]
              rules: doors.yml
              calls-per-second: 1000
              parallel-calls: 16
          kafka: { bootstrap.servers: "%s" }
          registry: { url: "%s" }
          topics: { replication: 1 }
          ingress: { admin-port: 0 }
        """
            .formatted(keyFile, ACCOUNT, controller.url(), broker.bootstrap(), registry.url()));
    return config;
  }

  /** Visitors who sign in at a steady rate; most of them leave some seconds later. */
  private final class Guests implements Runnable, AutoCloseable {
    private static final int STAY = 3;

    private final Random random = new Random(seed + 1);
    private final AvroSerializer serializer;
    private final Producer<byte[], byte[]> producer;
    private final Deque<Integer> inside = new ArrayDeque<>();
    private final java.util.BitSet left = new java.util.BitSet();
    private int visits;
    private volatile boolean ending;

    Guests(String bootstrap, HttpSchemaRegistry schemas) {
      this.serializer = new AvroSerializer(schemas);
      this.producer =
          new KafkaProducer<>(
              Map.of("bootstrap.servers", bootstrap),
              new ByteArraySerializer(),
              new ByteArraySerializer());
    }

    @Override
    public void run() {
      long next = System.nanoTime();
      while (!ending) {
        step();
        next += TimeUnit.SECONDS.toNanos(1) / visitsPerSecond;
        java.util.concurrent.locks.LockSupport.parkNanos(next - System.nanoTime());
      }
      producer.flush();
    }

    private synchronized void step() {
      int visit = visits++;
      send(visit, EventType.SIGNED_IN);
      inside.add(visit);
      if (inside.size() > visitsPerSecond * STAY) {
        int leaving = inside.remove();
        if (random.nextInt(10) < 7) {
          left.set(leaving);
          send(leaving, EventType.SIGNED_OUT);
        }
      }
    }

    private void send(int visit, EventType type) {
      Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
      VisitorEvent event =
          VisitorEvent.newBuilder()
              .setEventId(new UUID(random.nextLong(), random.nextLong()).toString())
              .setRevision("0000000000000000")
              .setType(type)
              .setVendor("envoy")
              .setSource("lobby")
              .setAccount(ACCOUNT)
              .setOccurredAt(now)
              .setReceivedAt(now)
              .setPath("webhook")
              .setVisit(Visit.newBuilder().setId("v-" + visit).setSignedInAt(now).build())
              .setPerson(Person.newBuilder().setFullName("Guest " + visit).build())
              .setHost(Host.newBuilder().build())
              .setSite(Site.newBuilder().setId(SITE).build())
              .setCredential(AccessCredential.newBuilder().build())
              .setOutcome(Outcome.newBuilder().build())
              .setOrigin(new Position("visitor.raw.envoy", 0, (long) visit))
              .build();
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              Topics.EVENTS,
              (ACCOUNT + ":v-" + visit).getBytes(StandardCharsets.UTF_8),
              serializer.serialize(Topics.EVENTS, event));
      Headers.put(record.headers(), Headers.VERDICT, Verdict.NEW.name());
      Headers.put(record.headers(), Headers.PATH, "webhook");
      Headers.put(record.headers(), Headers.SOURCE, "lobby");
      Headers.put(
          record.headers(),
          Headers.CE_TYPE,
          "dev.vestibule.visitor." + type.name().toLowerCase(Locale.ROOT));
      var _ = producer.send(record);
    }

    synchronized int visits() {
      return visits;
    }

    synchronized int left() {
      return left.cardinality();
    }

    synchronized boolean inside(int visit) {
      return !left.get(visit);
    }

    void end() {
      ending = true;
    }

    @Override
    public void close() {
      ending = true;
      producer.close(Duration.ofSeconds(5));
      serializer.close();
    }
  }
}
