package dev.vestibule.ingress.decision;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ExternalConfig;
import dev.vestibule.config.ExternalConfig.Mode;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.ingress.decision.Screening.Limits;
import dev.vestibule.ingress.decision.external.ExternalService;
import dev.vestibule.ingress.decision.external.FakeService;
import dev.vestibule.ingress.decision.external.FakeService.Mood;
import dev.vestibule.ingress.decision.external.FakeService.Request;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.serde.AvroSerializer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls about which a customer's service is asked, too. */
class ScreeningExternalTest {
  private static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
  private static final byte[] KEY = "secret".getBytes(StandardCharsets.UTF_8);

  /** What a sender bears; longer than every deadline below. */
  private static final long PATIENCE_SECONDS = 3;

  private final FakeService fake = new FakeService();
  private final TestPublisher publisher = new TestPublisher();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final AtomicInteger requests = new AtomicInteger();
  private final List<Screening> open = new ArrayList<>();
  private volatile Snapshot known = Known.nobodyIsWatched(NOW);

  @AfterEach
  void close() {
    open.forEach(Screening::close);
    fake.close();
  }

  @Test
  void whatTheServiceWantsReviewedIsAReviewAndRecordedAsItsOwn() throws Exception {
    fake.be(Mood.REVIEWS_WITH_A_REASON);
    ScreenConfig screen = screen(DecisionOutcome.APPROVE, Mode.TIGHTEN);

    Reply reply = answer(screening(screen).screen(call(screen, "19", "Jane Doe")));

    assertThat(reply.approved()).isFalse();
    assertThat(reply.message()).isEqualTo("Front Door: please check this visitor by hand.");
    await().until(() -> decided().size() == 1);
    assertThat(decided().getFirst().getBasis()).isEqualTo(DecisionBasis.EXTERNAL);
    assertThat(decided().getFirst().getReason()).isEqualTo("external_review");
    assertThat(publisher.decisions().toString()).doesNotContain("not on our list");
  }

  @Test
  void whatTheServiceApprovesRestsOnOurOwnRule() throws Exception {
    ScreenConfig screen = screen(DecisionOutcome.APPROVE, Mode.TIGHTEN);

    assertThat(answer(screening(screen).screen(call(screen, "19", "Jane Doe"))).approved())
        .isTrue();

    assertThat(decided().getFirst().getBasis()).isEqualTo(DecisionBasis.RULE);
    Request request = fake.requests().getFirst();
    assertThat(request.isSignedWith(KEY)).isTrue();
    assertThat(request.text())
        .contains("\"decision_id\":\"" + IDENTITY.decision("hq", "entries", "19") + "\"")
        .contains("\"entry\":{\"id\":\"19\"}")
        .doesNotContain("Jane");
  }

  @Test
  void whereItMayDecideItsApprovalTakesThePlaceOfTheDefault() throws Exception {
    ScreenConfig screen = screen(DecisionOutcome.REVIEW, Mode.DECIDE);

    assertThat(answer(screening(screen).screen(call(screen, "19", "Jane Doe"))).approved())
        .isTrue();

    assertThat(decided().getFirst().getBasis()).isEqualTo(DecisionBasis.EXTERNAL);
    assertThat(decided().getFirst().getReason()).isEqualTo("external_approve");
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aHitOnTheWatchlistIsNoQuestion(Mode mode) throws Exception {
    known = Known.watching(NOW, "Jane Doe");
    ScreenConfig screen = screen(DecisionOutcome.APPROVE, mode);

    assertThat(answer(screening(screen).screen(call(screen, "19", "Jane Doe"))).approved())
        .isFalse();

    assertThat(fake.requests()).isEmpty();
  }

  @Test
  void aServiceThatHangsMakesReviewsInTimeThatAreRecordedAsSuch() throws Exception {
    fake.be(Mood.HANGS);
    ScreenConfig screen = screen(DecisionOutcome.APPROVE, Mode.TIGHTEN);
    Screening screening = screening(screen);

    List<CompletableFuture<Reply>> replies = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      replies.add(screening.screen(call(screen, "entry-" + i, "Jane Doe")));
    }
    for (CompletableFuture<Reply> reply : replies) {
      assertThat(answer(reply).approved()).isFalse();
    }

    await().until(() -> decided().size() == 300);
    assertThat(decided()).extracting(Decision::getBasis).containsOnly(DecisionBasis.EXTERNAL);
    assertThat(decided())
        .extracting(Decision::getReason)
        .contains("external_timeout")
        .isSubsetOf("external_timeout", "external_open", "external_overload");
  }

  @Test
  void deciderThreadsAreFreeWhileTheServiceThinks() throws Exception {
    fake.be(Mood.HANGS);
    ScreenConfig screen =
        screen(DecisionOutcome.APPROVE, external(Mode.TIGHTEN, Duration.ofMillis(1500)));
    Screening screening = screening(screen);
    List<CompletableFuture<Reply>> held = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      held.add(screening.screen(call(screen, "entry-" + i, "Jane Doe")));
    }

    for (CompletableFuture<Reply> reply : held) {
      assertThat(answer(reply).approved()).isFalse();
    }

    // Two threads that waited for the service would not get to the last before its soft deadline.
    await().until(() -> decided().size() == 8);
    assertThat(decided()).extracting(Decision::getReason).containsOnly("external_timeout");
  }

  @Test
  void theSoftDeadlineEndsTheQuestion() throws Exception {
    fake.be(Mood.HANGS);
    ScreenConfig screen =
        new ScreenConfig(
            "Front Door",
            DecisionOutcome.APPROVE,
            Set.of(),
            Duration.ofSeconds(60),
            Duration.ofMillis(200),
            Duration.ofMillis(2500),
            external(Mode.TIGHTEN, Duration.ofSeconds(60)),
            null);

    assertThat(answer(screening(screen).screen(call(screen, "19", "Jane Doe"))).approved())
        .isFalse();

    await().until(() -> fake.abandoned() == fake.requests().size() && !fake.requests().isEmpty());
    await().until(() -> decided().size() == 1);
    assertThat(decided().getFirst().getReason()).isEqualTo("soft_deadline");
  }

  @Test
  void nobodyEntersWhereTheServiceIsMissing() throws Exception {
    ScreenConfig screen = screen(DecisionOutcome.APPROVE, Mode.TIGHTEN);
    Screening screening = screening(Map.of());

    assertThat(answer(screening.screen(call(screen, "19", "Jane Doe"))).approved()).isFalse();

    await().until(() -> decided().size() == 1);
    assertThat(decided().getFirst().getReason()).isEqualTo("failed");
  }

  @Test
  void aRepeatedCallIsAskedAboutOnlyWhenItsFactsHaveChanged() throws Exception {
    ScreenConfig screen = screen(DecisionOutcome.REVIEW, Mode.DECIDE);
    Screening screening = screening(screen);
    assertThat(answer(screening.screen(call(screen, "19", "Jane Doe"))).approved()).isTrue();
    fake.be(Mood.REVIEWS);

    assertThat(answer(screening.screen(call(screen, "19", "Jane Doe"))).approved()).isTrue();
    assertThat(fake.requests()).hasSize(1);
    assertThat(answer(screening.screen(call(screen, "19", "John Roe"))).approved()).isFalse();
    assertThat(fake.requests()).hasSize(2);
    fake.be(Mood.APPROVES);
    assertThat(answer(screening.screen(call(screen, "19", "Jane Doe"))).approved()).isFalse();
    assertThat(fake.requests()).hasSize(2);
  }

  private Screening screening(ScreenConfig screen) {
    ExternalConfig external = requireNonNull(screen.external());
    return screening(
        Map.of("hq-envoy", ExternalService.of("hq-envoy", external, meters, () -> NOW)));
  }

  private Screening screening(Map<String, ExternalService> externals) {
    Screening screening =
        new Screening(
            () -> known,
            new Answers(100),
            publisher,
            new AvroSerializer(publisher.registry),
            Topics.DECISIONS,
            IDENTITY,
            meters,
            () -> NOW,
            externals,
            new Limits(2, 512, 1000, Duration.ofMillis(500), Duration.ofMillis(20)));
    open.add(screening);
    return screening;
  }

  private ScreenConfig screen(DecisionOutcome otherwise, Mode mode) {
    return screen(otherwise, external(mode, Duration.ofMillis(600)));
  }

  private static ScreenConfig screen(DecisionOutcome otherwise, ExternalConfig external) {
    return new ScreenConfig(
        "Front Door",
        otherwise,
        Set.of(),
        Duration.ofSeconds(60),
        Duration.ofMillis(2000),
        Duration.ofMillis(2500),
        external,
        null);
  }

  private ExternalConfig external(Mode mode, Duration budget) {
    return new ExternalConfig(
        fake.url(),
        List.of(new Secret("whsec_c2VjcmV0")),
        budget,
        budget,
        mode,
        List.of("entry.id"));
  }

  private static Reply answer(CompletableFuture<Reply> reply) throws Exception {
    return reply.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  private List<Decision> decided() {
    return publisher.decisions().stream()
        .filter(decision -> decision.getPhase() == DecisionPhase.DECIDED)
        .toList();
  }

  private ScreenCall call(ScreenConfig screen, String entry, String name) {
    byte[] body = HookBody.entry(entry, name, "143");
    RawRecord raw =
        new RawRecord(
            "visitor.raw.envoy",
            "hq:" + entry,
            Map.of(
                Headers.SOURCE, "hq-envoy",
                Headers.VENDOR, "envoy",
                Headers.ACCOUNT, "hq",
                Headers.REQUEST_ID, "request-" + requests.incrementAndGet()),
            body);
    return ScreenCall.of(screen, IDENTITY, "entries", entry, body, raw, NOW, System.nanoTime());
  }
}
