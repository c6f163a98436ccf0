package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
  private static final String ALERTS = "C0ALERTS";
  private static final String DESK = "U0DESK";
  private static final String OTHER = "U0OTHER";
  private static final String RULES =
      """
      routes:
        - { source: lobby, channel: %s }
        - { source: gate, channel: %s, sensitivities: [standard, restricted] }
      reviewers:
        - { source: gate, users: [%s], within: 10m }
      alerts:
        - { channel: %s, kinds: [unscreened-entry] }
      """
          .formatted(LOBBY, GATE, DESK, ALERTS);

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
            .channel(ALERTS, "alerts")
            .user(DESK, "Front desk", "desk@example.com")
            .user(OTHER, "Somebody else", "other@example.com");
    Files.writeString(dir.resolve("slack.yml"), RULES);
    Files.writeString(
        dir.resolve("vestibule.yml"),
        """
        vestibule:
          sources:
            lobby: { vendor: envoy, secrets: ["lobby-secret"] }
            gate:  { vendor: envoy, secrets: ["gate-secret"], screen: { default-outcome: review } }
          sinks:
            frontdesk:
              type: slack
              token: xoxb-token
              signing-secrets: ["%s"]
              sensitivities: [standard, restricted]
              rules: slack.yml
              api-url: "%s"
        """
            .formatted(SECRET, slack.url()));
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
    assertThat(reviews()).isEmpty();

    // When, then
    assertThat(post(new Click(denied.body() + "%20", denied.headers()))).isEqualTo(401);
    assertThat(post(denied)).isEqualTo(200);
    assertThat(post(approved)).isEqualTo(200);
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(reviews()).hasSize(1));
    Review review = reviews().getFirst();
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
    assertThat(reviews()).hasSize(1);
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
    String now = ENVOY.format(Instant.now());
    String times =
        event.endsWith("sign_out")
            ? "\"signed-in-at\":\"%s\",\"signed-out-at\":\"%s\"".formatted(now, now)
            : "\"signed-in-at\":\"%s\"".formatted(now);
    String body =
        """
        {"meta":{"event":"%s","location":{"id":"143","type":"locations"}},\
        "payload":{"id":"%s","type":"entries","attributes":{"full-name":"%s",%s}}}\
        """
            .formatted(event, id, name, times);
    URI hook = URI.create(installation.ingressUrl()).resolve("/hooks/" + source);
    try (HttpLine line = new HttpLine()) {
      assertThat(
              line.send(
                      hook,
                      VendorSigner.forSource(source(source))
                          .sign(body.getBytes(UTF_8), event + id, Instant.now()))
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

  private List<Review> reviews() {
    List<Review> reviews = new ArrayList<>();
    try (HttpSchemaRegistry registry = new HttpSchemaRegistry(installation.registryUrl(), null)) {
      AvroDeserializer<Review> reader = new AvroDeserializer<>(Review.class, registry);
      Log.read(installation.bootstrap(), Topics.REVIEWS)
          .forEach(record -> reviews.add(reader.deserialize(record.topic(), record.value())));
    }
    return reviews;
  }
}
