package dev.vestibule.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.sink.warehouse.Answer;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.simulator.HttpLine;
import dev.vestibule.standalone.simulator.VendorSigner;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Visitors with and without a call sign in at a door with a hook, and at one without. */
class UnscreenedEntryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String GATE = "gate";
  private static final String SCREENED =
      GATE
          + ": { vendor: envoy, secrets: [\"gate-secret\"], screen: { default-outcome: approve } }";

  @TempDir Path folder;

  @Test
  void onlyWhoCameInWithoutADecisionIsRaisedOnceAndWithoutAName() throws Exception {
    AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0);
        Pipeline pipeline =
            Pipeline.start(
                broker.bootstrap(), folder, SCREENED, () -> Instant.now().plus(later.get()));
        Visitors visitors = new Visitors(pipeline.ingress().getPort(), pipeline.source(GATE))) {
      // Given
      assertThat(visitors.ask("100").status()).isIn(200, 412);
      signIn(pipeline, GATE, "100");
      signIn(pipeline, GATE, "101");
      signIn(pipeline, "hq-envoy", "102");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(signIns(broker.bootstrap())).hasSize(3));
      await().atMost(PATIENCE).until(() -> waiting(pipeline) == 2);
      assertThat(Log.read(broker.bootstrap(), Topics.ALERTS)).as("before it is time").isEmpty();

      // When another deduper takes over, and two minutes are over
      pipeline.restartBehindTheIngress();
      later.set(Duration.ofMinutes(3));

      // Then
      await().atMost(PATIENCE).until(() -> !Log.read(broker.bootstrap(), Topics.ALERTS).isEmpty());
      signIn(pipeline, GATE, "101");
      signIn(pipeline, GATE, "103");
      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(signIns(broker.bootstrap())).hasSize(4));
      later.set(Duration.ofMinutes(6));
      await().atMost(PATIENCE).until(() -> Log.read(broker.bootstrap(), Topics.ALERTS).size() >= 2);
      List<ConsumerRecord<byte[], byte[]>> records = Log.read(broker.bootstrap(), Topics.ALERTS);
      AvroDeserializer<Alert> reader = new AvroDeserializer<>(Alert.class, pipeline.schemas());
      List<Alert> alerts =
          records.stream().map(one -> reader.deserialize(one.topic(), one.value())).toList();
      assertThat(alerts).extracting(Alert::getKind).containsOnly("unscreened-entry");
      assertThat(alerts).extracting(Alert::getSource).containsOnly(GATE);
      assertThat(alerts.toString()).doesNotContain("Jo Doe");
      assertThat(pipeline.meters().counter("vestibule.unscreened.entries", "source", GATE).count())
          .isEqualTo(2);

      // And the warehouse knows whose they are, and what was decided about the other
      assertRows(
          pipeline,
          "SELECT visit_id FROM alerts JOIN visitor_event USING (event_id, visit_hash) ORDER BY 1",
          List.of(List.of("101"), List.of("103")));
      assertRows(
          pipeline,
          "SELECT visit_key FROM decision_of_visit",
          List.of(List.of(GATE + ":envoy:100")));
    }
  }

  private static void signIn(Pipeline pipeline, String name, String entry) throws Exception {
    SourceConfig source = pipeline.source(name);
    byte[] body =
        """
        {"meta":{"event":"entry_sign_in","location":{"id":"143","type":"locations"}},\
        "payload":{"id":"%s","type":"entries","attributes":{"full-name":"Jo Doe",\
        "signed-in-at":"2026-11-20 09:00:00"}}}\
        """
            .formatted(entry)
            .getBytes(UTF_8);
    URI hook = pipeline.ingress().resolve("/hooks/" + name);
    try (HttpLine line = new HttpLine()) {
      assertThat(
              line.send(hook, VendorSigner.forSource(source).sign(body, entry, Instant.now()))
                  .status())
          .isEqualTo(200);
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> signIns(String bootstrap) {
    return Log.read(bootstrap, Topics.EVENTS).stream()
        .filter(
            record -> String.valueOf(Log.header(record, Headers.CE_TYPE)).endsWith(".signed_in"))
        .toList();
  }

  private static double waiting(Pipeline pipeline) {
    return pipeline.meters().get("vestibule.unscreened.waiting").gauge().value();
  }

  private static void assertRows(Pipeline pipeline, String sql, List<List<String>> expected) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(pipeline.warehouse().query().ask(sql))
                .isInstanceOfSatisfying(
                    Answer.Rows.class, rows -> assertThat(rows.rows()).isEqualTo(expected)));
  }
}
