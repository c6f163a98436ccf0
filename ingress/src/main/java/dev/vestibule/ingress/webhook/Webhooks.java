package dev.vestibule.ingress.webhook;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.ingress.signature.UnverifiedRequest;
import dev.vestibule.ingress.signature.Verification.Accepted;
import dev.vestibule.ingress.signature.Verification.Rejected;
import dev.vestibule.ingress.vendor.BodyFacts;
import dev.vestibule.ingress.vendor.Delivery;
import dev.vestibule.ingress.vendor.VendorProfile;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a webhook, from its first byte to the answer. Blocks; meant for a virtual thread
 * per request.
 */
public final class Webhooks {
  private static final Logger LOG = LoggerFactory.getLogger(Webhooks.class);

  /** The last resort: the publisher fails earlier by itself. */
  private static final Duration ANSWER_DEADLINE = Duration.ofMillis(4500);

  /** What a request takes besides its body: buffers, headers, a thread that waits. */
  static final int REQUEST_BYTES = 16 * 1024;

  private static final int MIN_RETRY_SECONDS = 5;
  private static final int RETRY_JITTER_SECONDS = 6;

  private final Sources sources;
  private final RawRecords records;
  private final Publisher publisher;
  private final IdentityKey identity;
  private final IngressMetrics metrics;
  private final InstantSource clock;
  private final Random random;
  private final PendingBytes pending;

  /**
   * @param maxPendingBytes bound of what unfinished requests hold; above it requests get 503
   */
  public Webhooks(
      Sources sources,
      RawRecords records,
      Publisher publisher,
      IdentityKey identity,
      MeterRegistry meters,
      InstantSource clock,
      Random random,
      long maxPendingBytes) {
    this.sources = sources;
    this.records = records;
    this.publisher = publisher;
    this.identity = identity;
    this.clock = clock;
    this.random = random;
    this.pending = new PendingBytes(maxPendingBytes);
    this.metrics = new IngressMetrics(meters, pending::held);
  }

  IngressMetrics metrics() {
    return metrics;
  }

  /** Answers a request; never throws. */
  public Answer accept(WebhookRequest request) {
    Source source = sources.find(request.source());
    if (source == null) {
      metrics.received(IngressMetrics.NO_SOURCE);
      return reject(IngressMetrics.NO_SOURCE, 404, "unknown_source");
    }
    metrics.received(source.name());
    try (PendingBytes.Share share = pending.share()) {
      return share.grow(REQUEST_BYTES)
          ? admit(source, request, share)
          : unavailable(source, "pending_bytes");
    } catch (RuntimeException e) {
      // The message is left out: it may quote what was sent.
      LOG.atError()
          .addKeyValue("source", source.name())
          .addKeyValue("error", e.getClass().getName())
          .addKeyValue("at", e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0])
          .log("webhook failed");
      return unavailable(source, "internal");
    }
  }

  private Answer admit(Source source, WebhookRequest request, PendingBytes.Share share) {
    if (!source.networks().allows(request.peer(), request.headers().all("X-Forwarded-For"))) {
      return reject(source.name(), 401, "network_not_allowed");
    }
    if (!source.knows(request.certificate())) {
      return reject(source.name(), 401, "client_certificate");
    }
    if (request.announcedBytes() > source.maxBodyBytes()) {
      return reject(source.name(), 413, "too_large");
    }
    BodyReader.Result read =
        BodyReader.read(
            request.body().get(), request.announcedBytes(), source.maxBodyBytes(), share);
    if (!(read instanceof BodyReader.Result.Complete(byte[] arrived))) {
      return notRead(source, read, "incomplete_body");
    }
    if (!source.profile().signsInflatedBody() || !isGzip(request)) {
      return verify(source, request, arrived, arrived);
    }
    BodyReader.Result inflated = BodyReader.inflate(arrived, source.maxBodyBytes(), share);
    return inflated instanceof BodyReader.Result.Complete(byte[] body)
        ? verify(source, request, arrived, body)
        : notRead(source, inflated, "undecodable_body");
  }

  private Answer notRead(Source source, BodyReader.Result result, String brokenReason) {
    return switch (result) {
      case BodyReader.Result.TooLarge() -> reject(source.name(), 413, "too_large");
      case BodyReader.Result.NoRoom() -> unavailable(source, "pending_bytes");
      case BodyReader.Result.Broken() -> reject(source.name(), 401, brokenReason);
      case BodyReader.Result.Complete complete -> throw new IllegalStateException("was read");
    };
  }

  private static boolean isGzip(WebhookRequest request) {
    return request.headers().all("Content-Encoding").stream()
        .map(value -> value.strip().toLowerCase(Locale.ROOT))
        .anyMatch(value -> value.equals("gzip") || value.equals("x-gzip"));
  }

  private Answer verify(Source source, WebhookRequest request, byte[] arrived, byte[] body) {
    Instant now = clock.instant();
    UnverifiedRequest unverified =
        new UnverifiedRequest(request.headers(), request.pathKey(), body);
    return switch (source.verifier().verify(unverified, now)) {
      case Rejected(var reason) -> reject(source.name(), 401, reason.tag());
      case Accepted(int secret, @Nullable Instant signedAt) -> {
        metrics.accepted(source.name(), secret);
        yield store(source, request, arrived, body, now, signedAt);
      }
    };
  }

  private Answer store(
      Source source,
      WebhookRequest request,
      byte[] arrived,
      byte[] body,
      Instant now,
      @Nullable Instant signedAt) {
    // After the signature: strangers cannot use up a source's rate.
    RateLimiter limiter = source.rateLimiter();
    if (limiter != null && !limiter.acquirePermission()) {
      metrics.rejected(source.name(), "rate_limited");
      return Answer.retry(429, 1);
    }
    VendorProfile profile = source.profile();
    BodyFacts facts = BodyFacts.scan(body, profile.facts());
    Delivery delivery = new Delivery(facts, request.headers(), source.account(), identity);
    if (!profile.stores(facts)) {
      metrics.ignored(source.name(), "event_not_stored");
      return Answer.of(200);
    }
    countHeaderMismatch(source, profile, delivery);
    RawRecord record =
        records.of(
            new RawRecords.Verified(
                source.name(),
                source.vendor(),
                delivery,
                body,
                RawRecords.sha256(arrived),
                now,
                signedAt),
            profile);
    return publish(source, record);
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

  private Answer publish(Source source, RawRecord record) {
    // Handing over may itself take a moment, so the deadline starts before it.
    long deadline = System.nanoTime() + ANSWER_DEADLINE.toNanos();
    try {
      Receipt receipt =
          publisher.publish(record).get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      metrics.published(source.name());
      return Answer.stored(receipt);
    } catch (TimeoutException e) {
      return unavailable(source, PublishException.Reason.TIMEOUT.tag());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return unavailable(source, PublishException.Reason.CLOSED.tag());
    } catch (ExecutionException e) {
      return e.getCause() instanceof PublishException failure
          ? notPublished(source, failure.reason())
          : unavailable(source, "internal");
    }
  }

  private Answer notPublished(Source source, PublishException.Reason reason) {
    return reason == PublishException.Reason.TOO_LARGE
        ? reject(source.name(), 413, "too_large_for_topic")
        : unavailable(source, reason.tag());
  }

  private Answer reject(String source, int status, String reason) {
    metrics.rejected(source, reason);
    LOG.atDebug().addKeyValue("source", source).addKeyValue("reason", reason).log("rejected");
    return Answer.of(status);
  }

  /** Asks the sender to come back, not all senders at once. */
  private Answer unavailable(Source source, String reason) {
    metrics.unavailable(source.name(), reason);
    LOG.atDebug()
        .addKeyValue("source", source.name())
        .addKeyValue("reason", reason)
        .log("unavailable");
    return Answer.retry(503, MIN_RETRY_SECONDS + random.nextInt(RETRY_JITTER_SECONDS));
  }
}
