package dev.vestibule.ingress.webhook;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.decision.Screening;
import dev.vestibule.ingress.decision.envoy.PurposeRegistration;
import dev.vestibule.ingress.publish.Deadlines;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.ingress.signature.Verifier;
import dev.vestibule.ingress.vendor.BodyFacts;
import dev.vestibule.ingress.vendor.Delivery;
import dev.vestibule.ingress.vendor.VendorProfile;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a webhook, from its first byte to the answer. Blocks while the body comes, so it
 * is meant for a virtual thread per request; nobody waits for the answer.
 */
public final class Webhooks {
  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);

  /** The last resort: the publisher fails earlier by itself. */
  private static final Duration ANSWER_DEADLINE = Duration.ofMillis(4500);

  /** Slack gives up after three seconds, and shows whoever clicked that it has. */
  private static final Duration CLICK_DEADLINE = Duration.ofMillis(2500);

  /** What a request takes besides its body: buffers, headers, a thread that waits. */
  static final int REQUEST_BYTES = 16 * 1024;

  private static final int MIN_RETRY_SECONDS = 5;
  private static final int RETRY_JITTER_SECONDS = 6;

  private final Sources sources;
  private final SlackSinks slackSinks;
  private final RawRecords records;
  private final Publisher publisher;
  private final IdentityKey identity;
  private final IngressMetrics metrics;
  private final Reception reception;
  private final Random random;
  private final PendingBytes pending;
  private final HookCalls hookCalls;
  private final Writes writes = new Writes();

  /**
   * @param slackSinks whose messages can be answered
   * @param screening answers the calls that hold a visitor
   * @param registration tells Envoy which installations make such calls
   * @param maxPendingBytes bound of what unfinished requests hold; above it requests get 503
   */
  public Webhooks(
      Sources sources,
      SlackSinks slackSinks,
      RawRecords records,
      Publisher publisher,
      Screening screening,
      PurposeRegistration registration,
      IdentityKey identity,
      MeterRegistry meters,
      InstantSource clock,
      Random random,
      long maxPendingBytes) {
    this.sources = sources;
    this.slackSinks = slackSinks;
    this.records = records;
    this.publisher = publisher;
    this.identity = identity;
    this.random = random;
    this.pending = new PendingBytes(maxPendingBytes);
    this.metrics = new IngressMetrics(meters, pending::held);
    this.reception = new Reception(metrics, clock);
    this.hookCalls =
        new HookCalls(
            sources, reception, records, screening, registration, identity, metrics, pending);
  }

  IngressMetrics metrics() {
    return metrics;
  }

  Writes writes() {
    return writes;
  }

  /**
   * Answers a call that holds a visitor; never fails, and within three seconds of its last byte.
   */
  public CompletableFuture<Answer> screen(WebhookRequest request) {
    return hookCalls.screen(request);
  }

  /** Answers what the visitor system asks when it is set up; never fails. */
  public Answer setUp(WebhookRequest request) {
    return hookCalls.setUp(request);
  }

  /** Answers a request; never fails, and after a few seconds at the latest. */
  public CompletableFuture<Answer> accept(WebhookRequest request) {
    Source source = sources.find(request.source());
    return source == null
        ? now(unknown())
        : guarded(
            source.name(),
            share ->
                admit(
                    source.name(),
                    reception.receive(source, request, share, source.maxBodyBytes()),
                    genuine -> store(source, request, genuine)));
  }

  /**
   * Answers what somebody has clicked in a sink's message; never fails, and within three seconds of
   * its last byte. A click that Kafka does not have by then is refused, and whoever clicked is told
   * by Slack. The spool does not stand in for Kafka: nobody would see the click before somebody
   * else's answer has come first.
   */
  public CompletableFuture<Answer> interaction(WebhookRequest request) {
    String sink = request.source();
    Verifier verifier = slackSinks.find(sink);
    return verifier == null
        ? now(unknown())
        : guarded(
            sink,
            share ->
                admit(
                    sink,
                    reception.receive(
                        sink, verifier, request, share, SourceConfig.DEFAULT_MAX_BODY_BYTES),
                    genuine -> storeClick(sink, request, genuine)));
  }

  private static CompletableFuture<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }

  private Answer unknown() {
    metrics.received(IngressMetrics.NO_SOURCE);
    return reject(IngressMetrics.NO_SOURCE, 404, "unknown_source");
  }

  /** Answers within the bound of all unfinished requests, and whatever goes wrong. */
  private CompletableFuture<Answer> guarded(
      String sender, Function<PendingBytes.Share, CompletableFuture<Answer>> answering) {
    metrics.received(sender);
    PendingBytes.Share share = pending.share();
    CompletableFuture<Answer> answer;
    try {
      answer =
          share.grow(REQUEST_BYTES)
              ? answering.apply(share)
              : now(unavailable(sender, "pending_bytes"));
    } catch (RuntimeException e) {
      answer = now(failed(sender, e));
    }
    return answer.whenComplete((_, _) -> share.close());
  }

  private Answer failed(String sender, Throwable e) {
    // The message is left out: it may quote what was sent.
    LOG.atError()
        .addKeyValue("source", sender)
        .addKeyValue("error", e.getClass().getName())
        .addKeyValue("at", e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0])
        .log("webhook failed");
    return unavailable(sender, "internal");
  }

  private CompletableFuture<Answer> admit(
      String sender,
      Reception.Result received,
      Function<Reception.Result.Genuine, CompletableFuture<Answer>> storing) {
    return switch (received) {
      case Reception.Result.NotGenuine(String reason) -> now(reject(sender, 401, reason));
      case Reception.Result.TooLarge() -> now(reject(sender, 413, "too_large"));
      case Reception.Result.NoRoom() -> now(unavailable(sender, "pending_bytes"));
      case Reception.Result.Genuine genuine -> storing.apply(genuine);
    };
  }

  private CompletableFuture<Answer> store(
      Source source, WebhookRequest request, Reception.Result.Genuine genuine) {
    // After the signature: strangers cannot use up a source's rate.
    RateLimiter limiter = source.rateLimiter();
    if (limiter != null && !limiter.acquirePermission()) {
      metrics.rejected(source.name(), "rate_limited");
      return now(Answer.retry(429, 1));
    }
    VendorProfile profile = source.profile();
    BodyFacts facts = BodyFacts.scan(genuine.body(), profile.facts());
    Delivery delivery = new Delivery(facts, request.headers(), source.account(), identity);
    if (!profile.stores(facts)) {
      metrics.ignored(source.name(), "event_not_stored");
      return now(Answer.of(200));
    }
    countHeaderMismatch(source, profile, delivery);
    RawRecord record =
        records.of(
            new RawRecords.Verified(
                source.name(),
                source.vendor(),
                delivery,
                genuine.body(),
                RawRecords.sha256(genuine.arrived()),
                genuine.at(),
                genuine.signedAt()),
            profile);
    return publish(source.name(), record);
  }

  private CompletableFuture<Answer> storeClick(
      String sink, WebhookRequest request, Reception.Result.Genuine genuine) {
    String contentType =
        request.headers().all(Headers.CONTENT_TYPE).stream().findFirst().orElse(null);
    RawRecord record = records.interaction(sink, genuine.arrived(), genuine.at(), contentType);
    // Handing over may take longer than there is time, where the producer is being exchanged.
    CompletableFuture<Receipt> stored =
        CompletableFuture.completedFuture(record)
            .thenComposeAsync(publisher::publishToKafka, Thread::startVirtualThread);
    return answered(sink, stored, genuine.startNanos() + CLICK_DEADLINE.toNanos());
  }

  /** The header is not signed, so the body decides; a difference is worth a look. */
  private void countHeaderMismatch(Source source, VendorProfile profile, Delivery delivery) {
    if (profile.eventHeader() == null) {
      return;
    }
    String header = delivery.header(profile.eventHeader());
    String event = delivery.facts().text(VendorProfile.EVENT);
    if (header != null && event != null && !header.equals(event)) {
      metrics.eventHeaderMismatch(source.name());
    }
  }

  private CompletableFuture<Answer> publish(String source, RawRecord record) {
    // Handing over may itself take a moment, so the deadline starts before it.
    long deadline = System.nanoTime() + ANSWER_DEADLINE.toNanos();
    return answered(source, publisher.publish(record), deadline);
  }

  private CompletableFuture<Answer> answered(
      String sender, CompletableFuture<Receipt> stored, long deadlineNanos) {
    return Deadlines.end(stored, deadlineNanos - System.nanoTime())
        .handle((receipt, failure) ->
            failure == null ? stored(sender, receipt) : notStored(sender, failure));
  }

  private Answer stored(String sender, Receipt receipt) {
    metrics.published(sender);
    return Answer.stored(receipt);
  }

  private Answer notStored(String sender, Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return switch (cause) {
      case PublishException e when e.reason() == PublishException.Reason.TOO_LARGE ->
          reject(sender, 413, "too_large_for_topic");
      case PublishException e -> unavailable(sender, e.reason().tag());
      case TimeoutException _ -> unavailable(sender, PublishException.Reason.TIMEOUT.tag());
      case null, default -> failed(sender, failure);
    };
  }

  private Answer reject(String sender, int status, String reason) {
    metrics.rejected(sender, reason);
    LOG.atDebug().addKeyValue("source", sender).addKeyValue("reason", reason).log("rejected");
    return Answer.of(status);
  }

  /** Asks the sender to come back, not all senders at once. */
  private Answer unavailable(String sender, String reason) {
    metrics.unavailable(sender, reason);
    LOG.atDebug().addKeyValue("source", sender).addKeyValue("reason", reason).log("unavailable");
    return Answer.retry(503, MIN_RETRY_SECONDS + random.nextInt(RETRY_JITTER_SECONDS));
  }
}
