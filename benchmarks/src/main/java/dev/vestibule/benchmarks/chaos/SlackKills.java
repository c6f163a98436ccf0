package dev.vestibule.benchmarks.chaos;

import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.fake.slack.Click;
import dev.vestibule.fake.slack.FakeMessage;
import dev.vestibule.fake.slack.FakeSlack;
import dev.vestibule.fake.slack.Fault;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Kills the Slack sink again and again, as {@code kill -9} does, while visitors come and go, people
 * answer reviews, and Slack loses answers. Every other kill is aimed: Slack has taken a message and
 * the sink does not know it yet. In the end every visit must have one message in each channel that
 * says how it ended, and every review one answer.
 */
public final class SlackKills {
  private static final String ACCOUNT = "hq";
  private static final String SITE = "143";
  private static final String SINK = "frontdesk";
  private static final String TOKEN = "xoxb-slack-kills";
  private static final String SECRET = "a-secret-of-slack-kills";
  private static final List<String> CHANNELS = List.of("C0LOBBY", "C0GATE");
  private static final String SAM = "U0SAM";
  private static final String ANN = "U0ANN";
  private static final String POST = "chat.postMessage";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration SETTLED_WITHIN = Duration.ofMinutes(10);
  private static final Duration WEATHER_EVERY = Duration.ofMillis(1_500);

  private final int rounds;
  private final Duration between;
  private final long seed;
  private final Consumer<String> progress;

  /**
   * What came of it.
   *
   * @param visits that are to be seen in each channel
   * @param reviews of them that were answered
   * @param lost messages that are missing, or do not say how the visit ended
   * @param twice messages that are there besides the first
   * @param reviewsLost answers that are not on the topic, or not as they were given first
   * @param reviewsTwice answers that are there besides the first
   * @param calls that Slack got
   * @param failures that it made of them
   * @param kills of the sink
   * @param aimed kills between a message and the record of it
   * @param settle time from the last event until every message was right
   */
  public record Result(
      int visits,
      int reviews,
      int lost,
      int twice,
      int reviewsLost,
      int reviewsTwice,
      int calls,
      int failures,
      int kills,
      int aimed,
      Duration settle) {}

  /**
   * @param rounds how often the sink is killed
   * @param between one visitor and the next; Slack takes a message a second in a channel
   * @param progress told what happens
   */
  public SlackKills(int rounds, Duration between, long seed, Consumer<String> progress) {
    this.rounds = rounds;
    this.between = between;
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
        FakeSlack slack = slack()) {
      Path config = configure(folder, keyFile, stage, slack);
      stage.topics(config);
      try (Victim sink = new Victim("sink-slack", "messages are looked after", folder, config);
          HttpSchemaRegistry schemas = new HttpSchemaRegistry(stage.registryUrl(), null);
          Guests guests =
              new Guests(stage.bootstrap(), schemas, ACCOUNT, SITE, between, seed + 1)) {
        return new Run(sink, guests, slack, stage, schemas, identity).run();
      }
    }
  }

  private static FakeSlack slack() throws IOException {
    FakeSlack slack = FakeSlack.start(TOKEN, SECRET, InstantSource.system());
    CHANNELS.forEach(channel -> slack.channel(channel, channel));
    return slack.user(SAM, "Sam", "sam@example.com").user(ANN, "Ann", "ann@example.com");
  }

  private Path configure(Path folder, Path keyFile, Stage stage, FakeSlack slack)
      throws IOException {
    Files.writeString(
        folder.resolve("slack.yml"),
        """
        digest-after: 10000
        routes:
          - { source: lobby, channel: %s, sensitivities: [standard, restricted] }
          - { source: lobby, channel: %s, sensitivities: [standard, restricted] }
        reviewers:
          - { source: lobby, users: [%s, %s], within: 1h }
        """
            .formatted(CHANNELS.getFirst(), CHANNELS.getLast(), SAM, ANN));
    Path config = folder.resolve("vestibule.yml");
    Files.writeString(
        config,
        """
        vestibule:
          identity: { key-file: "%s" }
          sources: { lobby: { vendor: envoy, secrets: ["lobby-secret"], account: %s } }
          sinks:
            %s:
              type: slack
              sensitivities: [standard, restricted]
              token: %s
              signing-secrets: [%s]
              rules: slack.yml
              api-url: "%s"
          kafka: { bootstrap.servers: "%s" }
          registry: { url: "%s" }
          topics: { replication: 1 }
          ingress: { admin-port: 0 }
        """
            .formatted(
                keyFile,
                ACCOUNT,
                SINK,
                TOKEN,
                SECRET,
                slack.url(),
                stage.bootstrap(),
                stage.registryUrl()));
    return config;
  }

  private final class Run {
    private final Random random = new Random(seed);
    private final Victim sink;
    private final Guests guests;
    private final FakeSlack slack;
    private final Stage stage;
    private final HttpSchemaRegistry schemas;
    private final IdentityKey identity;
    private final List<String> asked = new ArrayList<>();
    private int aimed;

    Run(
        Victim sink,
        Guests guests,
        FakeSlack slack,
        Stage stage,
        HttpSchemaRegistry schemas,
        IdentityKey identity) {
      this.sink = sink;
      this.guests = guests;
      this.slack = slack;
      this.stage = stage;
      this.schemas = schemas;
      this.identity = identity;
    }

    Result run() throws InterruptedException {
      Thread coming = Thread.ofPlatform().name("guests").start(guests);
      Thread weather = Thread.ofVirtual().start(this::weather);
      for (int round = 0; round < rounds; round++) {
        sink.start();
        answer("r-" + round);
        if (round % 2 == 0) {
          killWhilePosting();
        } else {
          Thread.sleep(Duration.ofMillis(random.nextInt(600)));
          sink.kill();
        }
        progress.accept(
            "killed %d times, %d visits, %d calls"
                .formatted(sink.kills(), guests.visits(), slack.calls().size()));
      }
      guests.end();
      coming.join();
      weather.interrupt();
      weather.join();
      sink.start();
      return settled();
    }

    /** A visit that has to be looked at, and people who do; the first one approves. */
    private void answer(String visit) throws InterruptedException {
      asked.add(visit);
      guests.send(visit, EventType.REVIEW_REQUIRED);
      String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
      AtomicReference<FakeMessage> question = new AtomicReference<>();
      Await.until(
          "a review is asked for",
          PATIENCE,
          () -> {
            of(channel, visit).stream()
                .filter(message -> message.button("visit_approve") != null)
                .findFirst()
                .ifPresent(question::set);
            return question.get() != null;
          });
      String ts = Objects.requireNonNull(question.get()).ts();
      Click first = slack.click(channel, ts, "visit_approve", SAM, Instant.now());
      Click second = slack.click(channel, ts, "visit_deny", ANN, Instant.now());
      String clicks = Topics.interactions(SINK).name();
      guests.write(clicks, first.bytes());
      guests.write(clicks, second.bytes());
      guests.write(clicks, first.bytes());
    }

    /** Slack has taken a message, and its answer is on the way for ever. */
    private void killWhilePosting() throws InterruptedException {
      long before = hanging();
      slack.next(POST, Fault.hang().afterDoing());
      Await.until("a message is posted", PATIENCE, () -> hanging() > before);
      sink.kill();
      aimed++;
    }

    private long hanging() {
      return slack.calls(POST).stream().filter(call -> call.result().equals("hang")).count();
    }

    private void weather() {
      Random luck = new Random(seed + 2);
      List<Fault> faults =
          List.of(
              Fault.drop().afterDoing(),
              Fault.error("fatal_error").afterDoing(),
              Fault.limited(Duration.ofSeconds(1)),
              Fault.status(503));
      List<String> methods = List.of(POST, POST, "chat.update", "conversations.history");
      try {
        while (!Thread.interrupted()) {
          slack.next(
              methods.get(luck.nextInt(methods.size())), faults.get(luck.nextInt(faults.size())));
          Thread.sleep(WEATHER_EVERY);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private Result settled() throws InterruptedException {
      long begin = System.nanoTime();
      while ((lost() > 0 || reviewsLost(reviews()) > 0)
          && System.nanoTime() - begin < SETTLED_WITHIN.toNanos()) {
        Thread.sleep(Duration.ofMillis(200));
      }
      Duration settle = Duration.ofNanos(System.nanoTime() - begin);
      int visits = guests.visits() + asked.size();
      List<Review> reviews = reviews();
      return new Result(
          visits,
          asked.size(),
          lost(),
          Math.max(slack.messages().size() - visits * CHANNELS.size(), besides()),
          reviewsLost(reviews),
          reviews.size() - (int) reviews.stream().map(Review::getVisitKey).distinct().count(),
          slack.calls().size(),
          (int) slack.calls().stream().filter(call -> !call.result().equals("ok")).count(),
          sink.kills(),
          aimed,
          settle);
    }

    private List<FakeMessage> of(String channel, String visit) {
      return slack.messages(channel).stream()
          .filter(message -> message.blocks().toString().contains("\"visit " + visit + "\""))
          .toList();
    }

    private int lost() {
      Map<String, String> wanted = new HashMap<>();
      for (int visit = 0; visit < guests.visits(); visit++) {
        wanted.put(
            Guests.id(visit), guests.inside(visit) ? "Visitor signed in" : "Visitor signed out");
      }
      asked.forEach(visit -> wanted.put(visit, "Visitor approved"));
      return wanted.entrySet().stream()
          .mapToInt(one ->
              (int)
                  CHANNELS.stream()
                      .filter(channel ->
                          of(channel, one.getKey()).stream()
                              .noneMatch(message -> message.text().startsWith(one.getValue())))
                      .count())
          .sum();
    }

    /** Messages with a key that another one has. */
    private int besides() {
      return slack.messages().size()
          - (int)
              slack.messages().stream()
                  .map(message -> String.valueOf(message.metadata()).replaceAll("\"seq\":\\d+", ""))
                  .distinct()
                  .count();
    }

    private List<Review> reviews() {
      AvroDeserializer<Review> reader = new AvroDeserializer<>(Review.class, schemas);
      List<Review> reviews = new ArrayList<>();
      Committed.read(
          stage.bootstrap(),
          Topics.REVIEWS,
          record ->
              reviews.add(
                  Objects.requireNonNull(reader.deserialize(record.topic(), record.value()))));
      return reviews;
    }

    private int reviewsLost(List<Review> reviews) {
      return (int)
          asked.stream()
              .map(visit -> identity.visit(ACCOUNT, visit))
              .filter(key ->
                  reviews.stream()
                      .noneMatch(review ->
                          review.getVisitKey().equals(key)
                              && review.getOutcome() == ReviewOutcome.APPROVED
                              && review.getAnsweredBy().equals(SAM)))
              .count();
    }
  }
}
