package dev.vestibule.benchmarks.chaos;

import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.sink.access.GrantKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Kills the access-control sink again and again, as {@code kill -9} does, while visitors come and
 * go and the controller of the doors fails now and then. In the end every door must be as the last
 * event of its visit says.
 */
public final class DoorKills {
  private static final String ACCOUNT = "hq";
  private static final String SITE = "143";
  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(3);

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
    try (Stage stage = Stage.open(folder);
        DoorController controller = new DoorController(seed)) {
      Path config = configure(folder, keyFile, stage, controller);
      stage.topics(config);
      try (Victim sink =
              new Victim("sink-access-control", "doors are looked after", folder, config);
          HttpSchemaRegistry schemas = new HttpSchemaRegistry(stage.registryUrl(), null);
          Guests guests =
              new Guests(
                  stage.bootstrap(),
                  schemas,
                  ACCOUNT,
                  SITE,
                  Duration.ofSeconds(1).dividedBy(visitsPerSecond),
                  seed + 1)) {
        return run(sink, guests, controller, new GrantKeys(identity, "doors"), identity);
      }
    }
  }

  private Result run(
      Victim sink, Guests guests, DoorController controller, GrantKeys keys, IdentityKey identity)
      throws InterruptedException {
    Random random = new Random(seed);
    Thread coming = Thread.ofPlatform().name("guests").start(guests);
    for (int round = 0; round <= rounds; round++) {
      sink.start();
      Thread.sleep(Duration.ofMillis(500 + random.nextInt(3_500)));
      if (round < rounds) {
        sink.kill();
        progress.accept(
            "killed %d times, %d visits, %d calls"
                .formatted(sink.kills(), guests.visits(), controller.calls()));
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
        sink.kills(),
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
                controller.open(keys.of(identity.visit(ACCOUNT, Guests.id(visit))).value())
                    != inside)
            .count();
  }

  private Path configure(Path folder, Path keyFile, Stage stage, DoorController controller)
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
            .formatted(keyFile, ACCOUNT, controller.url(), stage.bootstrap(), stage.registryUrl()));
    return config;
  }
}
