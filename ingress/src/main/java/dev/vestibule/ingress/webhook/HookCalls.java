package dev.vestibule.ingress.webhook;

import dev.vestibule.config.PluginConfig;
import dev.vestibule.config.ScreenConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.decision.Reason;
import dev.vestibule.ingress.decision.Reply;
import dev.vestibule.ingress.decision.ScreenCall;
import dev.vestibule.ingress.decision.Screening;
import dev.vestibule.ingress.decision.envoy.PurposeRegistration;
import dev.vestibule.ingress.decision.envoy.Registration;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.RawRecords;
import dev.vestibule.ingress.vendor.BodyFacts;
import dev.vestibule.ingress.vendor.Delivery;
import dev.vestibule.ingress.vendor.VendorProfile;
import io.github.resilience4j.ratelimiter.RateLimiter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a call that holds a visitor at the door. Whoever sends it hears nothing but "may
 * enter" or "a person must look", once it is genuine; and where nobody could find out whether it
 * is, the latter too, since any other answer might let the visitor in.
 */
final class HookCalls {
  private static final Logger LOG = LoggerFactory.getLogger(HookCalls.class);

  /**
   * So much is read at least, to tell whether what is too large is genuine: only then it counts.
   */
  private static final int READ_TO_VERIFY = 4 * 1024 * 1024;

  private final Sources sources;
  private final Reception reception;
  private final RawRecords records;
  private final Screening screening;
  private final PurposeRegistration registration;
  private final IdentityKey identity;
  private final IngressMetrics metrics;
  private final PendingBytes pending;

  HookCalls(
      Sources sources,
      Reception reception,
      RawRecords records,
      Screening screening,
      PurposeRegistration registration,
      IdentityKey identity,
      IngressMetrics metrics,
      PendingBytes pending) {
    this.sources = sources;
    this.reception = reception;
    this.records = records;
    this.screening = screening;
    this.registration = registration;
    this.identity = identity;
    this.metrics = metrics;
    this.pending = pending;
  }

  /** Answers whether a visitor may enter; never fails. */
  CompletableFuture<Answer> screen(WebhookRequest request) {
    Source source = sources.find(request.source());
    ScreenConfig screen = source == null ? null : source.screen();
    if (source == null || screen == null) {
      return now(noSuchRoute());
    }
    metrics.received(source.name());
    PendingBytes.Share share = pending.share();
    CompletableFuture<Answer> answer;
    try {
      answer = admit(source, screen, request, share);
    } catch (RuntimeException e) {
      answer = now(unverified(source, screen, failed(source, e)));
    }
    return answer.whenComplete((_, _) -> share.close());
  }

  /**
   * Answers the validation of a step of the set-up: whatever is genuine is in order, and nothing is
   * added to the installation's configuration. Nothing of it is kept, for it may hold credentials.
   *
   * <p>Where Envoy is to be told that the installation asks, that is done first, and the step stops
   * with a message where it fails: nobody else would notice that visitors are not checked.
   */
  Answer setUp(WebhookRequest request) {
    Source source = sources.find(request.source());
    ScreenConfig screen = source == null ? null : source.screen();
    if (source == null || screen == null) {
      return noSuchRoute();
    }
    metrics.received(source.name());
    try (PendingBytes.Share share = pending.share()) {
      if (!share.grow(Webhooks.REQUEST_BYTES)) {
        return refused(source, 503, "pending_bytes");
      }
      return switch (reception.receive(source, request, share, source.maxBodyBytes())) {
        case Reception.Result.NotGenuine(String reason) -> refused(source, 401, reason);
        case Reception.Result.TooLarge() -> refused(source, 413, "too_large");
        case Reception.Result.NoRoom() -> refused(source, 503, "pending_bytes");
        case Reception.Result.Genuine genuine -> setUp(source, screen, genuine.body());
      };
    } catch (RuntimeException e) {
      return refused(source, 503, failed(source, e));
    }
  }

  private Answer setUp(Source source, ScreenConfig screen, byte[] body) {
    PluginConfig plugin = screen.plugin();
    if (plugin != null) {
      String field = plugin.installId();
      String installId = BodyFacts.scan(body, BodyFacts.Paths.of(field)).text(field);
      Registration registered = registration.register(source.name(), plugin, installId);
      metrics.registration(source.name(), registered.tag());
      if (registered != Registration.REGISTERED) {
        metrics.unavailable(source.name(), "registration");
        return Answer.stop(screen.appName() + ": " + registered.message());
      }
    }
    metrics.ignored(source.name(), "setup");
    LOG.atInfo()
        .addKeyValue("source", source.name())
        .addKeyValue("registered", plugin != null)
        .log("set-up step confirmed");
    return Answer.of(200);
  }

  private Answer noSuchRoute() {
    metrics.received(IngressMetrics.NO_SOURCE);
    metrics.rejected(IngressMetrics.NO_SOURCE, "unknown_source");
    return Answer.of(404);
  }

  private Answer refused(Source source, int status, String reason) {
    if (status == 503) {
      metrics.unavailable(source.name(), reason);
      return Answer.retry(status, 5);
    }
    metrics.rejected(source.name(), reason);
    return Answer.of(status);
  }

  private CompletableFuture<Answer> admit(
      Source source, ScreenConfig screen, WebhookRequest request, PendingBytes.Share share) {
    if (!share.grow(Webhooks.REQUEST_BYTES)) {
      return now(unverified(source, screen, "pending_bytes"));
    }
    int most = Math.max(source.maxBodyBytes(), READ_TO_VERIFY);
    return switch (reception.receive(source, request, share, most)) {
      case Reception.Result.NotGenuine(String reason) -> now(refused(source, 401, reason));
      case Reception.Result.TooLarge() -> now(unverified(source, screen, "too_large"));
      case Reception.Result.NoRoom() -> now(unverified(source, screen, "pending_bytes"));
      case Reception.Result.Genuine genuine -> decide(source, screen, request, genuine);
    };
  }

  private CompletableFuture<Answer> decide(
      Source source,
      ScreenConfig screen,
      WebhookRequest request,
      Reception.Result.Genuine genuine) {
    VendorProfile profile = source.profile();
    BodyFacts facts = BodyFacts.scan(genuine.body(), profile.facts());
    RawRecord raw =
        records
            .of(
                new RawRecords.Verified(
                    source.name(),
                    source.vendor(),
                    new Delivery(facts, request.headers(), source.account(), identity),
                    genuine.body(),
                    RawRecords.sha256(genuine.arrived()),
                    genuine.at(),
                    genuine.signedAt()),
                profile)
            .with(Headers.PATH, "hook");
    ScreenCall call =
        ScreenCall.of(
            screen,
            identity,
            facts.text("payload.type"),
            facts.text("payload.id"),
            genuine.body(),
            raw,
            genuine.at(),
            genuine.startNanos());
    Reason reason = refusal(source, genuine);
    return (reason == null ? screening.screen(call) : screening.review(call, reason))
        .thenApply(reply -> answer(source, reply));
  }

  /** Why a genuine call is not even looked at, or null. */
  private static @Nullable Reason refusal(Source source, Reception.Result.Genuine genuine) {
    if (Math.max(genuine.arrived().length, genuine.body().length) > source.maxBodyBytes()) {
      return Reason.TOO_LARGE;
    }
    RateLimiter limiter = source.rateLimiter();
    return limiter == null || limiter.acquirePermission() ? null : Reason.RATE_LIMITED;
  }

  private Answer answer(Source source, Reply reply) {
    metrics.screened(source.name());
    return reply.approved()
        ? Answer.approved(reply.receipt(), reply.written())
        : Answer.review(reply.message(), reply.written());
  }

  private Answer unverified(Source source, ScreenConfig screen, String reason) {
    metrics.unavailable(source.name(), reason);
    return Answer.review(PolicySet.byHand(screen.appName()), null);
  }

  private static String failed(Source source, Throwable e) {
    // The message is left out: it may quote what was sent.
    LOG.atError()
        .addKeyValue("source", source.name())
        .addKeyValue("error", e.getClass().getName())
        .addKeyValue("at", e.getStackTrace().length == 0 ? "" : e.getStackTrace()[0])
        .log("hook call failed");
    return "internal";
  }

  private static CompletableFuture<Answer> now(Answer answer) {
    return CompletableFuture.completedFuture(answer);
  }
}
