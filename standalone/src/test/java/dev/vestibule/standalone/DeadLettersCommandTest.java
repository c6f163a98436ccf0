package dev.vestibule.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.TopicsConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Growth;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.normalizer.NormalizerTopology;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.lane.LaneService;
import dev.vestibule.sink.lane.LaneSettings;
import dev.vestibule.sink.lane.Outcome;
import dev.vestibule.sink.lane.Work;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.registry.EmbeddedRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dead letters on a real broker: given up by the real normalizer, by one with a bug, and by a sink;
 * listed, shown, and replayed once what was wrong is repaired.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeadLettersCommandTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String DOORS = "doors";
  private static final String KYBER = Vendor.KYBERACCESS.rawTopic();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<AutoCloseable> open = new ArrayList<>();
  private EmbeddedBroker broker;
  private Map<String, Object> kafka;
  private HttpSchemaRegistry schemas;
  private AvroSerializer serializer;
  private KafkaProducer<byte[], byte[]> producer;
  private ServiceContext context;

  private String sealedVisit = "";
  private String buggyVisit = "";
  private String hookVisit = "";

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    broker = opened(EmbeddedBroker.start(folder.resolve("broker"), 0));
    kafka = Map.of("bootstrap.servers", broker.bootstrap());
    try (Admin admin = Admin.create(kafka)) {
      new TopicSetup(
              new TopicsConfig(
                  "",
                  (short) 1,
                  Map.of(),
                  Map.of(),
                  List.of(Topics.parked(DOORS), Topics.replay(DOORS))),
              TopicSetup.Scale.EMBEDDED)
          .apply(admin);
    }
    EmbeddedRegistry registry = opened(EmbeddedRegistry.start(kafka, "127.0.0.1", 0));
    schemas = opened(new HttpSchemaRegistry(registry.url(), null));
    serializer = new AvroSerializer(schemas);
    producer =
        opened(new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer()));
    context = context(folder);
    // Given what a normalizer with a bug has given up before it was repaired
    sealedVisit = "hq:sealed";
    buggyVisit = "hq:buggy";
    hookVisit = "hq:hook";
    bug(() -> {
      raw(Vendor.KYBERACCESS, buggyVisit, arrival("buggy"), Map.of());
      raw(Vendor.KYBERACCESS, sealedVisit, "sealed".getBytes(UTF_8), Map.of("sealed", "true"));
      raw(Vendor.ENVOY, hookVisit, hookCall(), Map.of(Headers.PATH, "hook"));
    });
    Service normalizer = opened(NormalizerApplication.start(context));
    Service deduper = opened(DeduperApplication.start(context));
    await().atMost(PATIENCE).until(() -> normalizer.ready() && deduper.ready());
  }

  @AfterAll
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  private <T extends AutoCloseable> T opened(T one) {
    open.add(one);
    return one;
  }

  private ServiceContext context(Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("v.yml"),
            """
            vestibule:
              sources:
                hq:      { vendor: kyberaccess, secrets: ["a-secret-for-the-tests"] }
                desk:    { vendor: envoy, secrets: ["a-secret-for-the-tests"], account: hq }
                clinics: { vendor: curacel, secrets: ["a-secret-for-the-tests"], account: hq }
              kafka: { bootstrap.servers: "%s" }
              topics: { replication: 1 }
            """
                .formatted(broker.bootstrap()));
    VestibuleConfig config = ConfigLoader.load(file, folder, Map.of());
    return new ServiceContext(
        config,
        new IdentityKey(new byte[32]),
        null,
        folder,
        schemas,
        new SimpleMeterRegistry(),
        InstantSource.system());
  }

  /** A normalizer under the real one's name, of which nobody can write an event. */
  private void bug(Runnable traffic) {
    Serializer<SpecificRecord> refused =
        (topic, value) -> {
          if (value instanceof DeadLetter) {
            return serializer.serialize(topic, value);
          }
          throw new SerializationException("no schema for this");
        };
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("application.id", NormalizerApplication.APPLICATION_ID);
    settings.put("auto.offset.reset", "earliest");
    settings.put("commit.interval.ms", 100);
    settings.put("state.dir", context.dataDir().resolve("bug").toString());
    KafkaStreams streams =
        new KafkaStreams(
            NormalizerTopology.of(
                TopicNames.UNPREFIXED,
                context.identity(),
                context.config().sources(),
                refused,
                InstantSource.system(),
                new SimpleMeterRegistry()),
            new org.apache.kafka.streams.StreamsConfig(settings));
    streams.start();
    traffic.run();
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters()).hasSize(3));
    streams.close(
        CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
            .withTimeout(PATIENCE));
  }

  @Test
  void afterTheBugIsRepairedAReplayYieldsOneEventAndASecondReplayNone() throws Exception {
    // Given
    String id = id(buggyVisit);
    assertThat(events(buggyVisit)).isEmpty();
    JsonNode shown = json("show", id, "--json");
    assertThat(shown.path("reason").asText()).isEqualTo("INTERNAL_ERROR");
    assertThat(shown.path("stage").asText()).isEqualTo("normalizer");
    assertThat(shown.path("original").isNull()).isTrue();
    ConsumerRecord<byte[], byte[]> original = records(KYBER, buggyVisit).getFirst();
    assertThat(shown.path("origin").asText()).isEqualTo(place(original));

    // When it is only asked what would be done
    assertThat(run("replay", id, "--dry-run")).isZero();

    // Then nothing is
    assertThat(text(out))
        .isEqualTo(
            id
                + "  would go to "
                + KYBER
                + "\nwould be: 1 replayed, 0 replayed before, 0 not replayed\n");
    assertThat(records(KYBER, buggyVisit)).hasSize(1);

    // When
    assertThat(run("replay", id, "--by", "night shift")).as(text(err)).isZero();

    // Then the raw record is there again as it was, but for the path
    List<ConsumerRecord<byte[], byte[]>> raw = records(KYBER, buggyVisit);
    assertThat(raw).hasSize(2);
    ConsumerRecord<byte[], byte[]> replay = raw.getLast();
    assertThat(text(out)).startsWith(id + "  replayed to " + place(replay) + "\n");
    assertThat(replay.partition()).isEqualTo(original.partition());
    assertThat(replay.value()).isEqualTo(original.value());
    Map<String, String> headers = Headers.all(replay.headers());
    assertThat(headers)
        .containsEntry(Headers.PATH, "replay")
        .containsEntry(Headers.REPLAY_OF, id)
        .containsEntry(Headers.REPLAYED_BY, "night shift")
        .containsKey(Headers.REPLAYED_AT);
    headers.keySet().removeAll(Set.of(Headers.REPLAY_OF, Headers.REPLAYED_BY, Headers.REPLAYED_AT));
    headers.put(Headers.PATH, "webhook");
    assertThat(headers).isEqualTo(Headers.all(original.headers()));

    // And it becomes one event, which opens no door
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(events(buggyVisit)).hasSize(1));
    VisitorEvent event = event(events(buggyVisit).getFirst());
    assertThat(event.getType()).isEqualTo(EventType.SIGNED_IN);
    assertThat(event.getPath()).isEqualTo("replay");
    assertThat(Headers.all(events(buggyVisit).getFirst().headers()))
        .containsEntry(Headers.PATH, "replay")
        .containsEntry(Headers.VERDICT, "NEW")
        .containsEntry(
            Headers.REQUEST_ID,
            String.valueOf(Headers.text(original.headers(), Headers.REQUEST_ID)));
    assertThat(event.getReceivedAt())
        .isEqualTo(
            Instant.parse(String.valueOf(Headers.text(original.headers(), Headers.RECEIVED_AT))));

    // When it is replayed again
    assertThat(run("replay", id)).isZero();

    // Then it says so, and does nothing
    assertThat(text(out))
        .contains("replayed before, ", " by night shift; --again sends it once more")
        .endsWith("0 replayed, 1 replayed before, 0 not replayed\n");
    assertThat(records(KYBER, buggyVisit)).hasSize(2);
    assertThat(json("show", id, "--json").path("replays")).hasSize(1);

    // When somebody insists
    assertThat(run("replay", id, "--again")).isZero();
    RecordMetadata later = raw(Vendor.KYBERACCESS, buggyVisit, departure("buggy"), Map.of());

    // Then the deduper knows the request
    assertThat(records(KYBER, buggyVisit)).hasSize(4);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(events(buggyVisit)).hasSize(2));
    assertThat(Headers.text(events(buggyVisit).getLast().headers(), Headers.RAW))
        .isEqualTo(later.topic() + "-" + later.partition() + "@" + later.offset());
  }

  @Test
  void aReplayedCallOfAHookIsAQuestionStill() throws Exception {
    assertThat(run("replay", id(hookVisit))).as(text(err)).isZero();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(records(Topics.EVENTS_RESTRICTED, hookVisit)).hasSize(1));
    VisitorEvent event = event(records(Topics.EVENTS_RESTRICTED, hookVisit).getFirst());
    assertThat(event.getType()).isEqualTo(EventType.SCREENING_REQUESTED);
    assertThat(event.getPath()).isEqualTo("hook");
  }

  @Test
  void whatTheIngressHasSealedIsRefused() throws Exception {
    String id = id(sealedVisit);

    assertThat(run("replay", id)).isEqualTo(3);

    assertThat(text(out)).contains(id + "  not replayed: the ingress sealed the body");
    assertThat(records(KYBER, sealedVisit)).hasSize(1);
  }

  @Test
  void whatCannotBeReadIsListedCountedAndShownWithoutItsBody() throws Exception {
    // Given
    Instant begin = Instant.now().minusSeconds(60);
    byte[] body = "{\"name\":\"Jane Doe\"".getBytes(UTF_8);
    raw(Vendor.KYBERACCESS, "hq:cut", body, Map.of());
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters("hq:cut")).hasSize(1));
    String id = id("hq:cut");

    // When
    assertThat(run("list", "--since", begin.toString(), "--reason", "unreadable_body")).isZero();

    // Then
    assertThat(text(out).lines())
        .anySatisfy(line ->
            assertThat(line)
                .contains(id, "  normalizer  ", "  UNREADABLE_BODY  ", "  hq  ", "hq:cut"));
    assertThat(text(out)).doesNotContain("Jane");
    assertThat(text(err)).contains(" dead letter", " shown\n", "  normalizer  UNREADABLE_BODY\n");

    // When
    String partitionAndOffset = id.substring(Topics.DEAD_LETTERS.length() + 1);
    assertThat(run("show", partitionAndOffset)).isZero();

    // Then
    assertThat(text(out))
        .startsWith(id + "\n  given up by  normalizer, ")
        .contains("UNREADABLE_BODY", "one JSON value in UTF-8")
        .contains("hq, vendor kyberaccess, account hq")
        .contains("18 bytes; --body prints them: personal data")
        .contains("to do", "a replay ends here again")
        .contains("    request-id: ")
        .doesNotContain("Jane");

    // When
    assertThat(run("show", id, "--body")).isZero();

    // Then
    assertThat(text(out)).contains("\"value\":\"" + Base64.getEncoder().encodeToString(body));
    assertThat(run("list", "--json", "--max", "1")).isZero();
    assertThat(text(out).lines()).hasSize(1);
    assertThat(JSON.readTree(text(out)).path("health").isBoolean()).isTrue();
  }

  @Test
  void theBodyOfHealthDataIsNeverShownAndIsReplayedFromWhereItLies() throws Exception {
    // Given
    RecordMetadata at =
        raw(Vendor.CURACEL, "hq:patient", "{\"diagnosis\":\"X\"".getBytes(UTF_8), Map.of());
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters("hq:patient")).hasSize(1));
    String id = id("hq:patient");

    // When, then
    assertThat(run("show", id, "--body")).isZero();
    assertThat(text(out)).contains("health data, which stays").doesNotContain("diagnosis");
    assertThat(text(err)).contains("it lies at " + at.topic());

    // When, then
    assertThat(run("replay", id)).isZero();
    assertThat(records(Vendor.CURACEL.rawTopic(), "hq:patient"))
        .extracting(record -> new String(record.value(), UTF_8))
        .containsExactly("{\"diagnosis\":\"X\"", "{\"diagnosis\":\"X\"");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters("hq:patient")).hasSize(2));
    String second = id("hq:patient");
    assertThat(json("show", second, "--json").path("replay_of").asText()).isEqualTo(id);

    // When the raw record is gone
    try (Admin admin = Admin.create(kafka)) {
      TopicPartition partition = new TopicPartition(at.topic(), at.partition());
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1))).all().get();
    }

    // Then
    assertThat(run("replay", second)).isEqualTo(3);
    assertThat(text(out))
        .contains("not replayed: expired: ", "0 replayed, 0 replayed before, 1 not");
  }

  @Test
  void whatASinkGaveUpGoesBackToThatSinkAloneAndIsAReplayThere() throws Exception {
    // Given
    VisitorEvent event = event("refused");
    List<Work> taken = new CopyOnWriteArrayList<>();
    boolean[] repaired = new boolean[1];
    SinkConfig sink =
        new SinkConfig(DOORS, "access-control", Set.of(Sensitivity.STANDARD), Map.of());
    try (LaneService doors =
        LaneService.start(
            context,
            sink,
            work -> {
              if (!repaired[0] && work.event().event().getEventId().equals(event.getEventId())) {
                return new Outcome.Reject("http_400");
              }
              taken.add(work);
              return new Outcome.Done("taken");
            },
            LaneSettings.DEFAULTS)) {
      await().atMost(PATIENCE).until(doors::ready);
      write(Topics.EVENTS, "hq:refused", event);
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(letters("hq:refused")).hasSize(1));
      assertThat(run("list", "--stage", DOORS)).isZero();
      assertThat(text(out)).contains("  doors  http_400  ", event.getEventId());
      repaired[0] = true;

      // When
      assertThat(run("replay", "--reason", "http_400")).as(text(err)).isZero();

      // Then
      assertThat(text(out)).contains("replayed to sink.doors.replay-0@0\n");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() ->
              assertThat(taken)
                  .anySatisfy(work -> {
                    assertThat(work.key()).isEqualTo("hq:refused");
                    assertThat(work.event().event().getEventId()).isEqualTo(event.getEventId());
                    assertThat(work.event().path()).isEqualTo("replay");
                    assertThat(work.event().verdict()).isNotNull();
                  }));
      assertThat(events("hq:refused")).hasSize(1);
    }
  }

  @Test
  void withoutTheSinkOrTheSchemaNothingIsSent() throws Exception {
    String gone =
        dead(
            "cellar",
            Topics.EVENTS,
            "hq:gone",
            Objects.requireNonNull(serializer.serialize(Topics.EVENTS, event("gone"))));
    String broken = dead(DOORS, Topics.EVENTS, "hq:broken", new byte[] {0, 0, 0, 99, 99, 1});
    String foreign = dead(DOORS, "somewhere.else", "hq:foreign", new byte[] {1});

    assertThat(run("replay", gone, broken, foreign)).isEqualTo(3);

    assertThat(text(out))
        .contains(gone + "  not replayed: there is no topic sink.cellar.replay; is cellar still")
        .contains(broken + "  not replayed: the registry does not know how to read it")
        .contains(foreign + "  not replayed: nothing of this installation reads somewhere.else")
        .endsWith("0 replayed, 0 replayed before, 3 not replayed\n");
  }

  @Test
  void whileItsTopicGrowsNothingIsSent() throws Exception {
    String id = dead("normalizer", Vendor.ESSENTRY.rawTopic(), "hq:grows", new byte[] {'{'});
    control(
        ControlState.Entry.growth(new Growth(Vendor.ESSENTRY.rawTopic(), 8, 0, Growth.Step.PAUSE)));
    try {
      assertThat(run("replay", id)).isEqualTo(1);
    } finally {
      control(ControlState.Entry.noGrowth());
    }
    assertThat(text(err))
        .contains("visitor.raw.essentry grows; run the same command again when 'topics grow'");
    assertThat(records(Vendor.ESSENTRY.rawTopic(), "hq:grows")).isEmpty();

    assertThat(run("replay", id)).isZero();
    assertThat(records(Vendor.ESSENTRY.rawTopic(), "hq:grows")).hasSize(1);
  }

  @Test
  void unknownIdsAndUnreachableClustersAreNamed() {
    assertThat(run("show", "visitor.dead-letters-0@999999")).isEqualTo(1);
    assertThat(text(err)).contains("there is no dead letter visitor.dead-letters-0@999999");
    assertThat(run("show", "visitor.dead-letters-77@0")).isEqualTo(1);
    assertThat(text(err)).contains("there is no partition visitor.dead-letters-77");
    assertThat(run("show", "visitor.events-0@0")).isEqualTo(2);
    assertThat(text(err)).contains("'visitor.events-0@0' is no dead letter");
    assertThat(run("replay", id(sealedVisit), "0@999999")).isEqualTo(1);
    assertThat(run("replay")).isEqualTo(2);
    assertThat(run("replay", "0@0", "--all")).isEqualTo(2);
    assertThat(text(err)).contains("expected IDs, or else --all or one of --reason");
    assertThat(run("list", "--since", "yesterday")).isEqualTo(2);
    assertThat(text(err)).contains("--since 'yesterday' is no time; write 90m");
    out.reset();
    err.reset();

    int code =
        execute(
            "dead-letters",
            "list",
            "--bootstrap",
            "127.0.0.1:1",
            "--registry",
            "http://127.0.0.1:1");

    assertThat(code).isEqualTo(1);
    assertThat(text(err).lines()).hasSize(1);
    assertThat(text(err)).contains("Kafka at 127.0.0.1:1 does not answer");
  }

  // ---- What is there

  private static byte[] arrival(String visitor) {
    return body("visitor.checked_in", visitor);
  }

  private static byte[] departure(String visitor) {
    return body("visitor.checked_out", visitor);
  }

  private static byte[] body(String event, String visitor) {
    return """
    {"id":"evt_%s","event":"%s","timestamp":"%s","account_id":"a","data":{"visitor":{"id":"%s"}}}
    """
        .formatted(UUID.randomUUID(), event, Instant.now().truncatedTo(ChronoUnit.SECONDS), visitor)
        .getBytes(UTF_8);
  }

  /** It names a sign-in, as Envoy's hooks do. */
  private static byte[] hookCall() {
    return """
    {"meta":{"event":"entry_sign_in"},"payload":{"id":"hook","type":"entries","attributes":{}}}
    """
        .getBytes(UTF_8);
  }

  private RecordMetadata raw(Vendor vendor, String key, byte[] body, Map<String, String> more) {
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.SOURCE, "hq");
    Headers.put(headers, Headers.ACCOUNT, "hq");
    Headers.put(headers, Headers.VENDOR, vendor.id());
    Headers.put(headers, Headers.REQUEST_ID, UUID.randomUUID().toString());
    Headers.put(
        headers, Headers.RECEIVED_AT, Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
    Headers.put(headers, Headers.PATH, "webhook");
    Headers.put(headers, Headers.DELIVERY_ID, "dlv_1");
    more.forEach((name, value) -> Headers.put(headers, name, value));
    return send(new ProducerRecord<>(vendor.rawTopic(), null, key.getBytes(UTF_8), body, headers));
  }

  private static VisitorEvent event(String visit) {
    Instant at = Instant.now().truncatedTo(ChronoUnit.MICROS);
    return VisitorEvent.newBuilder()
        .setEventId("event-" + visit)
        .setRevision("00000000000000aa")
        .setType(EventType.SIGNED_IN)
        .setVendor("kyberaccess")
        .setSource("hq")
        .setAccount("hq")
        .setOccurredAt(at)
        .setReceivedAt(at)
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).build())
        .setPerson(Person.newBuilder().build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(dev.vestibule.events.Outcome.newBuilder().build())
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position(KYBER, 0, 0L))
        .build();
  }

  private void write(String topic, String key, SpecificRecord value) {
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.PATH, "webhook");
    Headers.put(headers, Headers.VERDICT, "NEW");
    if (value instanceof VisitorEvent event) {
      Headers.put(headers, Headers.CE_ID, event.getEventId());
    }
    send(
        new ProducerRecord<>(
            topic, null, key.getBytes(UTF_8), serializer.serialize(topic, value), headers));
  }

  /** A dead letter that somebody else has written; its id. */
  private String dead(String stage, String origin, String key, byte[] original) {
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setStage(stage)
            .setReason("http_422")
            .setDeadAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
            .setOrigin(new Position(origin, 0, 0L))
            .setOriginalKey(ByteBuffer.wrap(key.getBytes(UTF_8)))
            .setOriginal(ByteBuffer.wrap(original))
            .build();
    RecordMetadata at =
        send(
            new ProducerRecord<>(
                Topics.DEAD_LETTERS,
                key.getBytes(UTF_8),
                serializer.serialize(Topics.DEAD_LETTERS, letter)));
    return at.topic() + "-" + at.partition() + "@" + at.offset();
  }

  private void control(ControlState.Entry entry) {
    send(new ProducerRecord<>(Topics.CONTROL, entry.key().getBytes(UTF_8), entry.value()));
  }

  private RecordMetadata send(ProducerRecord<byte[], byte[]> record) {
    try {
      return producer.send(record).get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- What came of it

  private List<ConsumerRecord<byte[], byte[]>> letters() {
    return records(Topics.DEAD_LETTERS, null);
  }

  private List<ConsumerRecord<byte[], byte[]>> letters(String visit) {
    return records(Topics.DEAD_LETTERS, visit);
  }

  /** Of the newest dead letter of a visit. */
  private String id(String visit) {
    return place(letters(visit).getLast());
  }

  private List<ConsumerRecord<byte[], byte[]>> events(String visit) {
    return records(Topics.EVENTS, visit);
  }

  private VisitorEvent event(ConsumerRecord<byte[], byte[]> record) {
    return Objects.requireNonNull(
        new AvroDeserializer<>(VisitorEvent.class, schemas)
            .deserialize(record.topic(), record.value()));
  }

  private static String place(ConsumerRecord<byte[], byte[]> record) {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }

  private List<ConsumerRecord<byte[], byte[]>> records(String topic, @Nullable String key) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("isolation.level", "read_committed");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      Map<TopicPartition, Long> ends = ends(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
          if (key == null || key.equals(new String(record.key(), UTF_8))) {
            records.add(record);
          }
        }
      }
    }
    return records;
  }

  /**
   * Ends that count what open transactions wrote: a commit returns before its markers are in the
   * partitions, and until then the last stable offset lies before what was committed.
   */
  private Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(kafka, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return consumer.endOffsets(partitions);
    }
  }

  private JsonNode json(String... arguments) throws Exception {
    assertThat(run(arguments)).as(text(err)).isZero();
    return JSON.readTree(text(out));
  }

  private int run(String... arguments) {
    out.reset();
    err.reset();
    List<String> line = new ArrayList<>(List.of("dead-letters"));
    line.addAll(List.of(arguments));
    line.addAll(List.of("--bootstrap", broker.bootstrap()));
    return execute(line.toArray(String[]::new));
  }

  private int execute(String... line) {
    return Vestibule.run(
        new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), line);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(UTF_8);
  }
}
