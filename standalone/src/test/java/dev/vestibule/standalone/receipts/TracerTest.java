package dev.vestibule.standalone.receipts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlState;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Position;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import dev.vestibule.standalone.receipts.Answer.Expired;
import dev.vestibule.standalone.receipts.Answer.Found;
import dev.vestibule.standalone.receipts.Answer.Malformed;
import dev.vestibule.standalone.receipts.Answer.Unavailable;
import dev.vestibule.standalone.receipts.Answer.Unknown;
import dev.vestibule.standalone.receipts.Trace.State;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Finding deliveries in topics that nobody but the test writes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TracerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String VISIT = "hq:4711";
  private static final String TRANSPORT = "aa00aa00aa00aa00aa00aa00aa00aa00";

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private Path folder;
  private EmbeddedBroker broker;
  private Admin admin;
  private Producer<byte[], byte[]> producer;

  @BeforeAll
  void start(@TempDir Path dir) {
    folder = dir;
    broker = EmbeddedBroker.start(dir.resolve("kafka"), 0);
    Map<String, Object> kafka = Map.of("bootstrap.servers", broker.bootstrap());
    admin = Admin.create(kafka);
    producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterAll
  void stop() {
    producer.close();
    admin.close();
    broker.close();
  }

  @Test
  void aDeliveryIsFollowedToItsSink() throws Exception {
    Site site = site("whole.");
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    Place normalized = site.normalized(raw, TRANSPORT);
    site.deduperRead(normalized);
    Place event = site.event(raw, TRANSPORT, "NEW");
    site.sinkRead(event);

    Trace trace = site.trace(raw);

    assertThat(trace.state()).isEqualTo(State.DONE);
    assertThat(trace.accepted().source()).isEqualTo("desk");
    assertThat(trace.events())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.normalized()).isEqualTo(normalized.toString());
          assertThat(found.verdict()).isEqualTo("NEW");
          assertThat(found.position()).isEqualTo(event.toString());
          assertThat(found.deliveries())
              .containsExactly(
                  new Trace.Delivery("warehouse", "whole.vestibule-sink-warehouse", true, 0));
        });
  }

  @Test
  void eachStageThatHasNotReadItIsNamedWithItsLag() throws Exception {
    Site site = site("stages.");
    Place raw = site.raw(VISIT);
    site.raw(VISIT);
    assertThat(site.stuck(raw)).isEqualTo("normalizer 2");

    site.normalizerRead(raw);
    Place normalized = site.normalized(raw, TRANSPORT);
    assertThat(site.stuck(raw)).isEqualTo("deduper 1");

    site.deduperRead(normalized);
    Place event = site.event(raw, TRANSPORT, "REVISION");
    assertThat(site.stuck(raw)).isEqualTo("warehouse 1");

    site.sinkRead(event);
    Trace trace = site.trace(raw);
    assertThat(trace.stuck()).isNull();
    assertThat(trace.events().getFirst().verdict()).isEqualTo("REVISION");
  }

  @Test
  void aDuplicateLeadsToTheDeliveryThatCounted() throws Exception {
    Site site = site("duplicate.");
    Place first = site.normalized(site.raw(VISIT), TRANSPORT);
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    Place copy = site.normalized(raw, "bb");
    site.deduperRead(copy);
    Place report = site.duplicate(raw, first, copy);

    Trace.Event event = site.trace(raw).events().getFirst();

    assertThat(event.verdict()).isEqualTo("DUPLICATE");
    assertThat(event.position()).isEqualTo(report.toString());
    assertThat(event.first())
        .isEqualTo(
            new Trace.First(
                first.toString(),
                site.names.of("visitor.raw.envoy") + "-" + raw.partition() + "@0"));
  }

  @Test
  void whatTheDeduperDroppedIsAReplay() throws Exception {
    Site site = site("replay.");
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    site.deduperRead(site.normalized(raw, TRANSPORT));

    assertThat(site.trace(raw).events().getFirst().verdict()).isEqualTo("REPLAY");
  }

  @Test
  void aVerdictInAnOpenTransactionIsAwaitedAndNeverTakenForAReplay() throws Exception {
    Site site = site("open.");
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    site.deduperRead(site.normalized(raw, TRANSPORT));
    Map<String, Object> transactional =
        Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", "open");
    try (Producer<byte[], byte[]> deduper =
        new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer())) {
      deduper.initTransactions();
      deduper.beginTransaction();
      deduper.send(site.eventRecord(raw, TRANSPORT, "NEW")).get();

      Trace trace = site.trace(raw, Duration.ofSeconds(3));

      assertThat(trace.state()).isEqualTo(State.UNCLEAR);
      assertThat(trace.searched().complete()).isFalse();
      assertThat(trace.searched().cutShort()).isEqualTo("there was no more time to look");
      deduper.commitTransaction();
    }
    assertThat(site.trace(raw).events().getFirst().verdict()).isEqualTo("NEW");
  }

  @Test
  void whatWasNotSearchedToTheEndIsNotCalledUnknown() throws Exception {
    Site site = site("cut.");
    Map<String, Object> transactional =
        Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", "cut");
    try (Producer<byte[], byte[]> writer =
        new KafkaProducer<>(transactional, new ByteArraySerializer(), new ByteArraySerializer())) {
      writer.initTransactions();
      writer.beginTransaction();
      writer.send(site.record(Vendor.ENVOY.rawTopic(), VISIT, Map.of(), utf8("{}"))).get();

      for (String id : List.of(requestId(Instant.now()).toString(), "4711")) {
        assertThat(site.tracer().anything(id, Duration.ofSeconds(2)))
            .isInstanceOfSatisfying(
                Unavailable.class,
                answer -> {
                  assertThat(answer.error()).contains("there are more", "no more time");
                  assertThat(Objects.requireNonNull(answer.searched()).complete()).isFalse();
                });
      }
      writer.abortTransaction();
    }
    assertThat(site.tracer().anything("4711", PATIENCE)).isInstanceOf(Unknown.class);
  }

  @Test
  void aDeadLetterIsFoundEvenWithoutItsHeadersAndItsKey() throws Exception {
    Site site = site("dead.");
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    Place letter = site.deadLetter(raw);

    Trace trace = site.trace(raw);

    assertThat(trace.state()).isEqualTo(State.DEAD_LETTER);
    assertThat(trace.deadLetters())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.reason()).isEqualTo("TOO_LARGE");
          assertThat(found.stage()).isEqualTo("normalizer");
          assertThat(found.position()).isEqualTo(letter.toString());
        });
  }

  @Test
  void anEventInThePartitionOfBeforeTheTopicGrewIsFound() throws Exception {
    Site site = site("grown.");
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    site.deduperRead(site.normalized(raw, TRANSPORT));
    Place event = site.event(raw, TRANSPORT, "NEW");
    String topic = site.names.of(Topics.EVENTS);
    int partition = event.partition();
    for (int count = 5; partition == event.partition(); count++) {
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(count))).all().get();
      partition = BuiltInPartitioner.partitionForKey(utf8(VISIT), count);
    }

    assertThat(site.trace(raw).events().getFirst().position()).isEqualTo(event.toString());
  }

  @Test
  void afterAGrowthSeedsAreNoEventsAndCarriedRecordsWaitForTheNewGeneration() throws Exception {
    Site site = site("generation.");
    Generation second = new Generation(2);
    admin.createTopics(List.of(new NewTopic(second.topic(site.names), 3, (short) 1))).all().get();
    Place judged = site.raw(VISIT);
    Place carried = site.raw(VISIT);
    site.normalizerRead(carried);
    Place normalized = site.normalized(judged, TRANSPORT);
    site.deduperRead(normalized);
    Place event = site.event(judged, TRANSPORT, "NEW");
    site.sinkRead(event);
    site.normalized(carried, "bb");
    site.seed(second, judged, TRANSPORT, normalized);
    Place live = site.normalized(second, carried, "bb");
    site.current(second);

    assertThat(site.trace(judged).state()).isEqualTo(State.DONE);
    assertThat(site.trace(judged).events())
        .singleElement()
        .satisfies(found -> assertThat(found.normalized()).isEqualTo(normalized.toString()));
    Trace waiting = site.trace(carried);
    assertThat(waiting.state()).isEqualTo(State.WAITING);
    assertThat(Objects.requireNonNull(waiting.stuck()).group())
        .isEqualTo("generation.vestibule-deduper-g2");
    assertThat(Objects.requireNonNull(waiting.stuck()).waiting()).isEqualTo(live.toString());
  }

  @Test
  void aRequestIdAnEventIdAndAVisitLeadToTheDelivery() throws Exception {
    Site site = site("names.");
    Place other = site.raw("hq:1");
    Place raw = site.raw(VISIT);
    site.normalizerRead(raw);
    Place normalized = site.normalized(raw, TRANSPORT);
    site.normalizerRead(other);
    String request = Objects.requireNonNull(site.trace(raw).accepted().requestId());
    String event = Objects.requireNonNull(site.trace(raw).events().getFirst().eventId());

    assertThat(normalized.topic()).isEqualTo("names.visitor.normalized");
    assertThat(receipt(site.tracer().delivery(request, PATIENCE))).isEqualTo(raw.toString());
    assertThat(receipt(site.tracer().anything(event + ".r0123", PATIENCE)))
        .isEqualTo(raw.toString());
    assertThat(receipt(site.tracer().anything("4711", PATIENCE))).isEqualTo(raw.toString());
    assertThat(receipt(site.tracer().anything(VISIT, PATIENCE))).isEqualTo(raw.toString());
  }

  @Test
  void theReceiptOfASpoolLeadsToWhatWasDrainedFromIt() throws Exception {
    Site site = site("spooled.");
    Place raw =
        site.send(
            Vendor.ENVOY.rawTopic(),
            VISIT,
            Map.of(Headers.SOURCE, "desk", Headers.SPOOL_RECEIPT, "spool-desk@7"),
            utf8("{}"));

    assertThat(receipt(site.tracer().delivery("spool-desk@7", PATIENCE))).isEqualTo(raw.toString());
    assertThat(site.tracer().delivery("spool-desk@8", PATIENCE))
        .isInstanceOfSatisfying(
            Unknown.class,
            unknown -> assertThat(unknown.error()).contains("still in the spool of its ingress"));
    assertThat(site.spooling(7, 7).delivery("spool-desk@8", PATIENCE))
        .isInstanceOfSatisfying(
            Unknown.class,
            unknown -> assertThat(unknown.error()).doesNotContain("spool of its ingress"));
  }

  @Test
  void aReceiptThatIsDrainedIsFoundInKafkaThoughItsSpoolHoldsMore() throws Exception {
    Site site = site("drained.");
    Place raw =
        site.send(
            Vendor.ENVOY.rawTopic(),
            VISIT,
            Map.of(Headers.SOURCE, "desk", Headers.SPOOL_RECEIPT, "spool-desk@7"),
            utf8("{}"));

    assertThat(receipt(site.spooling(7, 9).delivery("spool-desk@7", PATIENCE)))
        .isEqualTo(raw.toString());
    assertThat(receipt(site.spooling(7, 9).delivery("spool-desk@8", PATIENCE)))
        .isEqualTo("spool-desk@8");
  }

  @Test
  void whatMayLieInTheSpoolIsNotCalledUnknown() throws Exception {
    Site site = site("maybe.");

    for (String id : List.of(requestId(Instant.now()).toString(), "4711")) {
      assertThat(site.spooling(7, 9).anything(id, PATIENCE))
          .isInstanceOfSatisfying(
              Unavailable.class,
              answer -> assertThat(answer.error()).contains("2 more wait in a spool"));
      assertThat(site.spooling(9, 9).anything(id, PATIENCE)).isInstanceOf(Unknown.class);
    }
  }

  @Test
  void aVisitHasAllItsDeliveriesOldestFirst() throws Exception {
    Site site = site("visit.");
    Place first = site.raw(VISIT);
    site.raw("hq:1");
    Place second = site.raw(VISIT);

    assertThat(site.tracer().anything(VISIT, PATIENCE))
        .isInstanceOfSatisfying(
            Found.class,
            found ->
                assertThat(found.deliveries())
                    .extracting(Trace::receipt)
                    .containsExactly(first.toString(), second.toString()));
  }

  @Test
  void whatWasNeverThereIsUnknownAndWhatRetentionTookIsExpired() throws Exception {
    Site site = site("gone.");
    Place raw = site.raw(VISIT);
    site.raw(VISIT);
    String topic = raw.topic() + "-" + raw.partition();
    admin.deleteRecords(Map.of(raw.topicPartition(), RecordsToDelete.beforeOffset(1))).all().get();

    assertThat(site.tracer().delivery(raw.toString(), PATIENCE))
        .isInstanceOfSatisfying(
            Expired.class,
            expired -> assertThat(expired.error()).contains("retention", "oldest one left is 1"));
    assertThat(site.tracer().delivery(topic + "@2", PATIENCE))
        .isInstanceOfSatisfying(
            Unknown.class, unknown -> assertThat(unknown.error()).contains("the next one is 2"));
    assertThat(site.tracer().delivery(raw.topic() + "-77@0", PATIENCE)).isInstanceOf(Unknown.class);
    assertThat(site.tracer().delivery(requestId(Instant.now()).toString(), PATIENCE))
        .isInstanceOfSatisfying(
            Unknown.class, unknown -> assertThat(unknown.searched().complete()).isTrue());
    assertThat(site.tracer().anything("nobody", PATIENCE)).isInstanceOf(Unknown.class);
    assertThat(site.tracer().delivery("nonsense", PATIENCE))
        .isInstanceOfSatisfying(
            Malformed.class,
            malformed ->
                assertThat(malformed.error()).contains("'nonsense'", "<topic>-<partition>@"));
  }

  @Test
  void aSilentKafkaIsAnAnswerToo() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      Tracer tracer = tracer(config("mute.", "127.0.0.1:" + mute.getLocalPort()));

      assertThat(tracer.delivery("mute.visitor.raw.envoy-0@0", Duration.ofSeconds(2)))
          .isInstanceOfSatisfying(
              Unavailable.class,
              answer -> assertThat(answer.error()).startsWith("Kafka cannot be asked right now"));
    }
  }

  private Tracer tracer(VestibuleConfig config) {
    return tracer(config, List::of);
  }

  private Tracer tracer(VestibuleConfig config, Supplier<List<SpoolStatus>> spools) {
    return new Tracer(config, config.sinks().values(), spools, registry, InstantSource.system());
  }

  private VestibuleConfig config(String prefix, String bootstrap) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve(prefix + "yml"),
            """
            vestibule:
              sources: { desk: { vendor: envoy, secrets: ["desk-secret-desk-secret"], account: hq } }
              sinks: { warehouse: { type: warehouse } }
              kafka: { bootstrap.servers: "%s" }
              topics: { prefix: "%s", replication: 1 }
            """
                .formatted(bootstrap, prefix));
    return ConfigLoader.load(file, folder, Map.of());
  }

  /** A fresh installation beside the others. */
  private Site site(String prefix) throws Exception {
    VestibuleConfig config = config(prefix, broker.bootstrap());
    new TopicSetup(config.topics(), Scale.EMBEDDED).apply(admin);
    return new Site(config);
  }

  private static String receipt(Answer answer) {
    assertThat(answer).isInstanceOf(Found.class);
    return ((Found) answer).deliveries().getFirst().receipt();
  }

  private static UUID requestId(Instant time) {
    long random = UUID.randomUUID().getLeastSignificantBits();
    return new UUID((time.toEpochMilli() << 16) | 0x7000L, random);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Writes what the services of one installation would. */
  private final class Site {
    private final VestibuleConfig config;
    private final TopicNames names;
    private final Instant now = Instant.now();

    Site(VestibuleConfig config) {
      this.config = config;
      this.names = config.topicNames();
    }

    Tracer tracer() {
      return TracerTest.this.tracer(config);
    }

    /** Beside an ingress whose spool holds the numbers between. */
    Tracer spooling(long drained, long last) {
      return TracerTest.this.tracer(
          config, () -> List.of(new SpoolStatus("desk", drained, last, now)));
    }

    Trace trace(Place raw) {
      return trace(raw, PATIENCE);
    }

    Trace trace(Place raw, Duration patience) {
      Answer answer = tracer().delivery(raw.toString(), patience);
      assertThat(answer).isInstanceOf(Found.class);
      return ((Found) answer).deliveries().getFirst();
    }

    String stuck(Place raw) {
      Trace.Stuck stuck = Objects.requireNonNull(trace(raw).stuck(), "stuck");
      return stuck.stage() + " " + stuck.lag();
    }

    Place raw(String key) throws Exception {
      Map<String, String> headers = new HashMap<>();
      headers.put(Headers.SOURCE, "desk");
      headers.put(Headers.REQUEST_ID, requestId(now).toString());
      return send(Vendor.ENVOY.rawTopic(), key, headers, utf8("{}"));
    }

    Place normalized(Place raw, String transport) throws Exception {
      return normalized(Generation.FIRST, raw, transport);
    }

    Place normalized(Generation generation, Place raw, String transport) throws Exception {
      return send(
          generation.topic(TopicNames.UNPREFIXED), VISIT, headers(raw, transport), new byte[1]);
    }

    void seed(Generation generation, Place raw, String transport, Place origin) throws Exception {
      Map<String, String> headers = headers(raw, transport);
      headers.put(Headers.SEED, origin.toString());
      send(generation.topic(TopicNames.UNPREFIXED), VISIT, headers, new byte[1]);
    }

    ProducerRecord<byte[], byte[]> eventRecord(Place raw, String transport, String verdict) {
      Map<String, String> headers = headers(raw, transport);
      headers.put(Headers.VERDICT, verdict);
      return record(Topics.EVENTS, VISIT, headers, new byte[1]);
    }

    Place event(Place raw, String transport, String verdict) throws Exception {
      return place(producer.send(eventRecord(raw, transport, verdict)).get());
    }

    Place duplicate(Place raw, Place first, Place copy) throws Exception {
      DuplicateReport report =
          DuplicateReport.newBuilder()
              .setEventId("event")
              .setKeyKind("fact")
              .setVendor("envoy")
              .setAccount("hq")
              .setSource("desk")
              .setPath("webhook")
              .setFirst(position(first))
              .setCopy(position(copy))
              .setRaw(raw.toString())
              .setFirstArrival(now)
              .setArrival(now)
              .setDelayMs(0)
              .build();
      return send(
          Topics.DUPLICATES,
          VISIT,
          Map.of(Headers.RAW, raw.toString()),
          avro(Topics.DUPLICATES, report));
    }

    /** As the normalizer writes one that does not fit. */
    Place deadLetter(Place raw) throws Exception {
      DeadLetter letter =
          DeadLetter.newBuilder()
              .setStage("normalizer")
              .setReason("TOO_LARGE")
              .setDeadAt(now)
              .setOrigin(position(raw))
              .setOriginalHeaders(Map.<String, ByteBuffer>of())
              .build();
      return send(Topics.DEAD_LETTERS, null, Map.of(), avro(Topics.DEAD_LETTERS, letter));
    }

    void current(Generation generation) throws Exception {
      ControlState.Entry entry = ControlState.Entry.generation(generation);
      producer
          .send(new ProducerRecord<>(names.of(Topics.CONTROL), utf8(entry.key()), entry.value()))
          .get();
    }

    void normalizerRead(Place place) throws Exception {
      commit("vestibule-normalizer", place);
    }

    void deduperRead(Place place) throws Exception {
      commit("vestibule-deduper", place);
    }

    void sinkRead(Place place) throws Exception {
      commit("vestibule-sink-warehouse", place);
    }

    private void commit(String group, Place place) throws Exception {
      admin
          .alterConsumerGroupOffsets(
              names.of(group),
              Map.of(place.topicPartition(), new OffsetAndMetadata(place.offset() + 1)))
          .all()
          .get();
    }

    private Map<String, String> headers(Place raw, String transport) {
      Map<String, String> headers = new HashMap<>();
      headers.put(Headers.RAW, raw.toString());
      headers.put(Headers.KEY_TRANSPORT, transport);
      headers.put(
          Headers.CE_ID,
          new UUID(0x8000L, 0x8000_0000_0000_0000L | transport.hashCode()).toString());
      headers.put(Headers.CE_TYPE, "dev.vestibule.visitor.signed_in");
      headers.put(Headers.SENSITIVITY, "STANDARD");
      return headers;
    }

    private Place send(
        String topic, @Nullable String key, Map<String, String> headers, byte[] value)
        throws Exception {
      return place(producer.send(record(topic, key, headers, value)).get());
    }

    private ProducerRecord<byte[], byte[]> record(
        String topic, @Nullable String key, Map<String, String> headers, byte[] value) {
      // The raw topics are stamped by the broker, the others keep that time.
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              names.of(topic),
              null,
              Instant.now().toEpochMilli(),
              key == null ? null : utf8(key),
              value);
      headers.forEach((name, text) -> record.headers().add(name, utf8(text)));
      return record;
    }

    private byte[] avro(String topic, SpecificRecord value) {
      try (AvroSerializer serializer = new AvroSerializer(registry)) {
        return Objects.requireNonNull(serializer.serialize(names.of(topic), value));
      }
    }

    private static Position position(Place place) {
      return new Position(place.topic(), place.partition(), place.offset());
    }

    private static Place place(RecordMetadata sent) {
      return new Place(sent.topic(), sent.partition(), sent.offset());
    }
  }
}
