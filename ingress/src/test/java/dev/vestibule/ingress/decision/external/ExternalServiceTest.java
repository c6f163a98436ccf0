package dev.vestibule.ingress.decision.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.ExternalConfig;
import dev.vestibule.config.ExternalConfig.Mode;
import dev.vestibule.config.Secret;
import dev.vestibule.ingress.decision.external.ExternalService.Asking;
import dev.vestibule.ingress.decision.policy.Input;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.TimerTask;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tries, deadlines and the breaker, at a time that is set by hand. */
class ExternalServiceTest {
  private static final Duration BUDGET = Duration.ofMillis(800);
  private static final Duration PER_TRY = Duration.ofMillis(500);

  /** As long as nothing is known of the service. */
  private static final Duration FIRST_HEDGE = PER_TRY.dividedBy(2);

  private final HandTimer timer = new HandTimer();
  private final List<CompletableFuture<Answer>> sent = new ArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final ExternalService service =
      new ExternalService(
          "hq-envoy",
          new ExternalConfig(
              URI.create("https://decide.example.com/"),
              List.of(),
              BUDGET,
              PER_TRY,
              Mode.TIGHTEN,
              List.of()),
          new Transport() {
            @Override
            public CompletableFuture<Answer> send(HttpRequest request) {
              CompletableFuture<Answer> answer = new CompletableFuture<>();
              sent.add(answer);
              return answer;
            }

            @Override
            public void close() {
              sent.forEach(answer -> answer.cancel(true));
            }
          },
          timer,
          meters,
          () -> Instant.EPOCH.plusNanos(timer.nanos),
          () -> timer.nanos);

  @Test
  void aSecondTryIsSentWhenTheFirstTakesLong() {
    Asking asking = ask();
    timer.pass(FIRST_HEDGE.minusNanos(1));
    assertThat(sent).hasSize(1);

    timer.pass(Duration.ofNanos(1));

    assertThat(sent).hasSize(2);
    assertThat(asking.answer()).isNotDone();
    assertThat(hedges()).isEqualTo(1);
  }

  @Test
  void longIsWhatFiveOfAHundredAnswersTookOfLate() {
    for (int i = 0; i < 100; i++) {
      Asking asking = ask();
      timer.pass(Duration.ofMillis(i < 94 ? 40 : 100));
      last().complete(Answer.APPROVE);
      assertThat(asking.answer()).isCompletedWithValue(Answer.APPROVE);
    }
    int before = sent.size();

    var _ = ask();
    timer.pass(Duration.ofMillis(99));
    assertThat(sent).hasSize(before + 1);
    timer.pass(Duration.ofMillis(1));
    assertThat(sent).hasSize(before + 2);
  }

  @Test
  void aServiceThatIsFastIsNotAskedTwiceWithinTwentyMilliseconds() {
    for (int i = 0; i < Latencies.FEWEST; i++) {
      var _ = ask();
      timer.pass(Duration.ofMillis(1));
      last().complete(Answer.APPROVE);
    }
    int before = sent.size();

    var _ = ask();
    timer.pass(Duration.ofMillis(19));

    assertThat(sent).hasSize(before + 1);
  }

  @ParameterizedTest
  @EnumSource(
      value = Answer.class,
      names = {"APPROVE", "REVIEW"})
  void theFirstAnswerOfTwoTriesCountsAndTheOtherTryEnds(Answer first) {
    for (int index = 0; index < 2; index++) {
      sent.clear();
      Asking asking = ask();
      timer.pass(FIRST_HEDGE);

      sent.get(index).complete(first);

      assertThat(asking.answer()).isCompletedWithValue(first);
      assertThat(sent.get(1 - index)).isCancelled();
    }
  }

  @Test
  void aTryThatFailsIsFollowedByTheSecondAtOnce() {
    Asking asking = ask();

    sent.getFirst().complete(Answer.STATUS);
    assertThat(sent).hasSize(2);
    assertThat(asking.answer()).isNotDone();
    sent.get(1).complete(Answer.REVIEW);

    assertThat(asking.answer()).isCompletedWithValue(Answer.REVIEW);
  }

  @Test
  void aFailureLeavesItToTheOtherTry() {
    Asking asking = ask();
    timer.pass(FIRST_HEDGE);

    sent.get(1).completeExceptionally(new IllegalStateException());
    assertThat(asking.answer()).isNotDone();
    sent.getFirst().complete(Answer.APPROVE);

    assertThat(asking.answer()).isCompletedWithValue(Answer.APPROVE);
    assertThat(sent).hasSize(2);
  }

  @Test
  void twoFailuresAreOneAndThereIsNoThirdTry() {
    Asking asking = ask();

    sent.getFirst().complete(Answer.STATUS);
    sent.get(1).complete(Answer.MALFORMED);

    assertThat(asking.answer()).isCompletedWithValue(Answer.MALFORMED);
    assertThat(sent).hasSize(2);
    assertThat(timer.waiting).isEmpty();
  }

  @Test
  void eachTryHasItsOwnTime() {
    Asking asking = ask();
    timer.pass(PER_TRY);
    assertThat(sent.getFirst()).isCancelled();
    assertThat(sent.get(1)).isNotDone();

    timer.pass(FIRST_HEDGE);

    assertThat(asking.answer()).isCompletedWithValue(Answer.TIMEOUT);
    assertThat(sent.get(1)).isCancelled();
  }

  @Test
  void whatComesTooLateChangesNothing() {
    Asking asking = ask();
    timer.pass(BUDGET);

    sent.getFirst().complete(Answer.APPROVE);

    assertThat(asking.answer()).isCompletedWithValue(Answer.TIMEOUT);
  }

  @Test
  void secondTriesAreOneInTwentyAndFewSavedUp() {
    for (int i = 0; i < 1000; i++) {
      Asking asking = ask();
      timer.pass(Duration.ofMillis(400));
      last().complete(Answer.APPROVE);
      assertThat(asking.answer()).isCompletedWithValue(Answer.APPROVE);
    }

    assertThat(hedges()).isLessThanOrEqualTo(Hedges.SAVED_AT_MOST + 1000 / 20.0).isGreaterThan(40);
    assertThat(sent).hasSize(1000 + (int) hedges());
  }

  @Test
  void aServiceThatKeepsFailingIsLeftAloneAndTriedAgainLater() {
    failUntilLeftAlone();
    assertThat(breaker()).isEqualTo(2);
    int before = sent.size();

    assertThat(ask().answer()).isCompletedWithValue(Answer.OPEN);
    timer.pass(ExternalService.BREAKER_WAIT.minusMillis(1));
    assertThat(ask().answer()).isCompletedWithValue(Answer.OPEN);
    assertThat(sent).hasSize(before);
    timer.pass(Duration.ofMillis(2));

    List<Asking> trials = new ArrayList<>();
    for (int i = 0; i < ExternalService.BREAKER_TRIALS; i++) {
      trials.add(ask());
    }
    assertThat(breaker()).isEqualTo(1);
    assertThat(ask().answer()).isCompletedWithValue(Answer.OPEN);
    List.copyOf(sent).forEach(answer -> answer.complete(Answer.APPROVE));
    assertThat(trials)
        .allSatisfy(trial -> assertThat(trial.answer()).isCompletedWithValue(Answer.APPROVE));
    assertThat(breaker()).isZero();
  }

  @Test
  void aTrialThatFailsLeavesItAloneAgain() {
    failUntilLeftAlone();
    timer.pass(ExternalService.BREAKER_WAIT.plusMillis(1));

    for (int i = 0; i < ExternalService.BREAKER_TRIALS; i++) {
      fail(ask());
    }

    assertThat(breaker()).isEqualTo(2);
  }

  @Test
  void whatIsCancelledSaysNothingAboutTheService() {
    failUntilLeftAlone();
    timer.pass(ExternalService.BREAKER_WAIT.plusMillis(1));

    for (int i = 0; i < 3 * ExternalService.BREAKER_TRIALS; i++) {
      Asking asking = ask();
      assertThat(asking.answer()).as("%d", i).isNotDone();
      asking.cancel();
      assertThat(last()).isCancelled();
      assertThat(asking.answer()).isCancelled();
    }

    assertThat(breaker()).isEqualTo(1);
    assertThat(timer.waiting).isEmpty();
    assertThat(count("cancelled")).isEqualTo(3 * ExternalService.BREAKER_TRIALS);
  }

  @Test
  void tooManyQuestionsAtOnceAreNotAsked() {
    List<Asking> pending = new ArrayList<>();
    Asking asking = ask();
    while (!asking.answer().isDone()) {
      pending.add(asking);
      asking = ask();
    }

    assertThat(asking.answer()).isCompletedWithValue(Answer.OVERLOAD);
    assertThat(sent).hasSameSizeAs(pending).hasSize(200);
    pending.getFirst().cancel();
    assertThat(ask().answer()).isNotDone();
  }

  @Test
  void answersAreCountedByWhatTheyAre() {
    var _ = ask();
    last().complete(Answer.REVIEW);
    var _ = ask();
    timer.pass(BUDGET);

    assertThat(count("review")).isEqualTo(1);
    assertThat(count("timeout")).isEqualTo(1);
    assertThat(meters.get("vestibule.ingress.external.pending").gauge().value()).isZero();
  }

  private void failUntilLeftAlone() {
    while (breaker() == 0) {
      fail(ask());
      assertThat(sent.size()).isLessThan(3 * ExternalService.BREAKER_WINDOW);
    }
    sent.clear();
  }

  private void fail(Asking asking) {
    while (!asking.answer().isDone()) {
      last().complete(Answer.UNREACHABLE);
    }
    assertThat(asking.answer()).isCompletedWithValue(Answer.UNREACHABLE);
  }

  private Asking ask() {
    return service.ask(
        new Question("decision", "request", "hq-envoy", Instant.EPOCH, Input.builder().build()),
        List.of(new Secret("whsec_c2VjcmV0")));
  }

  private CompletableFuture<Answer> last() {
    return sent.getLast();
  }

  private double hedges() {
    return meters.get("vestibule.ingress.external.hedges").counter().count();
  }

  private int breaker() {
    return (int) meters.get("vestibule.ingress.external.breaker").gauge().value();
  }

  private long count(String outcome) {
    return meters.get("vestibule.ingress.external").tag("outcome", outcome).timer().count();
  }

  /** A timer whose time passes when somebody says so. */
  private static final class HandTimer implements Timer {
    private final List<HandTimeout> waiting = new ArrayList<>();
    private long nanos;

    /** Whatever is due on the way runs at its own time. */
    void pass(Duration duration) {
      long end = nanos + duration.toNanos();
      while (true) {
        HandTimeout next =
            waiting.stream()
                .filter(timeout -> timeout.due <= end)
                .min(Comparator.comparingLong(timeout -> timeout.due))
                .orElse(null);
        if (next == null) {
          nanos = end;
          return;
        }
        nanos = next.due;
        waiting.remove(next);
        next.run();
      }
    }

    @Override
    public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
      HandTimeout timeout = new HandTimeout(this, task, nanos + unit.toNanos(delay));
      waiting.add(timeout);
      return timeout;
    }

    @Override
    public Set<Timeout> stop() {
      return new HashSet<>(waiting);
    }
  }

  private static final class HandTimeout implements Timeout {
    private final HandTimer timer;
    private final TimerTask task;
    private final long due;

    HandTimeout(HandTimer timer, TimerTask task, long due) {
      this.timer = timer;
      this.task = task;
      this.due = due;
    }

    void run() {
      try {
        task.run(this);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public Timer timer() {
      return timer;
    }

    @Override
    public TimerTask task() {
      return task;
    }

    @Override
    public boolean isExpired() {
      return due <= timer.nanos;
    }

    @Override
    public boolean isCancelled() {
      return !timer.waiting.contains(this);
    }

    @Override
    public boolean cancel() {
      return timer.waiting.remove(this);
    }
  }
}
