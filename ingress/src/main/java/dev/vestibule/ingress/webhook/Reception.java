package dev.vestibule.ingress.webhook;

import dev.vestibule.ingress.signature.UnverifiedRequest;
import dev.vestibule.ingress.signature.Verification.Accepted;
import dev.vestibule.ingress.signature.Verification.Rejected;
import dev.vestibule.ingress.signature.Verifier;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a request within its bounds and finds out whether it is genuine. */
final class Reception {
  private final IngressMetrics metrics;
  private final InstantSource clock;

  Reception(IngressMetrics metrics, InstantSource clock) {
    this.metrics = metrics;
    this.clock = clock;
  }

  /** What became of a request. */
  sealed interface Result {
    /**
     * It comes from its source.
     *
     * @param arrived the bytes on the wire
     * @param body what the sender signed, after decompression if there was any
     * @param at when it was there as a whole
     * @param startNanos the same moment on {@link System#nanoTime()}'s clock
     * @param signedAt the time that the signature covers, or null
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Genuine(
        byte[] arrived, byte[] body, Instant at, long startNanos, @Nullable Instant signedAt)
        implements Result {}

    /** It does not, or nobody can tell. */
    record NotGenuine(String reason) implements Result {}

    /** It is larger than the limit, and was not read. */
    record TooLarge() implements Result {}

    /** All requests under way together hold too much. */
    record NoRoom() implements Result {}
  }

  /**
   * Reads and verifies.
   *
   * @param maxBytes a body of exactly this size is read
   */
  Result receive(Source source, WebhookRequest request, PendingBytes.Share share, int maxBytes) {
    if (!source.networks().allows(request.peer(), request.headers().all("X-Forwarded-For"))) {
      return new Result.NotGenuine("network_not_allowed");
    }
    if (!source.knows(request.certificate())) {
      return new Result.NotGenuine("client_certificate");
    }
    return receive(
        source.name(),
        source.verifier(),
        source.profile().signsInflatedBody(),
        request,
        share,
        maxBytes);
  }

  /**
   * The same for a sender that signs what it sends and may be anywhere.
   *
   * @param sender its configured name
   */
  Result receive(
      String sender,
      Verifier verifier,
      WebhookRequest request,
      PendingBytes.Share share,
      int maxBytes) {
    return receive(sender, verifier, false, request, share, maxBytes);
  }

  private Result receive(
      String sender,
      Verifier verifier,
      boolean signsInflatedBody,
      WebhookRequest request,
      PendingBytes.Share share,
      int maxBytes) {
    if (request.announcedBytes() > maxBytes) {
      return new Result.TooLarge();
    }
    BodyReader.Result read =
        BodyReader.read(request.body().get(), request.announcedBytes(), maxBytes, share);
    if (!(read instanceof BodyReader.Result.Complete(byte[] arrived))) {
      return notRead(read, "incomplete_body");
    }
    long startNanos = System.nanoTime();
    if (!signsInflatedBody || !isGzip(request)) {
      return verify(sender, verifier, request, arrived, arrived, startNanos);
    }
    BodyReader.Result inflated = BodyReader.inflate(arrived, maxBytes, share);
    return inflated instanceof BodyReader.Result.Complete(byte[] body)
        ? verify(sender, verifier, request, arrived, body, startNanos)
        : notRead(inflated, "undecodable_body");
  }

  private static Result notRead(BodyReader.Result result, String brokenReason) {
    return switch (result) {
      case BodyReader.Result.TooLarge() -> new Result.TooLarge();
      case BodyReader.Result.NoRoom() -> new Result.NoRoom();
      case BodyReader.Result.Broken() -> new Result.NotGenuine(brokenReason);
      case BodyReader.Result.Complete complete -> throw new IllegalStateException("was read");
    };
  }

  private static boolean isGzip(WebhookRequest request) {
    return request.headers().all("Content-Encoding").stream()
        .map(value -> value.strip().toLowerCase(Locale.ROOT))
        .anyMatch(value -> value.equals("gzip") || value.equals("x-gzip"));
  }

  private Result verify(
      String sender,
      Verifier verifier,
      WebhookRequest request,
      byte[] arrived,
      byte[] body,
      long startNanos) {
    Instant now = clock.instant();
    UnverifiedRequest unverified =
        new UnverifiedRequest(request.headers(), request.pathKey(), body);
    return switch (verifier.verify(unverified, now)) {
      case Rejected(var reason) -> new Result.NotGenuine(reason.tag());
      case Accepted(int secret, @Nullable Instant signedAt) -> {
        metrics.accepted(sender, secret);
        yield new Result.Genuine(arrived, body, now, startNanos, signedAt);
      }
    };
  }
}
