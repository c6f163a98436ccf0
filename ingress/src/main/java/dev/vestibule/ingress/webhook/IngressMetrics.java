package dev.vestibule.ingress.webhook;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What the ingress counts. Per source: {@code received = published + rejected + unavailable +
 * ignored} and what is under way; {@code accepted = published + ignored + unavailable after
 * verification + rejected after verification} and says which secret fitted, so that a rotation can
 * be finished. Tags hold configured names and fixed reasons only, never what a sender wrote.
 */
final class IngressMetrics {
  /** Tag of requests for a source that is not configured. */
  static final String NO_SOURCE = "none";

  private static final String PREFIX = "vestibule.ingress.";

  private final MeterRegistry meters;

  IngressMetrics(MeterRegistry meters, LongSupplier pendingBytes) {
    this.meters = meters;
    Gauge.builder(PREFIX + "pending.bytes", pendingBytes::getAsLong)
        .description("Memory that unfinished requests hold, in bytes")
        .register(meters);
  }

  void watchConnections(IntSupplier open) {
    Gauge.builder(PREFIX + "connections", open::getAsInt)
        .description("Open connections to the public port")
        .register(meters);
  }

  /** A connection was closed because it went beyond a limit. */
  void connectionCut(String reason) {
    meters.counter(PREFIX + "connections.cut", "reason", reason).increment();
  }

  /** A request has arrived for a source. */
  void received(String source) {
    meters.counter(PREFIX + "received", "source", source).increment();
  }

  /** A request is genuine. */
  void accepted(String source, int secretIndex) {
    meters
        .counter(PREFIX + "accepted", "source", source, "secret", Integer.toString(secretIndex))
        .increment();
  }

  /** A request is durable and was answered 200. */
  void published(String source) {
    meters.counter(PREFIX + "published", "source", source).increment();
  }

  /** A request got another 4xx: trying again unchanged does not help. */
  void rejected(String source, String reason) {
    meters.counter(PREFIX + "rejected", "source", source, "reason", reason).increment();
  }

  /** A request got 503: the sender should try again. */
  void unavailable(String source, String reason) {
    meters.counter(PREFIX + "unavailable", "source", source, "reason", reason).increment();
  }

  /** A genuine event that is never stored was answered 200. */
  void ignored(String source, String reason) {
    meters.counter(PREFIX + "ignored", "source", source, "reason", reason).increment();
  }

  /** The unsigned event header differs from the signed body, which decides. */
  void eventHeaderMismatch(String source) {
    meters.counter(PREFIX + "event.header.mismatch", "source", source).increment();
  }
}
