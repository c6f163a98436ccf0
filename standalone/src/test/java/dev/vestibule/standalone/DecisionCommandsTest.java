package dev.vestibule.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.ingress.decision.Answers;
import dev.vestibule.ingress.decision.Snapshot;
import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.PolicyCompiler;
import dev.vestibule.ingress.decision.snapshot.CompactedTopic;
import dev.vestibule.ingress.decision.snapshot.KafkaSnapshots;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Person;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.decision.PolicyTopic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a real broker, up to the snapshot of an ingress. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DecisionCommandsTest {
  private static final String WHEN = "visitor.name == 'Jane Doe'";
  private static final String CALL =
      """
      {"payload":{"id":"1","type":"entries",
       "attributes":{"full-name":"Jane Doe","host-email":"sam@example.com"},"relationships":{}}}
      """;

  @TempDir private Path dir;
  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Answers answers = new Answers(10);
  private EmbeddedBroker broker;
  private Map<String, Object> kafka;
  private Path config;
  private TopicNames names;

  @BeforeAll
  void start(@TempDir Path folder) {
    broker = EmbeddedBroker.start(folder, 0);
    kafka = Map.of("bootstrap.servers", broker.bootstrap());
  }

  @AfterAll
  void stop() {
    broker.close();
  }

  /** Each test has topics of its own. */
  @BeforeEach
  void createTopics(TestInfo test) throws Exception {
    names = new TopicNames(test.getTestMethod().orElseThrow().getName() + ".");
    clear();
    config = Path.of(configFor(names.prefix()));
    create(kafka, names);
  }

  private String configFor(String prefix) {
    try {
      return Files.writeString(
              dir.resolve(prefix + "yml"),
              """
              vestibule:
                sources: { desk: { vendor: envoy, secrets: ["a-secret-for-the-tests"] } }
                kafka: { bootstrap.servers: "%s" }
                topics: { prefix: "%s", replication: 1 }
              """
                  .formatted(broker.bootstrap(), prefix))
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void create(Map<String, Object> kafka, TopicNames names) throws Exception {
    List<NewTopic> topics =
        List.of(
            compacted(names.of(Topics.POLICIES)),
            compacted(names.of(Topics.WATCHLIST)),
            new NewTopic(names.of(Topics.DECISIONS), 2, (short) 1));
    try (Admin admin = Admin.create(kafka)) {
      admin.createTopics(topics).all().get();
    }
    // A new topic takes a moment to be known everywhere.
    await()
        .ignoreExceptionsInstanceOf(KafkaException.class)
        .until(() ->
            records(kafka, names.of(Topics.POLICIES)).isEmpty()
                && records(kafka, names.of(Topics.WATCHLIST)).isEmpty());
  }

  private static NewTopic compacted(String topic) {
    return new NewTopic(topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
  }

  @Test
  void whatIsPublishedIsInTheSnapshotAndALaterVersionReplacesIt() throws Exception {
    try (KafkaSnapshots snapshots = follow()) {
      await().until(snapshots::caughtUp);
      assertThat(snapshots.current().policiesOffset()).isEqualTo(-1);
      Path one = policy("doors", 1, 20, WHEN);
      Path two = policy("other", 7, 30, WHEN);

      assertThat(run("policies", "publish", one, two)).as(text(err)).isZero();

      assertThat(text(out).lines())
          .containsExactly("new        doors v1", "new        other v7", "published 2");
      await().until(() -> active(snapshots.current()).equals(List.of("doors v1", "other v7")));

      clear();
      policy("doors", 2, 40, WHEN);
      assertThat(run("policies", "publish", one, two)).isZero();
      assertThat(text(out).lines())
          .containsExactly(
              "changed    doors v2, before v1: order 20 -> 40",
              "unchanged  other v7",
              "published 1");
      await().until(() -> active(snapshots.current()).equals(List.of("other v7", "doors v2")));

      clear();
      assertThat(run("policies", "publish", one, two)).isZero();
      assertThat(text(out)).endsWith("nothing to do\n");

      clear();
      assertThat(run("policies", "disable", "doors")).isZero();
      assertThat(text(out)).isEqualTo("disabled doors; this is v3\n");
      await().until(() -> active(snapshots.current()).equals(List.of("other v7")));

      clear();
      assertThat(run("policies", "disable", "doors")).isZero();
      assertThat(text(out)).isEqualTo("doors v3 is disabled; nothing to do\n");
      clear();
      assertThat(run("policies", "list")).isZero();
      assertThat(text(out).lines())
          .containsExactly(
              "ACTIVE         30  REVIEW   other v7  all sites",
              "DISABLED       40  REVIEW   doors v3  all sites");
    }
  }

  @Test
  void oneRefusedFileKeepsAllOut() throws Exception {
    Path good = policy("good", 1, 20, WHEN);
    Path bad = policy("bad", 1, 20, "visitor.nam == 'Jane Doe'");
    Path wrong = policy("wrong", 1, 20, "visitor.name == 'John Roe'");

    assertThat(run("policies", "publish", good, bad, wrong)).isEqualTo(1);

    assertThat(text(err))
        .contains("bad.yml: policy bad v1: when: ", "undefined field 'nam'")
        .contains("wrong.yml: policy wrong v1: examples[0] 'Jane Doe': does not match, and should")
        .endsWith("nothing was published\n");
    assertThat(text(out)).isEmpty();
    assertThat(records(Topics.POLICIES)).isEmpty();
  }

  @Test
  void anotherContentNeedsAHigherVersionAndKeepsAllOutWithoutIt() throws Exception {
    Path doors = policy("doors", 3, 20, WHEN);
    assertThat(run("policies", "publish", doors)).isZero();
    policy("doors", 3, 21, WHEN);
    Path good = policy("good", 1, 20, WHEN);
    clear();

    assertThat(run("policies", "publish", good, doors)).isEqualTo(1);

    assertThat(text(err))
        .contains(
            "refused    doors v3: published is v3, and it says something else (order 20 -> 21);"
                + " raise version to 4 or more");
    assertThat(records(Topics.POLICIES)).hasSize(1);
  }

  @Test
  void ofTwoPublishersTheFirstCanWriteNothingAnyMore() throws Exception {
    Policy doors =
        new PolicyCompiler().check("f", Files.readString(policy("doors", 1, 20, WHEN)))
                instanceof PolicyCompiler.Checked.Accepted(CompiledPolicy compiled)
            ? compiled.policy()
            : fail("refused");
    try (PolicyTopic first = new PolicyTopic(kafka, names)) {
      assertThat(first.read(names)).isEmpty();
      assertThat(run("policies", "publish", policy("other", 1, 20, WHEN))).isZero();

      assertThatThrownBy(() -> first.publish(List.of(doors)))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("nothing was written");
    }
    assertThat(records(Topics.POLICIES)).containsExactly("other");
  }

  @Test
  void checkNeedsNoKafkaAndNamesFileAndRemedy() throws Exception {
    Path good = policy("good", 1, 20, WHEN);
    Path twin = Files.copy(good, dir.resolve("twin.yml"));

    assertThat(execute("policies", "check", good.toString())).isZero();
    assertThat(text(out)).isEqualTo("ok  good v1\n");
    assertThat(execute("policies", "check", good.toString(), twin.toString())).isEqualTo(1);
    assertThat(text(err)).contains("id: 'good' is also that of", "give each policy its own");
    clear();
    assertThat(execute("policies", "check", dir.resolve("none.yml").toString())).isEqualTo(1);
    assertThat(text(err)).startsWith("vestibule: there is no file ").hasLineCount(1);
  }

  @Test
  void aPolicyCanBeTriedOnACall() throws Exception {
    Path body = Files.writeString(dir.resolve("call.json"), CALL);
    String[] line = {"policies", "try", "", "--input", body.toString()};

    line[2] = policy("jane", 1, 20, WHEN).toString();
    assertThat(execute(line)).as(text(err)).isZero();
    assertThat(text(out))
        .isEqualTo("jane v1 matches: REVIEW\n  the app: please look at Jane Doe\n");

    clear();
    line[2] = policy("night", 1, 20, "visitor.name == 'Jane Doe' && time.hour > 24").toString();
    assertThat(execute(line)).isEqualTo(1);
    assertThat(text(err)).contains("time.hour is missing");

    clear();
    line[2] =
        policy("site", 1, 20, "visitor.name == 'Jane Doe' && (host.email == 'x' || site.id == '1')")
            .toString();
    assertThat(execute(line)).isEqualTo(1);
    assertThat(text(err)).contains("cannot be evaluated");
  }

  @Test
  void aRecordThatNobodyCanReadIsListedAndCanBeTakenAway() throws Exception {
    produce(Topics.POLICIES, "odd", "{\"id\":");

    assertThat(run("policies", "list")).isEqualTo(3);
    assertThat(text(out)).contains("odd v0", "CANNOT BE USED: is not valid JSON");

    clear();
    assertThat(run("policies", "disable", "odd")).isZero();
    assertThat(text(out)).isEqualTo("removed odd, which nobody can read\n");
    clear();
    assertThat(run("policies", "list")).isZero();
    assertThat(text(out)).isEmpty();
    assertThat(run("policies", "disable", "odd")).isEqualTo(1);
    assertThat(text(err)).contains("there is no policy 'odd'");
  }

  @Test
  void importingTwiceChangesNothingTheSecondTimeAndTheSnapshotHasIt() throws Exception {
    Path csv =
        csv(
            "name,email,expires,reason",
            "Jane Doe,jane@example.com,,the secret reason",
            "John Roe,not an address,,",
            "Max Mustermann,,2099-01-31,",
            "Max Mustermann,,2099-01-31,");
    try (KafkaSnapshots snapshots = follow()) {
      assertThat(run("watchlist", "import", csv, "--dry-run")).isEqualTo(3);
      assertThat(text(out))
          .contains("line 3: invalid: email is no e-mail address; write it like")
          .contains("line 5: duplicate of line 4")
          .endsWith("would be: 2 added, 0 changed, 0 unchanged, 1 duplicates, 1 invalid\n");
      assertThat(records(Topics.WATCHLIST)).isEmpty();

      clear();
      assertThat(run("watchlist", "import", csv)).isEqualTo(3);
      assertThat(text(out))
          .endsWith("\n2 added, 0 changed, 0 unchanged, 1 duplicates, 1 invalid\n");
      assertThat(records(Topics.WATCHLIST)).hasSize(2);
      await().until(() -> hits(snapshots.current(), "Jane Doe") == 1);
      assertThat(snapshots.current().watchlistOffset()).isEqualTo(1);

      clear();
      assertThat(run("watchlist", "import", csv)).isEqualTo(3);
      assertThat(text(out)).endsWith("0 added, 0 changed, 2 unchanged, 1 duplicates, 1 invalid\n");
      assertThat(records(Topics.WATCHLIST)).hasSize(2);

      clear();
      Path later = csv("name,email,reason", "Jane Doe,jane@example.com,another reason");
      assertThat(run("watchlist", "import", later)).isZero();
      assertThat(text(out)).isEqualTo("0 added, 1 changed, 0 unchanged, 0 duplicates, 0 invalid\n");

      clear();
      assertThat(run("watchlist", "list")).isZero();
      assertThat(text(out))
          .contains("\tJane Doe; jane@example.com\tall sites\t-\timport\n")
          .contains("\tMax Mustermann\tall sites\tuntil 2099-02-01T00:00:00Z\timport\n")
          .doesNotContain("reason");
      clear();
      assertThat(run("watchlist", "list", "--reasons")).isZero();
      assertThat(text(out)).contains("\tanother reason\n").doesNotContain("the secret reason");
    }
  }

  @Test
  void aFileThatBreaksInItsMiddleWritesNothing() throws Exception {
    List<String> rows = new ArrayList<>(List.of("name,reason"));
    IntStream.range(0, 3000).forEach(i -> rows.add("Person Number" + letters(i) + ",x"));
    rows.add("Jane \"Doe,a secret reason");
    rows.add("\"John Roe,a secret reason");

    assertThat(run("watchlist", "import", csv(rows.toArray(String[]::new)))).isEqualTo(1);

    assertThat(text(err)).contains("the file is no CSV", "nothing was imported");
    assertThat(text(err) + text(out)).doesNotContain("secret");
    assertThat(records(Topics.WATCHLIST)).isEmpty();
  }

  @Test
  void anEntryIsAddedChangedAndRemovedByHand() throws Exception {
    try (KafkaSnapshots snapshots = follow()) {
      assertThat(
              run(
                  "watchlist",
                  "add",
                  "--id",
                  "e1",
                  "--name",
                  "Jane Doe",
                  "--site",
                  "oslo",
                  "--expires",
                  "2099-01-31",
                  "--reason",
                  "the secret reason"))
          .as(text(err))
          .isZero();
      assertThat(text(out)).isEqualTo("added e1\n");
      await().until(() -> hits(snapshots.current(), "Jane Doe") == 1);

      clear();
      assertThat(run("watchlist", "add", "--id", "e1", "--name", "Jane Doe")).isZero();
      assertThat(text(out)).isEqualTo("changed e1\n");
      clear();
      assertThat(run("watchlist", "add", "--id", "e1", "--name", "Jane Doe")).isZero();
      assertThat(text(out)).isEqualTo("unchanged e1\n");
      clear();
      assertThat(run("watchlist", "add", "--name", "John Roe")).isZero();
      assertThat(text(out)).matches("added manual-[0-9a-f-]{36}\n");

      clear();
      assertThat(run("watchlist", "remove", "e1", "e2")).isEqualTo(1);
      assertThat(text(err)).contains("there is no entry 'e2', so nothing was removed");
      assertThat(run("watchlist", "remove", "e1")).isZero();
      await().until(() -> hits(snapshots.current(), "Jane Doe") == 0);
      clear();
      assertThat(run("watchlist", "list")).isZero();
      assertThat(text(out)).hasLineCount(1).contains("John Roe");
    }
  }

  @Test
  void anEntryThatCouldNeverBeFoundIsWrongUsage() {
    assertThat(run("watchlist", "add", "--reason", "x")).isEqualTo(2);
    assertThat(text(err)).contains("names must not be empty without email, phone or company");
    assertThat(run("watchlist", "add", "--email", "nobody")).isEqualTo(2);
    assertThat(text(err)).contains("--email is no e-mail address");
    assertThat(run("watchlist", "add", "--name", "A B", "--expires", "soon")).isEqualTo(2);
    assertThat(text(err)).contains("--expires 'soon' is no date or time");
    assertThat(run("watchlist", "add", "--name", "A B", "--country", "XX")).isEqualTo(2);
    assertThat(text(err)).contains("--country: default country 'XX' is no ISO 3166 code");
  }

  @Test
  void anUnreadableRecordIsNamedAndTheEarlierEntryStays() throws Exception {
    assertThat(run("watchlist", "add", "--id", "e1", "--name", "Jane Doe")).isZero();
    produce(Topics.WATCHLIST, "e1", "{\"names\":");
    clear();

    assertThat(run("watchlist", "list")).isEqualTo(3);

    assertThat(text(out)).contains("e1\tJane Doe");
    assertThat(text(err)).isEqualTo("the newest record of e1 cannot be read; add it again\n");
  }

  @Test
  void whatOthersDecidedLatelyIsKnownFromTheStartAndWhatComesLaterToo() throws Exception {
    Instant now = Instant.now();
    answers = new Answers(10);
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(kafka, new StringSerializer(), new ByteArraySerializer())) {
      decide(producer, "old", now.minus(Answers.KEPT.multipliedBy(2)));
      decide(producer, "young", now.minusSeconds(60));
      decide(producer, "garbage", null);
      try (KafkaSnapshots snapshots = follow()) {
        await().until(snapshots::caughtUp);
        assertThat(answers.size()).as("the young one").isEqualTo(1);

        decide(producer, "new", now);
        await().until(() -> answers.size() == 2);
      }
    }
  }

  /** A review of that time, written at that time; nothing of use where there is none. */
  private void decide(
      KafkaProducer<String, byte[]> producer, String id, @Nullable Instant decidedAt)
      throws Exception {
    String topic = names.of(Topics.DECISIONS);
    byte[] value =
        decidedAt == null
            ? new byte[] {1, 2, 3}
            : new AvroSerializer(registry)
                .serialize(
                    topic,
                    Decision.newBuilder()
                        .setDecisionId(id)
                        .setRequestId("request")
                        .setPhase(DecisionPhase.DECIDED)
                        .setSource("desk")
                        .setVendor("envoy")
                        .setAccount("desk")
                        .setOutcome(DecisionOutcome.REVIEW)
                        .setBasis(DecisionBasis.RULE)
                        .setReason("policy")
                        .setRequestedAt(decidedAt)
                        .setDecidedAt(decidedAt)
                        .setLatencyMicros(100)
                        .build());
    Long time = decidedAt == null ? null : decidedAt.toEpochMilli();
    producer.send(new ProducerRecord<>(topic, null, time, id, value)).get();
  }

  @Test
  void anOutageKeepsTheLastSnapshotWhichGrowsOldAndRecovers(@TempDir Path folder) throws Exception {
    EmbeddedBroker own = EmbeddedBroker.start(folder, 0);
    int port = own.port();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    String[] where = {"--bootstrap", own.bootstrap(), "--data-dir", folder.toString()};
    create(Map.of("bootstrap.servers", own.bootstrap()), TopicNames.UNPREFIXED);
    assertThat(execute(with(where, "watchlist", "add", "--id", "e1", "--name", "Jane Doe")))
        .as(text(err))
        .isZero();
    try (KafkaSnapshots snapshots =
        KafkaSnapshots.start(
            Map.of("bootstrap.servers", own.bootstrap()),
            TopicNames.UNPREFIXED,
            new Normal(null),
            new Answers(10),
            new AvroDeserializer<>(Decision.class, registry),
            InstantSource.system(),
            meters)) {
      await().until(snapshots::caughtUp);
      own.close();
      Instant stopped = Instant.now();
      await().until(() -> age(meters) > 3);

      assertThat(snapshots.current().freshAt()).isBefore(stopped);
      assertThat(hits(snapshots.current(), "Jane Doe")).isEqualTo(1);

      own = EmbeddedBroker.start(folder, port);
      Instant back = Instant.now();
      await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> snapshots.current().freshAt().isAfter(back));
      clear();
      assertThat(execute(with(where, "watchlist", "add", "--id", "e2", "--name", "John Roe")))
          .as(text(err))
          .isZero();
      await().until(() -> hits(snapshots.current(), "John Roe") == 1);
      assertThat(
              meters
                  .get("vestibule.ingress.snapshot.records")
                  .tag("topic", Topics.WATCHLIST)
                  .gauge()
                  .value())
          .isEqualTo(2);
    } finally {
      own.close();
    }
  }

  @Test
  void aMissingTopicIsOneLineWithTheRemedy() {
    String elsewhere = configFor("elsewhere.");

    assertThat(execute("watchlist", "list", "--config", elsewhere)).isEqualTo(1);

    assertThat(text(err))
        .isEqualTo(
            "vestibule: there is no topic elsewhere.visitor.watchlist at "
                + broker.bootstrap()
                + "; 'vestibule topics apply' creates what is missing\n");
  }

  private static double age(SimpleMeterRegistry meters) {
    return meters
        .get("vestibule.ingress.snapshot.age")
        .tag("topic", Topics.WATCHLIST)
        .gauge()
        .value();
  }

  private static String letters(int number) {
    return number == 0 ? "" : letters(number / 26) + (char) ('a' + number % 26);
  }

  private KafkaSnapshots follow() {
    return KafkaSnapshots.start(
        kafka,
        names,
        new Normal(null),
        answers,
        new AvroDeserializer<>(Decision.class, registry),
        InstantSource.system(),
        new SimpleMeterRegistry());
  }

  private static List<String> active(Snapshot snapshot) {
    return snapshot.policies().active().stream()
        .map(CompiledPolicy::policy)
        .map(Policy::ref)
        .map(Policy.Ref::toString)
        .toList();
  }

  private static int hits(Snapshot snapshot, String name) {
    return snapshot
        .watchlist()
        .match(new Person(name, null, null, null), null, Instant.now())
        .hits()
        .size();
  }

  /** Writes a file; its examples are that Jane Doe matches and John Roe does not. */
  private Path policy(String id, int version, int order, String when) throws IOException {
    return Files.writeString(
        dir.resolve(id + ".yml"),
        """
        id: %s
        version: %d
        order: %d
        when: "%s"
        outcome: REVIEW
        message: please look at {visitor.name}
        examples:
          - name: Jane Doe
            input: { visitor: { name: Jane Doe } }
            matches: true
          - name: John Roe
            input: { visitor: { name: John Poe } }
            matches: false
        """
            .formatted(id, version, order, when));
  }

  private Path csv(String... lines) throws IOException {
    return Files.write(dir.resolve("list.csv"), List.of(lines), UTF_8);
  }

  private List<String> records(String topic) {
    return records(kafka, names.of(topic));
  }

  private static List<String> records(Map<String, Object> kafka, String topic) {
    List<String> keys = new ArrayList<>();
    CompactedTopic.read(kafka, topic, (key, value) -> keys.add(key));
    return keys;
  }

  private void produce(String topic, String key, String value) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer
          .send(new ProducerRecord<>(names.of(topic), key.getBytes(UTF_8), value.getBytes(UTF_8)))
          .get();
    }
  }

  private int run(Object... line) {
    List<String> words = new ArrayList<>();
    Stream.of(line).map(String::valueOf).forEach(words::add);
    words.addAll(2, List.of("--config", config.toString()));
    return execute(words.toArray(String[]::new));
  }

  private int execute(String... line) {
    return Vestibule.run(
        new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), line);
  }

  private static String[] with(String[] more, String... line) {
    return Stream.concat(Stream.of(line), Stream.of(more)).toArray(String[]::new);
  }

  private void clear() {
    out.reset();
    err.reset();
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(UTF_8);
  }
}
