package dev.vestibule.ingress.decision;

import static java.util.Objects.requireNonNull;

import dev.vestibule.config.ExternalConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.ingress.decision.external.Answer;
import dev.vestibule.ingress.decision.external.ExternalService;
import dev.vestibule.ingress.decision.external.Question;
import dev.vestibule.ingress.decision.policy.EnvoyHook;
import dev.vestibule.ingress.decision.policy.Input;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.Receipt;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers calls that hold a visitor at the door. Every call is answered by its hard deadline,
 * whatever happens: silence would let the visitor in. An approval is given only when it, and the
 * call, are written down.
 *
 * <p>Three kinds of threads that never wait for each other: a few that decide, one that keeps the
 * deadlines, and one of its own for whatever is handed to Kafka.
 */
public final class Screening implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Screening.class);
  private static final long TICK_MILLIS = 10;

  /** After so long an answer that nobody reported as written never was. */
  private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(10);

  private final Snapshots snapshots;
  private final Publisher publisher;
  private final Audit audit;
  private final IdentityKey identity;
  private final MeterRegistry meters;
  private final InstantSource clock;
  private final Map<String, ExternalService> externals;
  private final Answers answers;
  private final ThreadPoolExecutor deciders;
  private final HashedWheelTimer timer =
      new HashedWheelTimer(
          Thread.ofPlatform().daemon().name("screen-deadlines").factory(),
          TICK_MILLIS,
          TimeUnit.MILLISECONDS);

  /** How much may be under way. */
  record Limits(int threads, int queued, int unwritten, Duration ackTimeout, Duration retryAfter) {
    static Limits standard() {
      return new Limits(
          Math.max(2, Runtime.getRuntime().availableProcessors()),
          512,
          20_000,
          Duration.ofSeconds(6),
          Duration.ofSeconds(1));
    }
  }

  /**
   * @param answers what was answered lately, here and elsewhere
   * @param serializer of decisions
   * @param topic full name of the decisions' topic
   * @param externals services that are asked, too, by the source's name; closed with this
   */
  public Screening(
      Snapshots snapshots,
      Answers answers,
      Publisher publisher,
      Serializer<SpecificRecord> serializer,
      String topic,
      IdentityKey identity,
      MeterRegistry meters,
      InstantSource clock,
      Map<String, ExternalService> externals) {
    this(
        snapshots,
        answers,
        publisher,
        serializer,
        topic,
        identity,
        meters,
        clock,
        externals,
        Limits.standard());
  }

  Screening(
      Snapshots snapshots,
      Answers answers,
      Publisher publisher,
      Serializer<SpecificRecord> serializer,
      String topic,
      IdentityKey identity,
      MeterRegistry meters,
      InstantSource clock,
      Map<String, ExternalService> externals,
      Limits limits) {
    this.snapshots = snapshots;
    this.answers = answers;
    this.publisher = publisher;
    this.audit =
        new Audit(
            publisher,
            serializer,
            topic,
            meters,
            limits.unwritten(),
            limits.ackTimeout(),
            limits.retryAfter());
    this.identity = identity;
    this.meters = meters;
    this.clock = clock;
    this.externals = Map.copyOf(externals);
    this.deciders =
        new ThreadPoolExecutor(
            limits.threads(),
            limits.threads(),
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(limits.queued()),
            Thread.ofPlatform().daemon().name("screen-", 0).factory());
  }

  /** Answers a call; never fails, and by its hard deadline at the latest. */
  public CompletableFuture<Reply> screen(ScreenCall call) {
    UnderWay underWay = new UnderWay(call);
    try {
      underWay.start();
    } catch (RuntimeException e) {
      underWay.broken(e);
    }
    return underWay.reply;
  }

  /** Answers a call for a reason that lies outside of it with a review, and does not store it. */
  public CompletableFuture<Reply> review(ScreenCall call, Reason reason) {
    UnderWay underWay = new UnderWay(call);
    underWay.settle(Evaluated.without(underWay.review(DecisionBasis.FALLBACK, reason)), null);
    return underWay.reply;
  }

  /** Stops deciding, and writes down what waits for it, within a few seconds. */
  @Override
  public void close() {
    deciders.shutdownNow();
    externals.values().forEach(ExternalService::close);
    timer.stop();
    audit.close();
  }

  /** One call. */
  private final class UnderWay {
    private final ScreenCall call;
    private final CompletableFuture<Reply> reply = new CompletableFuture<>();
    private final CompletableFuture<Receipt> stored = new CompletableFuture<>();
    private final AtomicBoolean ruled = new AtomicBoolean();
    private final AtomicBoolean settled = new AtomicBoolean();
    private final FutureTask<@Nullable Void> evaluation = new FutureTask<>(this::evaluate, null);
    private volatile @Nullable Timeout hard;
    private volatile @Nullable Timeout soft;
    private volatile ExternalService.@Nullable Asking asking;

    UnderWay(ScreenCall call) {
      this.call = call;
    }

    void start() {
      hard =
          timer.newTimeout(
              _ -> settle(Evaluated.without(late(Reason.HARD_DEADLINE)), null),
              left(call.screen().hardDeadline()),
              TimeUnit.NANOSECONDS);
      soft =
          timer.newTimeout(_ -> giveUp(), left(call.screen().softDeadline()), TimeUnit.NANOSECONDS);
      Thread.ofVirtual().name("screen-store").start(this::store);
      Answers.Answered before = answers.find(call.decisionId(), clock.instant());
      if (before != null && !before.ruling().approves()) {
        rule(Evaluated.without(before.ruling().repeated()));
        return;
      }
      try {
        deciders.execute(evaluation);
      } catch (RejectedExecutionException e) {
        rule(Evaluated.without(review(DecisionBasis.FALLBACK, Reason.OVERLOAD)));
      }
    }

    private long left(Duration deadline) {
      return Math.max(0, call.startNanos() + deadline.toNanos() - System.nanoTime());
    }

    Ruling review(DecisionBasis basis, Reason reason) {
      return Ruling.review(basis, reason, PolicySet.byHand(call.screen().appName()));
    }

    private Ruling late(Reason reason) {
      return review(DecisionBasis.DEADLINE, reason);
    }

    /** Hands the call to Kafka, which may take its time even to be handed something. */
    private void store() {
      try {
        var _ =
            publisher
                .publish(call.raw())
                .whenComplete((receipt, failure) -> {
                  if (failure == null) {
                    stored.complete(receipt);
                  } else {
                    meters
                        .counter("vestibule.ingress.screen.unstored", "source", call.source())
                        .increment();
                    stored.completeExceptionally(failure);
                  }
                });
      } catch (RuntimeException e) {
        stored.completeExceptionally(e);
      }
    }

    private void evaluate() {
      try {
        Input input =
            EnvoyHook.read(
                call.body(), call.source(), call.at(), call.screen().highSecuritySites());
        Snapshot snapshot = snapshots.current();
        Evaluated ours =
            new Evaluated(
                Decider.decide(input, snapshot, call.screen(), call.at()),
                Evaluated.hash(identity, input),
                snapshot);
        Answers.Answered before = answers.find(call.decisionId(), clock.instant());
        ExternalConfig external = call.screen().external();
        if (external == null
            || !SecondOpinion.matters(external.mode(), ours.ruling())
            || isAbout(before, ours)) {
          rule(again(before, ours));
        } else {
          ask(external, input, ours);
        }
      } catch (Throwable e) { // whatever it was, nobody enters by it
        broken(e);
      }
    }

    /** Whether the answer that the entry got before was given about the same facts. */
    private static boolean isAbout(Answers.@Nullable Answered before, Evaluated ours) {
      return before != null
          && before.inputsHash() != null
          && before.inputsHash().equals(ours.inputsHash());
    }

    /** What is decided now, in the light of the answer that the entry got before. */
    private static Evaluated again(Answers.@Nullable Answered before, Evaluated fresh) {
      return before == null
          ? fresh
          : fresh.with(Answers.again(before, fresh.ruling(), fresh.inputsHash()));
    }

    /** Takes no thread while the service thinks; the soft deadline goes on. */
    private void ask(ExternalConfig external, Input input, Evaluated ours) {
      ExternalService service =
          requireNonNull(externals.get(call.source()), "no service where there should be one");
      ExternalService.Asking asked =
          service.ask(
              new Question(
                  call.decisionId(),
                  call.header(Headers.REQUEST_ID),
                  call.source(),
                  call.at(),
                  input),
              external.secrets());
      asking = asked;
      if (ruled.get()) {
        asked.cancel();
      }
      var _ = asked.answer().thenAccept(answer -> heard(external.mode(), ours, answer));
    }

    private void heard(ExternalConfig.Mode mode, Evaluated ours, Answer answer) {
      Evaluated heard =
          ours.with(SecondOpinion.heard(mode, ours.ruling(), answer, call.screen().appName()));
      rule(again(answers.find(call.decisionId(), clock.instant()), heard));
    }

    /** The soft deadline has passed: nobody waits for the evaluation any more. */
    private void giveUp() {
      rule(Evaluated.without(late(Reason.SOFT_DEADLINE)));
      if (evaluation.cancel(true)) {
        deciders.remove(evaluation);
      }
    }

    private void rule(Evaluated evaluated) {
      if (!ruled.compareAndSet(false, true)) {
        return;
      }
      cancel(soft);
      ExternalService.Asking asked = asking;
      if (asked != null) {
        asked.cancel();
      }
      if (evaluated.ruling().approves()) {
        Thread.ofVirtual().name("screen-approve").start(() -> approve(evaluated));
      } else {
        settle(evaluated, null);
      }
    }

    private void approve(Evaluated evaluated) {
      try {
        if (settled.get()) {
          return;
        }
        var _ =
            audit
                .write(record(evaluated))
                .thenCombine(stored, (receipt, _) -> receipt)
                .whenComplete((receipt, failure) ->
                    settle(failure == null ? evaluated : unrecorded(evaluated), receipt));
      } catch (RuntimeException e) {
        settle(unrecorded(evaluated), null);
      }
    }

    private static void cancel(@Nullable Timeout timeout) {
      if (timeout != null) {
        timeout.cancel();
      }
    }

    private Evaluated unrecorded(Evaluated evaluated) {
      return evaluated.with(review(DecisionBasis.FALLBACK, Reason.NOT_RECORDED));
    }

    void broken(Throwable e) {
      if (!ruled.compareAndSet(false, true)) {
        return; // given up before, which may be why it broke
      }
      // The message is left out: it may quote what was sent.
      LOG.atError()
          .addKeyValue("source", call.source())
          .addKeyValue("error", e.getClass().getName())
          .addKeyValue("at", e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0])
          .log("screening failed");
      settle(Evaluated.without(review(DecisionBasis.FALLBACK, Reason.FAILED)), null);
    }

    /**
     * Answers, once. An approval is already written down; a review will be, also where an approval
     * of the same call is still on its way to Kafka: the review wins.
     */
    void settle(Evaluated proposed, @Nullable Receipt receipt) {
      if (!settled.compareAndSet(false, true)) {
        return;
      }
      try {
        cancel(hard);
        Evaluated last =
            proposed.with(
                answers.settle(
                    call.decisionId(), proposed.ruling(), proposed.inputsHash(), clock.instant()));
        Decision decided = record(last);
        if (!last.ruling().approves()) {
          audit.later(decided);
        }
        count(last.ruling());
        reply.complete(reply(last.ruling(), decided, receipt));
      } catch (Throwable e) { // an answer there must be
        LOG.atError().addKeyValue("error", e.getClass().getName()).log("screening failed");
        reply.complete(new Reply(false, PolicySet.byHand(call.screen().appName()), null, _ -> {}));
      }
    }

    private Reply reply(Ruling ruling, Decision decided, @Nullable Receipt receipt) {
      boolean approved = ruling.approves();
      AtomicBoolean reported = new AtomicBoolean();
      Timeout unwritten =
          timer.newTimeout(
              _ -> report(decided, approved, false, reported),
              WRITTEN_WITHIN.toNanos(),
              TimeUnit.NANOSECONDS);
      return new Reply(
          approved,
          ruling.message().isEmpty() ? PolicySet.byHand(call.screen().appName()) : ruling.message(),
          approved ? receipt : null,
          written -> {
            unwritten.cancel();
            report(decided, approved, written, reported);
          });
    }

    private void report(
        Decision decided, boolean approved, boolean written, AtomicBoolean reported) {
      if (reported.compareAndSet(false, true)) {
        audit.later(Records.answered(decided, approved, written, clock.instant()));
      }
    }

    private Decision record(Evaluated evaluated) {
      return Records.decided(
          call,
          evaluated,
          clock.instant(),
          Duration.ofNanos(System.nanoTime() - call.startNanos()));
    }

    private void count(Ruling ruling) {
      meters
          .timer(
              "vestibule.ingress.screened",
              "source",
              call.source(),
              "outcome",
              ruling.outcome().name(),
              "basis",
              ruling.basis().name(),
              "reason",
              ruling.reason().tag())
          .record(System.nanoTime() - call.startNanos(), TimeUnit.NANOSECONDS);
    }
  }
}
