package dev.vestibule.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlState.Entry;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The commands for people against a whole installation, and what a restart keeps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class InstallationTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final ObjectMapper json = new ObjectMapper();
  private Path dir;
  private Installation installation;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    dir = folder;
    StarterConfig.create(dir.resolve(StarterConfig.FILE), new Random(7));
    installation = Installation.start(config(), dir, Ports.free());
  }

  @AfterAll
  void stop() {
    installation.close();
  }

  @Test
  void whatIsSentCanBeReadAndAskedForAlsoAfterARestartOnOtherPorts() throws Exception {
    // Given
    Output sent = vestibule("send", "--source", "hq-kyber", "--sample", "visitor.checked_in");
    assertThat(sent.code()).isZero();
    assertThat(sent.out())
        .matches("status=200 receipt=visitor\\.raw\\.kyberaccess-\\d@0 time=\\d+ms\n");
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(rows()).isEqualTo(1));
    JsonNode before = onlyEvent();
    assertThat(before.at("/value/type").asText()).isEqualTo("SIGNED_IN");
    assertThat(before.at("/headers/vestibule-verdict").asText()).isEqualTo("NEW");
    int port = URI.create(installation.ingressUrl()).getPort();

    // When
    installation.close();
    assertThat(dir.resolve("run.json")).doesNotExist();
    installation = Installation.start(config(), dir, Ports.free());

    // Then
    assertThat(URI.create(installation.ingressUrl()).getPort()).isNotEqualTo(port);
    assertThat(onlyEvent()).isEqualTo(before);
    assertThat(rows()).isEqualTo(1);
  }

  @Test
  void theFolderHoldsOneInstallationAndItsSecretsAreTheOwnersAlone() throws Exception {
    assertThatThrownBy(() -> Installation.start(config(), dir, Ports.free()))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("is in use by another vestibule");
    for (String name : new String[] {"run.json", "identity.key", "vestibule.yml"}) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void rowsAreShownToHoldersOfTheTokenOnly() throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(installation.adminUrl() + "/sql"))
            .POST(BodyPublishers.ofString("{\"sql\":\"SELECT 1\"}"));
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<String> without = http.send(request.build(), BodyHandlers.ofString());
      HttpResponse<String> wrong =
          http.send(
              request.header("Authorization", "Bearer wrong").build(), BodyHandlers.ofString());

      assertThat(without.statusCode()).isEqualTo(401);
      assertThat(wrong.statusCode()).isEqualTo(401);
    }
  }

  @Test
  void answersComeAsTableJsonOrCsvAndRefusalsAsOneLine() {
    String sql = "SELECT 1 AS n, 'a,b' AS t, NULL AS nothing";

    assertThat(sql(sql, "json").out()).isEqualTo("[{\"n\":1,\"t\":\"a,b\",\"nothing\":null}]\n");
    assertThat(sql(sql, "csv").out()).isEqualTo("n,t,nothing\r\n1,\"a,b\",\r\n");
    assertThat(sql(sql, "table").out()).contains("n", "a,b", "(1 row)");
    Output refused = sql("DROP TABLE visitor_event", "table");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.out()).isEmpty();
    assertThat(refused.err()).hasLineCount(1);
  }

  @Test
  void theBrokersAddressAloneIsEnoughToReadAvro() {
    Output sent = vestibule("send", "--source", "partner", "--sample", "visitor.arrived");
    assertThat(sent.code()).as(sent.err()).isZero();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          Output tail = run("tail", Topics.EVENTS, "--bootstrap", installation.bootstrap());
          assertThat(tail.code()).isZero();
          assertThat(tail.out().lines())
              .anySatisfy(line ->
                  assertThat(json.readTree(line).at("/value/source").asText())
                      .isEqualTo("partner"));
        });
  }

  @Test
  void aDeliveryIsFollowedByReceiptRequestIdEventIdAndVisit() throws Exception {
    // Given
    Output sent = vestibule("send", "--source", "berlin", "--sample", "check-in.onsite");
    assertThat(sent.code()).as(sent.err()).isZero();
    String receipt = sent.out().replaceAll("(?s).*receipt=(\\S+).*", "$1");

    // When it has come to its end
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(vestibule("visit", receipt).code()).isZero());

    // Then it is told stage by stage, and all that it can be called by leads to it
    Output told = vestibule("visit", receipt);
    assertThat(told.out())
        .containsSubsequence(
            "accepted     berlin (essentry, webhook)",
            "raw          " + receipt,
            "normalized   SIGNED_IN",
            "verdict      NEW at visitor.events-",
            "warehouse    has it",
            "Nothing is stuck: warehouse got what there was to deliver.");
    JsonNode trace = json.readTree(vestibule("visit", "--json", receipt).out()).at("/deliveries/0");
    String visit =
        onlyRow("SELECT visit_id AS id FROM visitor_event WHERE source = 'berlin' LIMIT 1");
    for (String id :
        List.of(
            trace.at("/accepted/request_id").asText(),
            trace.at("/events/0/event_id").asText(),
            visit,
            "berlin:" + visit)) {
      Output found = vestibule("visit", "--json", id);
      assertThat(found.code()).as(id).isZero();
      assertThat(json.readTree(found.out()).at("/deliveries/0/receipt").asText())
          .as(id)
          .isEqualTo(receipt);
    }
  }

  @Test
  void withoutPoliciesEnvoysHookIsAnsweredThatAPersonMustLook() throws Exception {
    Output asked =
        vestibule("send", "--screen", "--source", "hq-envoy", "--sample", "entry_sign_in");

    assertThat(asked.code()).as(asked.err()).isEqualTo(Vestibule.AMISS);
    assertThat(asked.out()).startsWith("status=412 receipt=- time=");
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(vestibule("tail", "visitor.decisions").out())
                .contains("\"outcome\":\"REVIEW\"", "\"reason\":\"no_policy\""));
    assertThat(vestibule("send", "--screen", "--source", "berlin", "--sample", "x").err())
        .contains("--screen: only Envoy asks; berlin is a source of essentry");
  }

  @Test
  void aDeliveryIsFollowedFromTheSpoolOfTheIngressIntoKafka() throws Exception {
    // Given an ingress that must not write the topic
    String receipt;
    tell(Entry.pause(WriterKind.INGRESS, new Pause("pause", Vendor.ENVOY.rawTopic())));
    try {
      receipt =
          await()
              .atMost(PATIENCE)
              .until(
                  () -> {
                    Output sent =
                        vestibule("send", "--source", "hq-envoy", "--sample", "entry_sign_in");
                    return sent.out().replaceAll("(?s).*receipt=(\\S+).*", "$1");
                  },
                  sent -> sent.startsWith("spool-hq-envoy@"));

      Output waiting = vestibule("visit", receipt);

      assertThat(waiting.code()).as(waiting.err()).isEqualTo(Vestibule.AMISS);
      assertThat(waiting.out())
          .contains(
              "accepted     hq-envoy (envoy)",
              "waits for    Kafka to take " + receipt,
              "It lies safe in the ingress's spool");
    } finally {
      // When
      tell(Entry.resume(WriterKind.INGRESS));
    }

    // Then
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(vestibule("visit", receipt).code()).isZero());
    assertThat(vestibule("visit", receipt).out())
        .containsSubsequence(
            "raw          visitor.raw.envoy-", "normalized   SIGNED_IN", "verdict");
  }

  private void tell(Entry entry) throws Exception {
    try (Producer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", installation.bootstrap()),
            new StringSerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(Topics.CONTROL, entry.key(), entry.value())).get();
    }
  }

  @Test
  void aVisitThatNobodyKnowsIsOneLineAndExitCodeOne() {
    Output unknown = vestibule("visit", "visitor.raw.essentry-0@999");

    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.out()).isEmpty();
    assertThat(unknown.err())
        .hasLineCount(1)
        .startsWith("vestibule: there is no record visitor.raw.essentry-0@999");
  }

  @Test
  void theBoardShowsWhatCameInAndThatNobodyIsBehind() throws Exception {
    assertThat(vestibule("send", "--source", "partner", "--sample", "visitor.arrived").code())
        .isZero();
    URI board = URI.create(installation.adminUrl() + "/board.json");

    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest request = HttpRequest.newBuilder(board).build();
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            JsonNode seen = json.readTree(http.send(request, BodyHandlers.ofString()).body());
            assertThat(seen.at("/problem").isNull()).isTrue();
            assertThat(seen.at("/stages").findValuesAsText("stage"))
                .containsExactly("normalizer", "deduper", "warehouse");
            assertThat(seen.at("/stages").findValuesAsText("lag")).containsOnly("0");
            assertThat(seen.at("/stages").findValuesAsText("members")).doesNotContain("0", "-1");
            assertThat(seen.at("/verdicts/NEW").asInt()).isPositive();
            assertThat(seen.at("/sources").findValuesAsText("name")).contains("partner");
          });
    }
  }

  private String onlyRow(String sql) throws Exception {
    return json.readTree(sql(sql, "json").out()).at("/0/id").asText();
  }

  private VestibuleConfig config() {
    return ConfigLoader.load(dir.resolve(StarterConfig.FILE), dir, Map.of());
  }

  private JsonNode onlyEvent() throws Exception {
    Output tail = vestibule("tail", Topics.EVENTS, "--from-beginning");
    List<String> arrivals =
        tail.out().lines().filter(line -> line.contains("kyberaccess")).toList();
    assertThat(arrivals).hasSize(1);
    return json.readTree(arrivals.getFirst());
  }

  private int rows() throws Exception {
    Output answer =
        sql("SELECT count(*) AS n FROM visitor_event WHERE vendor = 'kyberaccess'", "json");
    return json.readTree(answer.out()).at("/0/n").asInt();
  }

  private Output sql(String sql, String format) {
    return vestibule("sql", "--format", format, sql);
  }

  /** Runs a command on this test's data folder. */
  private Output vestibule(String... args) {
    String[] all = new String[args.length + 2];
    all[0] = args[0];
    all[1] = "--data-dir";
    all[2] = dir.toString();
    System.arraycopy(args, 1, all, 3, args.length - 1);
    return run(all);
  }

  private static Output run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code = Vestibule.run(stream(out), stream(err), args);
    return new Output(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private record Output(int code, String out, String err) {}
}
