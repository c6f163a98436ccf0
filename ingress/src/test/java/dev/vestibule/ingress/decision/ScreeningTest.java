package dev.vestibule.ingress.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.vestibule.config.ScreenConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.ingress.decision.Screening.Limits;
import dev.vestibule.ingress.decision.TestPublisher.Mood;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.serde.AvroSerializer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ScreeningTest {
  private static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00.123456Z");

  /** No call may take longer; longer than every deadline below, and what the sender bears. */
  private static final long PATIENCE_SECONDS = 3;

  private static final ScreenConfig APPROVING =
      new ScreenConfig(
          "Front Door",
          DecisionOutcome.APPROVE,
          Set.of(),
          Duration.ofSeconds(60),
          Duration.ofMillis(300),
          Duration.ofMillis(600));

  private final TestPublisher publisher = new TestPublisher();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final CountDownLatch stalled = new CountDownLatch(1);
  private final AtomicInteger requests = new AtomicInteger();
  private final List<Screening> open = new ArrayList<>();
  private Answers answers = new Answers(100);
  private volatile Snapshot known = Known.nobodyIsWatched(NOW);
  private volatile Instant now = NOW;

  @AfterEach
  void close() {
    stalled.countDown();
    publisher.recover();
    open.forEach(Screening::close);
  }

  @Test
  void anApprovalIsWrittenDownBeforeItIsGiven() throws Exception {
    publisher.be(Mood.SILENT);
    Screening screening = screening(() -> known);

    CompletableFuture<Reply> reply = screening.screen(call("19", "Jane Doe"));
    await().until(() -> publisher.decisions().size() == 1 && publisher.raw().size() == 1);
    assertThat(reply).isNotDone();
    publisher.acknowledgeAll();

    assertThat(answer(reply).approved()).isTrue();
    assertThat(publisher.decisions())
        .extracting(Decision::getPhase, Decision::getOutcome, Decision::getReason)
        .containsExactly(tuple(DecisionPhase.DECIDED, DecisionOutcome.APPROVE, "no_policy"));
  }

  @Test
  void aRecordSaysWhatTheDecisionRestsOnAndNothingOfTheVisitor() throws Exception {
    known = Known.watching(NOW.minusSeconds(5), "Max Other", "Eva Other");
    Screening screening = screening(() -> known);

    Reply reply = answer(screening.screen(call("19", "Jane Doe")));
    reply.written().accept(true);

    await().until(() -> publisher.decisions().size() == 2);
    Decision decided = publisher.decisions().getFirst();
    assertThat(decided.getDecisionId()).isEqualTo(IDENTITY.decision("hq", "entries", "19"));
    assertThat(decided.getVisitKey()).isEqualTo(IDENTITY.visit("hq", "19"));
    assertThat(decided.getRequestId()).isEqualTo("request-1");
    assertThat(decided.getSource()).isEqualTo("hq-envoy");
    assertThat(decided.getVendor()).isEqualTo("envoy");
    assertThat(decided.getInputsHash()).hasSize(32);
    assertThat(decided.getPoliciesOffset()).isEqualTo(-1);
    assertThat(decided.getWatchlistOffset()).isEqualTo(1);
    assertThat(decided.getSnapshotFreshAt()).isEqualTo(NOW.minusSeconds(5));
    assertThat(decided.getRequestedAt()).isEqualTo(NOW);
    assertThat(decided.getLatencyMicros()).isPositive();
    assertThat(decided.getAnswerWritten()).isNull();
    Decision answered = publisher.decisions().getLast();
    assertThat(answered.getPhase()).isEqualTo(DecisionPhase.ANSWERED);
    assertThat(answered.getRequestId()).isEqualTo("request-1");
    assertThat(answered.getAnswerStatus()).isEqualTo(200);
    assertThat(answered.getAnswerWritten()).isTrue();
    assertThat(publisher.decisions().toString()).doesNotContain("Jane").doesNotContain("Sam");
    assertThat(reply.receipt()).hasToString("visitor.decisions-0@" + 2);
  }

  @Test
  void aReviewIsAnsweredWhileItCannotBeWrittenDownAndIsLater() throws Exception {
    known = Known.watching(NOW, "Jane Doe");
    publisher.be(Mood.FAILS);
    Screening screening = screening(() -> known);

    Reply reply = answer(screening.screen(call("19", "Jane Doe")));

    assertThat(reply.approved()).isFalse();
    assertThat(reply.message()).isEqualTo("Front Door: please check this visitor by hand.");
    assertThat(publisher.decisions()).isEmpty();
    publisher.recover();
    await().until(() -> publisher.decisions().size() == 1);
    assertThat(publisher.decisions().getFirst().getBasis()).isEqualTo(DecisionBasis.WATCHLIST);
    assertThat(publisher.decisions().getFirst().getReason()).isEqualTo("watchlist");
  }

  @Test
  void whatASpoolHoldsIsEnoughForAReviewAndNotForAnApproval() throws Exception {
    publisher.be(Mood.ONLY_SPOOLS);
    Screening screening = screening(() -> known);

    Reply reply = answer(screening.screen(call("19", "Jane Doe")));

    assertThat(reply.approved()).isFalse();
    await().until(() -> publisher.decisions().size() == 1);
    assertThat(publisher.decisions().getFirst().getReason()).isEqualTo("not_recorded");
  }

  @ParameterizedTest
  @EnumSource(
      value = Mood.class,
      names = {"FAILS", "SILENT", "BLOCKS", "THROWS"})
  void withoutKafkaEveryCallIsAReviewInTimeAndWrittenDownOnceThatWorks(Mood mood) throws Exception {
    publisher.be(mood);
    Screening screening = screening(() -> known);

    List<Reply> replies = answers(screenAll(screening, 200));

    assertThat(replies).hasSize(200).noneMatch(Reply::approved);
    publisher.recover();
    await().until(() -> reviews().size() == 200);
    String reason = mood == Mood.FAILS || mood == Mood.THROWS ? "not_recorded" : "hard_deadline";
    assertThat(reviews())
        .extracting(Decision::getReason)
        .contains(reason)
        .isSubsetOf(reason, "overload");
  }

  @Test
  void anApprovalThatIsWrittenDownTooLateIsFollowedByItsReview() throws Exception {
    publisher.be(Mood.SILENT);
    Screening screening = screening(() -> known);
    Reply reply = answer(screening.screen(call("19", "Jane Doe")));
    assertThat(reply.approved()).isFalse();

    publisher.acknowledgeAll();
    publisher.recover();

    await().until(() -> reviews().size() == 1);
    assertThat(publisher.decisions())
        .filteredOn(decision -> decision.getPhase() == DecisionPhase.DECIDED)
        .extracting(Decision::getOutcome)
        .startsWith(DecisionOutcome.APPROVE)
        .endsWith(DecisionOutcome.REVIEW);
  }

  @Test
  void evaluationsThatStallAreReviewsInTime() throws Exception {
    Screening screening = screening(this::stall);

    List<Reply> replies = answers(screenAll(screening, 4));

    assertThat(replies).hasSize(4).noneMatch(Reply::approved);
    await().until(() -> reviews().size() == 4);
    assertThat(reviews()).extracting(Decision::getBasis).containsOnly(DecisionBasis.DEADLINE);
    assertThat(reviews()).extracting(Decision::getReason).containsOnly("soft_deadline");
  }

  @Test
  void evaluationsThatCannotBeInterruptedTakeNobodyElsesAnswer() throws Exception {
    Screening screening = screening(this::stallForGood);

    List<Reply> replies = answers(screenAll(screening, 300));

    assertThat(replies).hasSize(300).noneMatch(Reply::approved);
    await().until(() -> reviews().size() == 300);
    assertThat(reviews())
        .extracting(Decision::getReason)
        .containsOnly("soft_deadline", "overload")
        .contains("soft_deadline", "overload");
  }

  @Test
  void decidersAreFreeAgainAfterAStall() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Screening screening = screening(() -> asked.incrementAndGet() <= 2 ? stall() : known);
    answers(screenAll(screening, 2));

    Reply reply = answer(screening.screen(call("afterwards", "Jane Doe")));

    assertThat(reply.approved()).isTrue();
  }

  @Test
  void aSnapshotThatIsMissingOrBrokenIsAReview() throws Exception {
    Screening screening = screening(() -> Known.nobodyIsWatched(Instant.EPOCH));
    Screening broken =
        screening(() -> {
          throw new IllegalStateException("broken");
        });

    assertThat(answer(screening.screen(call("1", "Jane Doe"))).approved()).isFalse();
    assertThat(answer(broken.screen(call("2", "Jane Doe"))).approved()).isFalse();

    await().until(() -> reviews().size() == 2);
    assertThat(reviews())
        .extracting(Decision::getReason)
        .containsExactlyInAnyOrder("no_snapshot", "failed");
  }

  @Test
  void anErrorOfTheMachineIsAReviewToo() throws Exception {
    Screening screening =
        screening(() -> {
          throw new StackOverflowError();
        });

    assertThat(answer(screening.screen(call("1", "Jane Doe"))).approved()).isFalse();
  }

  @Test
  void aRepeatedCallGetsTheFirstAnswerForFifteenMinutes() throws Exception {
    Screening screening = screening(() -> known);
    assertThat(answer(screening.screen(call("19", "Jane Doe"))).approved()).isTrue();

    Reply again = answer(screening.screen(call("19", "Jane Doe")));

    assertThat(again.approved()).isTrue();
    assertThat(publisher.decisions())
        .extracting(Decision::getBasis)
        .containsExactly(DecisionBasis.RULE, DecisionBasis.REPEAT);
    now = NOW.plus(Answers.KEPT);
    answer(screening.screen(call("19", "Jane Doe")));
    assertThat(publisher.decisions())
        .last()
        .extracting(Decision::getBasis)
        .isEqualTo(DecisionBasis.RULE);
  }

  @Test
  void aReviewIsNotTakenBackByWhatIsKnownLater() throws Exception {
    known = Known.watching(NOW, "Jane Doe");
    Screening screening = screening(() -> known);
    answer(screening.screen(call("19", "Jane Doe")));
    known = Known.nobodyIsWatched(NOW);

    Reply again = answer(screening.screen(call("19", "Jane Doe")));

    assertThat(again.approved()).isFalse();
    await().until(() -> reviews().size() == 2);
    assertThat(reviews()).last().extracting(Decision::getReason).isEqualTo("repeated");
  }

  @Test
  void aNewerWatchlistTurnsAnApprovalIntoAReview() throws Exception {
    Screening screening = screening(() -> known);
    assertThat(answer(screening.screen(call("19", "Jane Doe"))).approved()).isTrue();
    known = Known.watching(NOW, "Jane Doe");

    Reply again = answer(screening.screen(call("19", "Jane Doe")));

    assertThat(again.approved()).isFalse();
    await().until(() -> reviews().size() == 1);
    assertThat(reviews().getFirst().getBasis()).isEqualTo(DecisionBasis.WATCHLIST);
  }

  @Test
  void aReviewOfAnotherIngressIsRepeated() throws Exception {
    known = Known.watching(NOW, "Jane Doe");
    answer(screening(() -> known).screen(call("19", "Jane Doe")));
    await().until(() -> publisher.decisions().size() == 1);
    known = Known.nobodyIsWatched(NOW);

    Screening other = elsewhere(publisher.decisions());
    Reply reply = answer(other.screen(call("19", "Jane Doe")));

    assertThat(reply.approved()).isFalse();
    assertThat(reply.message()).startsWith("Front Door: ");
    await().until(() -> reviews().size() == 2);
    assertThat(reviews())
        .extracting(Decision::getReason, Decision::getBasis)
        .containsExactly(
            tuple("watchlist", DecisionBasis.WATCHLIST), tuple("repeated", DecisionBasis.REPEAT));
    assertThat(answer(other.screen(call("20", "Max Other"))).approved()).isTrue();
  }

  @Test
  void anApprovalOfAnotherIngressStandsForFifteenMinutesHoweverOftenItIsRepeated()
      throws Exception {
    assertThat(answer(screening(() -> known).screen(call("19", "Jane Doe"))).approved()).isTrue();
    known = Known.of(List.of(Known.REVIEWS_ALL), List.of(), NOW);
    now = NOW.plus(Duration.ofMinutes(10));
    Screening second = elsewhere(publisher.decisions());
    assertThat(answer(second.screen(call("19", "Jane Doe"))).approved()).isTrue();
    assertThat(publisher.decisions())
        .last()
        .extracting(Decision::getBasis)
        .isEqualTo(DecisionBasis.REPEAT);
    now = NOW.plus(Duration.ofMinutes(15)).plusSeconds(1);

    Screening third = elsewhere(publisher.decisions());
    assertThat(answer(third.screen(call("19", "Jane Doe"))).approved()).isFalse();
  }

  @Test
  void ofWhatOtherIngressesAnsweredTheReviewWinsInWhateverOrderItIsRead() throws Exception {
    answer(screening(() -> known).screen(call("19", "Jane Doe")));
    known = Known.watching(NOW, "Jane Doe");
    answer(elsewhere(List.of()).screen(call("19", "Jane Doe")));
    await().until(() -> publisher.decisions().size() == 2);
    known = Known.nobodyIsWatched(NOW);

    for (List<Decision> read : List.of(publisher.decisions(), publisher.decisions().reversed())) {
      assertThat(read)
          .extracting(Decision::getOutcome)
          .containsExactlyInAnyOrder(DecisionOutcome.APPROVE, DecisionOutcome.REVIEW);
      assertThat(answer(elsewhere(read).screen(call("19", "Jane Doe"))).approved()).isFalse();
    }
  }

  @Test
  void ofTwoCallsAtOnceTheReviewWins() throws Exception {
    publisher.be(Mood.SILENT);
    Screening screening = screening(() -> known);
    CompletableFuture<Reply> first = screening.screen(call("19", "Jane Doe"));
    await().until(() -> publisher.decisions().size() == 1 && publisher.raw().size() == 1);
    known = Known.watching(NOW, "Jane Doe");
    assertThat(answer(screening.screen(call("19", "Jane Doe"))).approved()).isFalse();

    publisher.acknowledgeAll();

    assertThat(answer(first).approved()).isFalse();
    publisher.recover();
    await()
        .untilAsserted(() ->
            assertThat(reviews())
                .extracting(Decision::getReason)
                .containsExactlyInAnyOrder("watchlist", "repeated"));
  }

  @Test
  void whatIsRefusedFromOutsideIsWrittenDownAndNotStored() throws Exception {
    Screening screening = screening(() -> known);

    Reply reply = answer(screening.review(call("19", "Jane Doe"), Reason.RATE_LIMITED));

    assertThat(reply.approved()).isFalse();
    await().until(() -> reviews().size() == 1);
    assertThat(reviews().getFirst().getReason()).isEqualTo("rate_limited");
    assertThat(publisher.raw()).isEmpty();
  }

  @Test
  void stoppingWritesDownWhatWaits() throws Exception {
    publisher.be(Mood.FAILS);
    Screening screening = screening(() -> Known.watching(NOW, "Jane Doe"));
    answers(screenAll(screening, 20));
    publisher.recover();

    screening.close();

    assertThat(reviews()).hasSize(20);
    assertThat(meters.counter("vestibule.ingress.decisions.lost").count()).isZero();
  }

  /** Another ingress, which has read what was decided before. */
  private Screening elsewhere(List<Decision> decided) {
    answers = new Answers(100);
    decided.forEach(decision -> answers.learn(decision, now));
    return screening(() -> known);
  }

  private Screening screening(Snapshots snapshots) {
    Screening screening =
        new Screening(
            snapshots,
            answers,
            publisher,
            new AvroSerializer(publisher.registry),
            Topics.DECISIONS,
            IDENTITY,
            meters,
            () -> now,
            Map.of(),
            new Limits(2, 16, 1000, Duration.ofMillis(500), Duration.ofMillis(20)));
    open.add(screening);
    return screening;
  }

  private Snapshot stall() {
    try {
      stalled.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return known;
  }

  private Snapshot stallForGood() {
    boolean interrupted = false;
    while (true) {
      try {
        stalled.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return known;
  }

  private List<CompletableFuture<Reply>> screenAll(Screening screening, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> screening.screen(call("entry-" + i, "Jane Doe")))
        .toList();
  }

  private static List<Reply> answers(List<CompletableFuture<Reply>> replies) throws Exception {
    List<Reply> answers = new ArrayList<>();
    for (CompletableFuture<Reply> reply : replies) {
      answers.add(answer(reply));
    }
    return answers;
  }

  private static Reply answer(CompletableFuture<Reply> reply) throws Exception {
    return reply.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** Reviews that were decided, each call's once. */
  private List<Decision> reviews() {
    return publisher.decisions().stream()
        .filter(decision -> decision.getPhase() == DecisionPhase.DECIDED)
        .filter(decision -> decision.getOutcome() == DecisionOutcome.REVIEW)
        .filter(distinct())
        .toList();
  }

  private static Predicate<Decision> distinct() {
    Set<String> seen = new HashSet<>();
    return decision -> seen.add(decision.getRequestId());
  }

  private ScreenCall call(String entry, String name) {
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
    return ScreenCall.of(APPROVING, IDENTITY, "entries", entry, body, raw, now, System.nanoTime());
  }
}
