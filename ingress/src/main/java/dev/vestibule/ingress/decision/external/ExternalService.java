package dev.vestibule.ingress.decision.external;

import dev.vestibule.config.ExternalConfig;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.config.Secret;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.ingress.decision.policy.Fact;
import dev.vestibule.ingress.signature.StandardWebhooks;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.HashedWheelTimer;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A customer's service that says what it thinks of a visit. It is asked once more when it takes
 * longer than it nearly always does, or has failed; both requests carry the same {@code
 * webhook-id}. While it keeps failing it is left alone.
 */
public final class ExternalService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExternalService.class);
  private static final long TICK_MILLIS = 10;
  private static final int MAX_UNDER_WAY = 200;
  private static final Duration HEDGE_FLOOR = Duration.ofMillis(20);

  /** It is left alone when half of the last so many questions got no answer. */
  static final int BREAKER_WINDOW = 20;

  private static final int BREAKER_FEWEST = 10;
  private static final float BREAKER_PERCENT = 50;

  /** So long; then so many questions find out whether it is back. */
  static final Duration BREAKER_WAIT = Duration.ofSeconds(5);

  static final int BREAKER_TRIALS = 3;

  private final ExternalConfig config;
  private final Set<Fact> told;
  private final Transport transport;
  private final Timer timer;
  private final InstantSource clock;
  private final LongSupplier nanos;
  private final CircuitBreaker breaker;
  private final Hedges hedges = new Hedges();
  private final Latencies latencies = new Latencies();
  private final Semaphore room = new Semaphore(MAX_UNDER_WAY);
  private final MeterRegistry meters;
  private final String source;
  private final Counter hedged;

  /**
   * The services that sources have, by the source's name.
   *
   * @throws IllegalArgumentException when one is to be told a fact that there is not
   */
  public static Map<String, ExternalService> of(
      Collection<SourceConfig> sources, MeterRegistry meters, InstantSource clock) {
    Map<String, ExternalService> services = new HashMap<>();
    for (SourceConfig source : sources) {
      ScreenConfig screen = source.screen();
      ExternalConfig external = screen == null ? null : screen.external();
      if (external != null) {
        services.put(source.name(), of(source.name(), external, meters, clock));
      }
    }
    return Map.copyOf(services);
  }

  /** One over HTTP. */
  public static ExternalService of(
      String source, ExternalConfig config, MeterRegistry meters, InstantSource clock) {
    return new ExternalService(
        source,
        config,
        new HttpTransport(config.perTry()),
        new HashedWheelTimer(
            Thread.ofPlatform().daemon().name("external-deadlines").factory(),
            TICK_MILLIS,
            TimeUnit.MILLISECONDS),
        meters,
        clock,
        System::nanoTime);
  }

  ExternalService(
      String source,
      ExternalConfig config,
      Transport transport,
      Timer timer,
      MeterRegistry meters,
      InstantSource clock,
      LongSupplier nanos) {
    this.source = source;
    this.config = config;
    this.told = Question.facts(config.facts());
    this.transport = transport;
    this.timer = timer;
    this.clock = clock;
    this.nanos = nanos;
    this.meters = meters;
    this.breaker =
        CircuitBreaker.of(
            source,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(BREAKER_WINDOW)
                .minimumNumberOfCalls(BREAKER_FEWEST)
                .failureRateThreshold(BREAKER_PERCENT)
                .waitDurationInOpenState(BREAKER_WAIT)
                .permittedNumberOfCallsInHalfOpenState(BREAKER_TRIALS)
                .recordResult(answer -> answer instanceof Answer given && !given.isGiven())
                .writableStackTraceEnabled(false)
                .clock(clock.withZone(ZoneOffset.UTC))
                .build());
    breaker
        .getEventPublisher()
        .onStateTransition(event -> {
          State now = event.getStateTransition().getToState();
          LOG.atLevel(now == State.OPEN ? Level.WARN : Level.INFO)
              .addKeyValue("source", source)
              .addKeyValue("state", now)
              .log(
                  now == State.OPEN
                      ? "external service is left alone"
                      : "external service is asked");
        });
    this.hedged =
        Counter.builder("vestibule.ingress.external.hedges")
            .description("Questions that were sent a second time")
            .tag("source", source)
            .register(meters);
    Gauge.builder("vestibule.ingress.external.breaker", this::state)
        .description("0: the service is asked; 1: it is tried whether it is back; 2: left alone")
        .tag("source", source)
        .register(meters);
    Gauge.builder(
            "vestibule.ingress.external.pending", () -> MAX_UNDER_WAY - room.availablePermits())
        .description("Questions without an answer yet")
        .tag("source", source)
        .register(meters);
  }

  /**
   * Asks; never waits.
   *
   * @param secrets each signs
   */
  public Asking ask(Question question, List<Secret> secrets) {
    HttpRequest request = request(question, secrets);
    Asking asking = new Asking(request);
    if (!room.tryAcquire()) {
      asking.refuse(Answer.OVERLOAD);
    } else if (!breaker.tryAcquirePermission()) {
      room.release();
      asking.refuse(Answer.OPEN);
    } else {
      asking.start();
    }
    return asking;
  }

  /** Ends all that is under way; nobody is asked any more. */
  @Override
  public void close() {
    transport.close();
    timer.stop();
  }

  private HttpRequest request(Question question, List<Secret> secrets) {
    byte[] body = question.json(told);
    String id = question.requestId();
    String timestamp = Long.toString(clock.instant().getEpochSecond());
    return HttpRequest.newBuilder(config.url())
        .header("Content-Type", "application/json")
        .header("Accept", "application/json")
        .header("User-Agent", "Vestibule")
        .header(StandardWebhooks.ID, id)
        .header(StandardWebhooks.TIMESTAMP, timestamp)
        .header(
            StandardWebhooks.SIGNATURE,
            StandardWebhooks.sign(
                secrets.stream().map(StandardWebhooks::key).toList(), id, timestamp, body))
        .POST(BodyPublishers.ofByteArray(body))
        .build();
  }

  private int state() {
    return switch (breaker.getState()) {
      case OPEN, FORCED_OPEN -> 2;
      case HALF_OPEN -> 1;
      default -> 0;
    };
  }

  private void count(String outcome, long elapsed) {
    meters
        .timer("vestibule.ingress.external", "source", source, "outcome", outcome)
        .record(elapsed, TimeUnit.NANOSECONDS);
  }

  /** One question, and its one or two requests. */
  public final class Asking {
    private final HttpRequest request;
    private final CompletableFuture<Answer> answer = new CompletableFuture<>();
    private final List<Try> tries = new ArrayList<>();
    private final List<Timeout> timeouts = new ArrayList<>();
    private final long startNanos = nanos.getAsLong();
    private boolean secondTry;
    private boolean ended;

    private Asking(HttpRequest request) {
      this.request = request;
    }

    /** What came of it, within the budget; never fails, and is cancelled with the question. */
    public CompletableFuture<Answer> answer() {
      return answer;
    }

    /** Nobody wants to know any more. */
    public void cancel() {
      end(null);
    }

    private void refuse(Answer without) {
      ended = true;
      count(without.tag(), 0);
      answer.complete(without);
    }

    private void start() {
      hedges.earn();
      long usual = latencies.p95(config.perTry().toNanos() / 2);
      try {
        synchronized (this) {
          after(config.budget().toNanos(), () -> end(Answer.TIMEOUT));
          after(Math.max(usual, HEDGE_FLOOR.toNanos()), this::tryAgain);
          tryOnce();
        }
      } catch (RuntimeException e) { // the timer, when it has been stopped
        end(Answer.UNREACHABLE);
      }
    }

    private void after(long delay, Runnable task) {
      timeouts.add(timer.newTimeout(_ -> task.run(), delay, TimeUnit.NANOSECONDS));
    }

    private synchronized boolean tryAgain() {
      if (ended || secondTry || !hedges.spend()) {
        return false;
      }
      secondTry = true;
      hedged.increment();
      tryOnce();
      return true;
    }

    private synchronized void tryOnce() {
      Try once = new Try(transport.send(request), nanos.getAsLong());
      tries.add(once);
      after(config.perTry().toNanos(), () -> over(once, Answer.TIMEOUT));
      var _ =
          once.sent.whenComplete(
              (given, failure) -> over(once, failure == null ? given : Answer.UNREACHABLE));
    }

    /** The first that says something counts; one that does not leaves it to the other. */
    private void over(Try once, Answer given) {
      synchronized (this) {
        if (ended || !tries.remove(once)) {
          return;
        }
        if (given.isGiven()) {
          latencies.add(nanos.getAsLong() - once.since);
        } else {
          once.sent.cancel(true);
          if (tryAgain() || !tries.isEmpty()) {
            return;
          }
        }
      }
      end(given);
    }

    private void end(@Nullable Answer given) {
      List<Try> left;
      synchronized (this) {
        if (ended) {
          return;
        }
        ended = true;
        left = List.copyOf(tries);
        tries.clear();
        timeouts.forEach(Timeout::cancel);
      }
      left.forEach(once -> once.sent.cancel(true));
      long elapsed = nanos.getAsLong() - startNanos;
      room.release();
      if (given == null) {
        breaker.releasePermission();
        count("cancelled", elapsed);
        answer.cancel(false);
      } else {
        breaker.onResult(elapsed, TimeUnit.NANOSECONDS, given);
        count(given.tag(), elapsed);
        answer.complete(given);
      }
    }
  }

  /** One request; the same as no other. */
  private static final class Try {
    private final CompletableFuture<Answer> sent;
    private final long since;

    Try(CompletableFuture<Answer> sent, long since) {
      this.sent = sent;
      this.since = since;
    }
  }
}
