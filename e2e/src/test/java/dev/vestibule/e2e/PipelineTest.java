package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.sink.warehouse.Answer;
import dev.vestibule.standalone.simulator.Delivery;
import dev.vestibule.standalone.simulator.Effect;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.Ledger;
import dev.vestibule.standalone.simulator.Planned;
import dev.vestibule.standalone.simulator.RetryRule;
import dev.vestibule.standalone.simulator.Tally;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.VisitSimulator;
import dev.vestibule.standalone.simulator.Webhook;
import dev.vestibule.standalone.simulator.WebhookClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole path, once per backend. */
@ParameterizedClass(name = "{0}")
@MethodSource("backends")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PipelineTest {
  private static final int MEBIBYTE = 1024 * 1024;
  private static final int VISITS_PER_VENDOR = 4;

  private final Backend backend;

  // Set before the first test of each backend.
  @SuppressWarnings("NullAway.Init")
  private static Backend.Cluster cluster;

  @SuppressWarnings("NullAway.Init")
  private static Pipeline pipeline;

  @SuppressWarnings("NullAway.Init")
  private static HttpLine line;

  PipelineTest(Backend backend) {
    this.backend = backend;
  }

  static Backend[] backends() {
    return Backend.selected().toArray(Backend[]::new);
  }

  @BeforeParameterizedClassInvocation
  static void start(Backend backend, @TempDir Path folder) throws Exception {
    cluster = backend.start(folder);
    pipeline = Pipeline.start(cluster.bootstrap(), folder);
    line = new HttpLine();
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    line.close();
    pipeline.close();
    cluster.close();
  }

  // First, since it counts everything: what other tests leave under way would disturb it.
  @Test
  @Order(1)
  void everyFactIsThereOnceAndEveryCopyIsExplained() throws Exception {
    long seed = System.nanoTime();
    System.out.println("pipeline test on " + backend + ": seed " + seed);
    Random random = new Random(seed);

    // Given a day at every front desk, with repetitions, and a restart in the middle
    VisitSimulator simulator = new VisitSimulator(random, InstantSource.system());
    List<Planned> day = new ArrayList<>();
    for (Vendor vendor : Vendor.values()) {
      for (int visit = 0; visit < VISITS_PER_VENDOR; visit++) {
        day.addAll(simulator.visit(vendor));
      }
      day.addAll(simulator.rarities(vendor));
    }
    day.addAll(simulator.signInAppContradiction());
    day.addAll(simulator.envoyTwoTellings());
    Tally before = observed();
    long rowsBefore = warehouseRows();

    // When it is played
    Ledger ledger = new Ledger();
    Tally expected = before;
    for (int i = 0; i < day.size(); i++) {
      Planned planned = day.get(i);
      int copies = random.nextInt(4) == 0 ? 2 : 1;
      for (int copy = 0; copy < copies; copy++) {
        assertThat(post(planned).status()).isEqualTo(200);
        expected = expected.plus(ledger.accept(planned));
      }
      if (i == day.size() / 2) {
        pipeline.restartBehindTheIngress();
      }
    }

    // Then topics and warehouse hold what was to be expected, and nothing else
    Tally wanted = expected;
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(observed().differencesFrom(wanted)).isEmpty());
    int events = emitted(wanted) - emitted(before);
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() -> assertThat(warehouseRows() - rowsBefore).isEqualTo(events));
    assertThat(scalar("SELECT count(*) - count(DISTINCT (event_id, revision)) FROM visitor_event"))
        .isEqualTo("0");
  }

  @Test
  void aBodyOfExactlyTheLimitTravelsTheWholePathEvenUnreadable() throws Exception {
    byte[] body = new byte[MEBIBYTE];
    new Random(7).nextBytes(body);
    body[0] = '{';

    Delivery delivery = post(Vendor.KYBERACCESS, body);

    assertThat(delivery.status()).isEqualTo(200);
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(200))
        .untilAsserted(() ->
            assertThat(read(Topics.DEAD_LETTERS, DeadLetter.class))
                .anySatisfy(letter -> {
                  assertThat(letter.getReason()).isEqualTo("UNREADABLE_BODY");
                  assertThat(letter.getOriginal()).isNotNull();
                  assertThat(Arrays.equals(letter.getOriginal().array(), body)).isTrue();
                }));
  }

  @Test
  void hostileBodiesNeverStopTheStream() throws Exception {
    String deep = "[".repeat(200) + "]".repeat(200);
    List<byte[]> hostile =
        List.of(
            utf8(
                "\uFEFF{\"id\":\"evt_bom\",\"event\":\"visitor.updated\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"account_id\":\"a\",\"data\":{}}"),
            new byte[] {'{', '"', (byte) 0xC3, (byte) 0x28, '"', ':', '1', '}'},
            utf8(
                "{\"id\":\"evt_deep\",\"event\":\"visitor.updated\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"account_id\":\"a\",\"data\":{\"x\":"
                    + deep
                    + "}}"),
            utf8(
                "{\"id\":123456789012345678901234567890,\"event\":\"visitor.updated\",\"timestamp\":1e999,\"account_id\":-0.0,\"data\":{}}"),
            utf8(
                "{\"id\":\"a\",\"id\":\"b\",\"event\":\"visitor.updated\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"account_id\":\"a\",\"data\":{\"visitor\":{\"id\":\"1\",\"id\":\"2\"}}}"),
            utf8("null"),
            utf8(""),
            utf8("{\"data\":" + "\"" + "x".repeat(900_000) + "\"}"));
    int settled = settled();

    for (Vendor vendor : Vendor.values()) {
      for (byte[] body : hostile) {
        assertThat(post(vendor, body).status()).as(vendor.id()).isEqualTo(200);
      }
    }
    Planned arrival =
        new VisitSimulator(new Random(11), InstantSource.system()).kyberAccessArrival();
    assertThat(post(arrival).status()).isEqualTo(200);

    // Every stored body became an event or a dead letter; Curacel's readable ones are not stored.
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> assertThat(settled()).isEqualTo(rawRecords()));
    assertThat(settled()).isGreaterThan(settled);
  }

  @Test
  void whatIsForgedLeavesNoTrace() throws Exception {
    int raw = rawRecords();
    Planned arrival =
        new VisitSimulator(new Random(13), InstantSource.system()).kyberAccessArrival();
    Webhook genuine = sign(Vendor.KYBERACCESS, arrival.message().body());

    for (Webhook forged :
        List.of(
            genuine.unsigned(),
            genuine.withBody(utf8("{}")),
            genuine.withHeader("X-KyberAccess-Signature", "sha256=" + "0".repeat(64)))) {
      assertThat(send(Vendor.KYBERACCESS, forged).status()).isEqualTo(401);
    }

    assertThat(rawRecords()).isEqualTo(raw);
  }

  // ---- Sending

  private Delivery post(Planned planned) throws InterruptedException {
    Vendor vendor = planned.message().vendor();
    Webhook webhook =
        VendorSigner.forSource(pipeline.source(source(vendor)))
            .sign(planned.message().body(), planned.message().deliveryId(), Instant.now());
    return send(vendor, webhook);
  }

  private Delivery post(Vendor vendor, byte[] body) throws InterruptedException {
    return send(vendor, sign(vendor, body));
  }

  private Webhook sign(Vendor vendor, byte[] body) {
    return VendorSigner.forSource(pipeline.source(source(vendor)))
        .sign(body, "dlv_" + System.nanoTime(), Instant.now());
  }

  private Delivery send(Vendor vendor, Webhook webhook) throws InterruptedException {
    return new WebhookClient(line, _ -> {})
        .deliver(
            WebhookClient.url(pipeline.ingress(), source(vendor), webhook),
            webhook,
            RetryRule.NONE);
  }

  // ---- Looking

  /** Everything on the outgoing topics, counted as the ledger counts. */
  private Tally observed() {
    Tally tally = Tally.NOTHING;
    for (Sensitivity sensitivity : Sensitivity.values()) {
      String topic = Topics.events(sensitivity);
      for (ConsumerRecord<byte[], byte[]> record : Log.read(cluster.bootstrap(), topic)) {
        VisitorEvent event = decode(topic, record, VisitorEvent.class);
        Verdict verdict = Verdict.valueOf(String.valueOf(Log.header(record, Headers.VERDICT)));
        tally = tally.plus(Effect.event(sensitivity, event.getType(), verdict));
      }
    }
    for (DuplicateReport report : read(Topics.DUPLICATES, DuplicateReport.class)) {
      tally = tally.plus(Effect.duplicate(String.valueOf(report.getType())));
    }
    for (ConflictReport report : read(Topics.CONFLICTS, ConflictReport.class)) {
      tally = tally.plus(Effect.conflict(report.getKeyKind()));
    }
    for (DeadLetter letter : read(Topics.DEAD_LETTERS, DeadLetter.class)) {
      tally = tally.plus(Effect.deadLetter(letter.getStage()));
    }
    return tally;
  }

  private static int emitted(Tally tally) {
    return tally.on(Topics.EVENTS)
        + tally.on(Topics.EVENTS_RESTRICTED)
        + tally.on(Topics.EVENTS_HEALTH);
  }

  /** Raw records that have come to their end. An essentry snapshot makes several events. */
  private int settled() {
    List<String> origins = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : Log.read(cluster.bootstrap(), Topics.NORMALIZED)) {
      origins.add(Log.header(record, Headers.RAW));
    }
    for (DeadLetter letter : read(Topics.DEAD_LETTERS, DeadLetter.class)) {
      origins.add(
          letter.getOrigin().getTopic()
              + "-"
              + letter.getOrigin().getPartition()
              + "@"
              + letter.getOrigin().getOffset());
    }
    return (int) origins.stream().distinct().count();
  }

  private int rawRecords() {
    int count = 0;
    for (Vendor vendor : Vendor.values()) {
      count += Log.read(cluster.bootstrap(), vendor.rawTopic()).size();
    }
    return count;
  }

  private long warehouseRows() {
    return Long.parseLong(scalar("SELECT count(*) FROM visitor_event"));
  }

  private String scalar(String sql) {
    return switch (pipeline.warehouse().query().ask(sql)) {
      case Answer.Rows rows -> String.valueOf(rows.rows().getFirst().getFirst());
      case Answer.Refused refused -> throw new AssertionError(refused.toString());
    };
  }

  private <T extends SpecificRecord> List<T> read(String topic, Class<T> type) {
    return Log.read(cluster.bootstrap(), topic).stream()
        .map(record -> decode(topic, record, type))
        .toList();
  }

  private <T extends SpecificRecord> T decode(
      String topic, ConsumerRecord<byte[], byte[]> record, Class<T> type) {
    try (AvroDeserializer<T> deserializer = new AvroDeserializer<>(type, pipeline.schemas())) {
      return Objects.requireNonNull(deserializer.deserialize(topic, record.value()), topic);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String source(Vendor vendor) {
    return switch (vendor) {
      case ENVOY -> "hq-envoy";
      case SIGN_IN_APP -> "lobby-sia";
      case ESSENTRY -> "berlin";
      case KYBERACCESS -> "hq-kyber";
      case CURACEL -> "clinics";
      case STANDARD_WEBHOOKS -> "partner";
    };
  }
}
