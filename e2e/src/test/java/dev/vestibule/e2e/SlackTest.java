package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.IdentityKeys;
import dev.vestibule.config.IdentityKeys.IfAbsent;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.AlertSeverity;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.fake.slack.Click;
import dev.vestibule.fake.slack.FakeMessage;
import dev.vestibule.fake.slack.FakeSlack;
import dev.vestibule.fake.slack.Fault;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import dev.vestibule.standalone.Installation;
import dev.vestibule.standalone.Ports;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.VendorSigner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** From a vendor's webhook to a channel, and from a button back to everybody who must know. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlackTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final DateTimeFormatter ENVOY =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);
  private static final String SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
  private static final String LOBBY = "C0LOBBY";
  private static final String GATE = "C0GATE";
  private static final String KIOSK = "C0KIOSK";
  private static final String ALERTS = "C0ALERTS";
  private static final String GROUP = "S0GUARDS";
  private static final String DESK = "U0DESK";
  private static final String OTHER = "U0OTHER";
  private static final String RULES =
      """
      routes:
        - { source: lobby, channel: %s }
        - { source: gate, channel: %s, sensitivities: [standard, restricted] }
        - { source: lobby, direct-message: host, thread: true }
        - { source: kiosk, channel: %s, sensitivities: [standard, restricted] }
      reviewers:
        - { source: gate, users: [%s], within: 10m }
        - { source: kiosk, groups: [%s], approve-transition: Let in, deny-transition: Send away }
      alerts:
        - { channel: %s, kinds: [unscreened-entry] }
      """
          .formatted(LOBBY, GATE, KIOSK, DESK, GROUP, ALERTS);

  /** What essentry was told: the token and the body. */
  private final List<String> transitions = new CopyOnWriteArrayList<>();

  private HttpServer essentry;
  private FakeSlack slack;
  private Installation installation;
  private IdentityKey identity;
  private Path folder;

  @BeforeAll
  void start(@TempDir Path dir) throws Exception {
    folder = dir;
    slack =
        FakeSlack.start("xoxb-token", SECRET, InstantSource.system())
            .channel(LOBBY, "lobby")
            .channel(GATE, "gate")
            .channel(KIOSK, "kiosk")
            .channel(ALERTS, "alerts")
            .group(GROUP, Set.of(OTHER))
            .user(DESK, "Front desk", "desk@example.com")
            .user(OTHER, "Somebody else", "other@example.com");
    essentry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    essentry.createContext("/transitions", this::transition);
    essentry.start();
    Files.writeString(dir.resolve("slack.yml"), RULES);
    Files.writeString(
        dir.resolve("vestibule.yml"),
        """
        vestibule:
          sources:
            lobby: { vendor: envoy, secrets: ["lobby-secret"] }
            gate:  { vendor: envoy, secrets: ["gate-secret"], screen: { default-outcome: review } }
            kiosk:
              vendor: essentry
              auth: { scheme: static-header, header: Authorization, value: "Bearer kiosk" }
              states: { Pending: REVIEW_REQUIRED }
          sinks:
            frontdesk:
              type: slack
              token: xoxb-token
              signing-secrets: ["%s"]
              # More than any rule names.
              sensitivities: [standard, restricted, health]
              rules: slack.yml
              api-url: "%s"
              transitions-url: "http://127.0.0.1:%s/transitions"
              transitions-token: essentry-token
        """
            .formatted(SECRET, slack.url(), essentry.getAddress().getPort()));
    begin();
    VestibuleConfig config = installation.config();
    identity = IdentityKeys.open(config.identity().keyFile(), dir, IfAbsent.REFUSE);
  }

  private void begin() throws Exception {
    VestibuleConfig config = ConfigLoader.load(folder.resolve("vestibule.yml"), folder, Map.of());
    installation = Installation.start(config, folder, Ports.free());
  }

  @AfterAll
  void stop() {
    installation.close();
    slack.close();
    essentry.stop(0);
  }

  private void transition(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    transitions.add(exchange.getRequestHeaders().getFirst("Authorization") + " " + body);
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @Test
  void aVisitIsOneMessageThatIsChangedInPlaceAlsoAcrossARestart() throws Exception {
    // When
    entry("lobby", "entry_sign_in", "1001", "Ada <!channel> Lovelace");

    // Then
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(of("1001")).hasSize(1));
    FakeMessage posted = of("1001").getFirst();
    assertThat(posted.text()).startsWith("Visitor signed in: Ada ").doesNotContain("<!channel>");

    // When
    installation.close();
    begin();
    entry("lobby", "entry_sign_out", "1001", "Ada <!channel> Lovelace");

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(of("1001"))
                .singleElement()
                .extracting(FakeMessage::text)
                .asString()
                .startsWith("Visitor signed out: Ada "));
    assertThat(of("1001").getFirst().ts()).isEqualTo(posted.ts());
  }

  @Test
  void aPostWhoseAnswerIsLostIsFoundAgainAndNotRepeated() throws Exception {
    slack.next("chat.postMessage", Fault.drop().afterDoing());

    entry("lobby", "entry_sign_in", "2001", "Jo Lost");
    entry("lobby", "entry_sign_out", "2001", "Jo Lost");

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(of("2001"))
                .singleElement()
                .extracting(FakeMessage::text)
                .asString()
                .startsWith("Visitor signed out: Jo L."));
  }

  @Test
  void aReviewIsAnsweredByWhoMayAndIsOnTheTopicForEverybody() throws Exception {
    // Given
    try (Visitors visitors = new Visitors(port(), source("gate"))) {
      assertThat(visitors.ask("3001").status()).isEqualTo(412);
    }
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.messages(GATE))
                .anySatisfy(message -> assertThat(message.button("visit_approve")).isNotNull()));
    FakeMessage asked =
        slack.messages(GATE).stream()
            .filter(message -> message.button("visit_approve") != null)
            .findFirst()
            .orElseThrow();

    // When, then
    Click denied = slack.click(GATE, asked.ts(), "visit_deny", DESK, Instant.now());
    Click approved = slack.click(GATE, asked.ts(), "visit_approve", DESK, Instant.now());
    assertThat(post(slack.click(GATE, asked.ts(), "visit_approve", OTHER, Instant.now())))
        .isEqualTo(200);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.told())
                .anySatisfy(told -> {
                  assertThat(told.user()).isEqualTo(OTHER);
                  assertThat(told.message().toString()).contains("not among those who may answer");
                }));
    assertThat(reviews("gate")).isEmpty();

    // When, then
    assertThat(post(new Click(denied.body() + "%20", denied.headers()))).isEqualTo(401);
    assertThat(post(denied)).isEqualTo(200);
    assertThat(post(approved)).isEqualTo(200);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(reviews("gate")).hasSize(1));
    Review review = reviews("gate").getFirst();
    assertThat(review.getOutcome()).isEqualTo(ReviewOutcome.REFUSED);
    assertThat(review.getAnsweredBy()).isEqualTo(DESK);
    assertThat(review.getVisitKey()).isEqualTo(identity.visit("gate", "3001"));
    assertThat(review.getSink()).isEqualTo("frontdesk");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          FakeMessage now =
              slack.messages(GATE).stream()
                  .filter(message -> message.ts().equals(asked.ts()))
                  .findFirst()
                  .orElseThrow();
          assertThat(now.button("visit_approve")).isNull();
          assertThat(now.text()).startsWith("Visitor denied");
          assertThat(now.blocks().toString()).contains("Denied by <@" + DESK + ">");
        });
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.told())
                .anySatisfy(told ->
                    assertThat(told.message().toString()).contains("has answered already")));
    assertThat(reviews("gate")).hasSize(1);
  }

  @Test
  void anAnswerOfAGroupsMemberMovesTheCheckInOnAtItsVendorOnce() throws Exception {
    // Given
    send(
        "kiosk",
        """
        {"checkIn":{"id":5001,"state":"Pending","firstName":"Jo","lastName":"Pending",\
        "email":"jo@example.com","legitimation":{"sourceId":"inv-1"}}}\
        """,
        "5001");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.messages(KIOSK))
                .singleElement()
                .satisfies(message -> {
                  assertThat(message.text()).startsWith("Visitor needs a review: Jo P.");
                  assertThat(message.button("visit_approve")).isNotNull();
                }));
    String ts = slack.messages(KIOSK).getFirst().ts();
    Click click = slack.click(KIOSK, ts, "visit_approve", OTHER, Instant.now());

    // When
    assertThat(post(click)).isEqualTo(200);
    assertThat(post(click)).isEqualTo(200);

    // Then
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(transitions).hasSize(1));
    assertThat(transitions.getFirst())
        .startsWith("Bearer essentry-token {")
        .contains("\"eventName\":\"Let in\"", "\"id\":5001");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          FakeMessage message = slack.messages(KIOSK).getFirst();
          assertThat(message.text()).startsWith("Visitor approved: Jo P.");
          assertThat(message.blocks().toString()).contains("Approved by <@" + OTHER + ">");
        });
    assertThat(reviews("kiosk"))
        .extracting(Review::getOutcome)
        .containsExactly(ReviewOutcome.APPROVED);
    assertThat(transitions).hasSize(1);
  }

  @Test
  void aHostIsToldInPersonAndEachStepBelowIt() throws Exception {
    String host = "\"host\":\"Other Person\",\"host-email\":\"Other@Example.com\",";
    entry("lobby", "entry_sign_in", "6001", "Jo Guest", host);
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.messages(OTHER))
                .extracting(FakeMessage::text)
                .containsExactly("Visitor signed in: Jo G. at 143, host Other P."));
    entry("lobby", "entry_sign_out", "6001", "Jo Guest", "");

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.messages(OTHER))
                .singleElement()
                .satisfies(message -> {
                  assertThat(message.text()).startsWith("Visitor signed out: Jo G.");
                  assertThat(message.replies())
                      .singleElement()
                      .satisfies(
                          reply -> assertThat(reply.text()).startsWith("Visitor signed out"));
                }));
  }

  @Test
  void whatNoRuleNamesIsNotEvenRead() throws Exception {
    Map<String, Object> kafka = Map.of("bootstrap.servers", installation.bootstrap());
    String group = "vestibule-sink-frontdesk";
    try (Admin admin = Admin.create(kafka)) {
      assertThat(
              Objects.requireNonNull(
                      admin.describeConsumerGroups(List.of(group)).all().get().get(group))
                  .members()
                  .stream()
                  .flatMap(member -> member.assignment().topicPartitions().stream())
                  .map(TopicPartition::topic))
          .containsOnly(Topics.EVENTS, Topics.EVENTS_RESTRICTED, Topics.replay("frontdesk").name());
    }
  }

  @Test
  void whoEntersUnscreenedIsAnAlertInItsChannelAndACopyIsNoOther() throws Exception {
    alert("first");
    alert("first");
    alert("second");

    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(slack.messages(ALERTS))
                .hasSize(2)
                .allSatisfy(message -> assertThat(message.text()).contains("source gate")));
  }

  // ---- Parts

  private List<FakeMessage> of(String visit) {
    return slack.messages(LOBBY).stream()
        .filter(message -> message.blocks().toString().contains("\"visit " + visit + "\""))
        .toList();
  }

  private int post(Click click) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(installation.ingressUrl()).resolve("/hooks/frontdesk/interactions"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(click.bytes()));
    click.headers().forEach(request::header);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private SourceConfig source(String name) {
    return Objects.requireNonNull(installation.config().sources().get(name), name);
  }

  private int port() {
    return URI.create(installation.ingressUrl()).getPort();
  }

  private void entry(String source, String event, String id, String name) throws Exception {
    entry(source, event, id, name, "");
  }

  /**
   * @param more attributes, each with a comma behind it
   */
  private void entry(String source, String event, String id, String name, String more)
      throws Exception {
    String now = ENVOY.format(Instant.now());
    String times =
        event.endsWith("sign_out")
            ? "\"signed-in-at\":\"%s\",\"signed-out-at\":\"%s\"".formatted(now, now)
            : "\"signed-in-at\":\"%s\"".formatted(now);
    send(
        source,
        """
        {"meta":{"event":"%s","location":{"id":"143","type":"locations"}},\
        "payload":{"id":"%s","type":"entries","attributes":{"full-name":"%s",%s%s}}}\
        """
            .formatted(event, id, name, more, times),
        event + id);
  }

  private void send(String source, String body, String id) throws Exception {
    URI hook = URI.create(installation.ingressUrl()).resolve("/hooks/" + source);
    try (HttpLine line = new HttpLine()) {
      assertThat(
              line.send(
                      hook,
                      VendorSigner.forSource(source(source))
                          .sign(body.getBytes(UTF_8), id, Instant.now()))
                  .status())
          .isEqualTo(200);
    }
  }

  private void alert(String id) throws Exception {
    Alert alert =
        Alert.newBuilder()
            .setAlertId(id)
            .setKind("unscreened-entry")
            .setSeverity(AlertSeverity.CRITICAL)
            .setSource("gate")
            .setVisitKey(id)
            .setOccurredAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
            .setRaisedAt(Instant.now().truncatedTo(ChronoUnit.MICROS))
            .setDetails(Map.of())
            .build();
    Map<String, Object> kafka = Map.of("bootstrap.servers", installation.bootstrap());
    try (HttpSchemaRegistry registry = new HttpSchemaRegistry(installation.registryUrl(), null);
        AvroSerializer values = new AvroSerializer(registry);
        Producer<byte[], byte[]> producer =
            new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
      byte[] value = values.serialize(Topics.ALERTS, alert);
      producer.send(new ProducerRecord<>(Topics.ALERTS, id.getBytes(UTF_8), value)).get();
    }
  }

  private List<Review> reviews(String source) {
    List<Review> reviews = new ArrayList<>();
    try (HttpSchemaRegistry registry = new HttpSchemaRegistry(installation.registryUrl(), null)) {
      AvroDeserializer<Review> reader = new AvroDeserializer<>(Review.class, registry);
      Log.read(installation.bootstrap(), Topics.REVIEWS)
          .forEach(record -> reviews.add(reader.deserialize(record.topic(), record.value())));
    }
    return reviews.stream().filter(review -> review.getSource().equals(source)).toList();
  }
}
