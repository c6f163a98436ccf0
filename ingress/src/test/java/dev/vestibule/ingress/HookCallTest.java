package dev.vestibule.ingress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.ingress.decision.HookBody;
import dev.vestibule.ingress.decision.Known;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.serde.AvroDeserializer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The routes of Envoy's hook over HTTP. */
class HookCallTest {
  private static final String REVIEW =
      "{\"message\":\"Front \\\"Door\\\": please check this visitor by hand.\"}";
  private static final ScreenConfig SCREEN =
      new ScreenConfig(
          "Front \"Door\"",
          DecisionOutcome.APPROVE,
          Set.of(),
          Duration.ofSeconds(60),
          Duration.ofMillis(1000),
          Duration.ofMillis(1500));
  private static final byte[] BODY = HookBody.entry("19", "Jane Doe", "143");

  @Test
  void anApprovedCallIs200AndBothItAndTheDecisionAreInKafka() {
    try (Ingress ingress = approving()) {
      HttpResponse<String> answer = screen(ingress, BODY);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{}");
      assertThat(answer.headers().firstValue("Vestibule-Receipt").orElseThrow())
          .startsWith("visitor.decisions-3@");
      assertThat(answer.headers().map()).doesNotContainKey("vestibule-write");
      RawRecord raw = raw(ingress).getFirst();
      assertThat(raw.topic()).isEqualTo("visitor.raw.envoy");
      assertThat(raw.key()).isEqualTo("hq:19");
      assertThat(raw.headers()).containsEntry(Headers.PATH, "hook");
      await().until(() -> decisions(ingress).size() == 2);
      assertThat(decisions(ingress))
          .extracting(Decision::getPhase)
          .containsExactly(DecisionPhase.DECIDED, DecisionPhase.ANSWERED);
      Decision answered = decisions(ingress).getLast();
      assertThat(answered.getAnswerWritten()).isTrue();
      assertThat(answered.getRequestId()).isEqualTo(raw.headers().get(Headers.REQUEST_ID));
      assertThat(ingress.count("answered", "source", "hq-envoy")).isEqualTo(1);
    }
  }

  @Test
  void withoutKnowledgeEveryCallIs412WithTheAppsName() {
    try (Ingress ingress = Ingress.with(screening())) {
      HttpResponse<String> answer = screen(ingress, BODY);

      assertThat(answer.statusCode()).isEqualTo(412);
      assertThat(answer.body()).isEqualTo(REVIEW);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
    }
  }

  @Test
  void anIngressThatScreensIsNotReadyBeforeItKnowsWhatDecisionsRestOn() {
    try (Ingress unknowing = Ingress.with(screening());
        Ingress knowing = approving();
        Ingress other = Ingress.with(Signed.kyberaccess())) {
      assertThat(unknowing.application.ready()).isFalse();
      assertThat(knowing.application.ready()).isTrue();
      assertThat(other.application.ready()).as("it does not screen").isTrue();
    }
  }

  @Test
  void aForgedOrUnsignedCallIs401AndLeavesNothing() {
    try (Ingress ingress = approving()) {
      HttpResponse<String> unsigned = ingress.post("/hooks/hq-envoy/screen", BODY);
      HttpResponse<String> forged =
          ingress.post(
              "/hooks/hq-envoy/screen",
              BODY,
              "X-Envoy-Signature",
              Signed.base64(Signed.utf8("another")));

      assertThat(unsigned.statusCode()).isEqualTo(401);
      assertThat(forged.statusCode()).isEqualTo(401);
      assertThat(forged.body()).isEqualTo("{}");
      assertThat(ingress.publisher.records()).isEmpty();
      assertThat(ingress.count("rejected", "reason", "signature_mismatch")).isEqualTo(1);
    }
  }

  @Test
  void onlyEnvoysSourcesHaveTheRoutes() {
    try (Ingress ingress = Ingress.with(Signed.kyberaccess(), screening())) {
      for (String route : List.of("/screen", "/setup")) {
        assertThat(ingress.post("/hooks/hq-kyber" + route, BODY).statusCode()).isEqualTo(404);
        assertThat(ingress.post("/hooks/nobody" + route, BODY).statusCode()).isEqualTo(404);
      }
    }
  }

  @Test
  void aGenuineCallThatIsTooLargeIs412AndWrittenDownButNotStored() {
    try (Ingress ingress = approving()) {
      byte[] body = HookBody.entry("19", "J".repeat(SourceConfig.DEFAULT_MAX_BODY_BYTES), "143");

      HttpResponse<String> answer = screen(ingress, body);

      assertThat(answer.statusCode()).isEqualTo(412);
      assertThat(answer.body()).isEqualTo(REVIEW);
      await().until(() -> !decisions(ingress).isEmpty());
      assertThat(decisions(ingress).getFirst().getReason()).isEqualTo("too_large");
      assertThat(raw(ingress)).isEmpty();
    }
  }

  @Test
  void aForgedCallThatIsTooLargeIs401() {
    try (Ingress ingress = approving()) {
      byte[] body = HookBody.entry("19", "J".repeat(SourceConfig.DEFAULT_MAX_BODY_BYTES), "143");

      assertThat(ingress.post("/hooks/hq-envoy/screen", body).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void whatIsTooLargeToBeReadAtAllIs412AndNotWrittenDown() {
    try (Ingress ingress = approving()) {
      HttpResponse<String> answer =
          ingress.post("/hooks/hq-envoy/screen", new byte[4 * 1024 * 1024 + 1]);

      assertThat(answer.statusCode()).isEqualTo(412);
      assertThat(answer.body()).isEqualTo(REVIEW);
      assertThat(ingress.publisher.records()).isEmpty();
      assertThat(ingress.count("unavailable", "reason", "too_large")).isEqualTo(1);
    }
  }

  @Test
  void withoutRoomForARequestItIs412() {
    try (Ingress ingress = Ingress.withPendingBytes(1, screening())) {
      HttpResponse<String> answer = screen(ingress, BODY);

      assertThat(answer.statusCode()).isEqualTo(412);
      assertThat(answer.body()).isEqualTo(REVIEW);
      assertThat(ingress.count("unavailable", "reason", "pending_bytes")).isEqualTo(1);
    }
  }

  @Test
  void overItsRateACallIs412() {
    SourceConfig slow =
        new SourceConfig(
                "hq-envoy",
                Vendor.ENVOY,
                "hq",
                List.of(new Secret(Signed.SECRET)),
                null,
                SourceConfig.SignatureMode.REQUIRED,
                List.of(),
                null,
                null,
                SourceConfig.DEFAULT_MAX_BODY_BYTES,
                1,
                List.of(),
                List.of(),
                Map.of(),
                Map.of(),
                null)
            .withScreen(SCREEN);
    try (Ingress ingress = Ingress.knowing(Known.nobodyIsWatched(Ingress.NOW), slow)) {
      boolean refused = false;
      for (int i = 0; i < 50 && !refused; i++) {
        refused = screen(ingress, HookBody.entry("e" + i, "Jane Doe", "143")).statusCode() == 412;
      }

      assertThat(refused).isTrue();
      await()
          .until(() ->
              decisions(ingress).stream().anyMatch(d -> d.getReason().equals("rate_limited")));
    }
  }

  @Test
  void withoutKafkaACallIs412() {
    try (Ingress ingress = approving()) {
      ingress.publisher.failWith(PublishException.Reason.TIMEOUT);

      assertThat(screen(ingress, BODY).statusCode()).isEqualTo(412);
    }
  }

  @Test
  void withASilentKafkaACallIs412ByItsHardDeadline() {
    try (Ingress ingress = approving()) {
      ingress.publisher.neverAnswer();

      assertThat(screen(ingress, BODY).statusCode()).isEqualTo(412);
      assertThat(
              ingress
                  .meters
                  .find("vestibule.ingress.screened")
                  .tags("reason", "hard_deadline")
                  .timer())
          .isNotNull();
    }
  }

  @Test
  void aBodyThatNobodyCanReadIs412() {
    try (Ingress ingress = approving()) {
      assertThat(screen(ingress, Signed.utf8("no json")).statusCode()).isEqualTo(412);
    }
  }

  @Test
  void setUpConfirmsAGenuineStepAndKeepsNothing() {
    try (Ingress ingress = approving()) {
      byte[] step =
          Signed.utf8(
              "{\"meta\":{\"route\":\"validation\",\"install_id\":1000000},"
                  + "\"payload\":{\"access_token\":\"hidden\"}}");

      HttpResponse<String> confirmed =
          ingress.post("/hooks/hq-envoy/setup", step, "X-Envoy-Signature", Signed.base64(step));
      HttpResponse<String> forged = ingress.post("/hooks/hq-envoy/setup", step);

      assertThat(confirmed.statusCode()).isEqualTo(200);
      assertThat(confirmed.body()).isEqualTo("{}");
      assertThat(forged.statusCode()).isEqualTo(401);
      assertThat(ingress.publisher.records()).isEmpty();
    }
  }

  private static Ingress approving() {
    return Ingress.knowing(Known.nobodyIsWatched(Ingress.NOW), screening());
  }

  private static SourceConfig screening() {
    return Signed.envoy().withScreen(SCREEN);
  }

  private static HttpResponse<String> screen(Ingress ingress, byte[] body) {
    return ingress.post("/hooks/hq-envoy/screen", body, "X-Envoy-Signature", Signed.base64(body));
  }

  private static List<RawRecord> raw(Ingress ingress) {
    return ingress.publisher.records().stream()
        .filter(record -> !record.topic().equals(Topics.DECISIONS))
        .toList();
  }

  private static List<Decision> decisions(Ingress ingress) {
    AvroDeserializer<Decision> reader = new AvroDeserializer<>(Decision.class, ingress.registry);
    return ingress.publisher.records().stream()
        .filter(record -> record.topic().equals(Topics.DECISIONS))
        .map(record -> reader.deserialize(Topics.DECISIONS, record.value()))
        .toList();
  }
}
