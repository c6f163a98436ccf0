package dev.vestibule.ingress.webhook;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What the ingress counts. Per source: {@code received = published + rejected + unavailable +
 * ignored + answered} and what is under way; {@code accepted = published + ignored + answered +
 * unavailable after verification + rejected after verification} and says which secret fitted, so
 * that a rotation can be finished. Tags hold configured names and fixed reasons only, never what a
 * sender wrote.
 */
final class IngressMetrics {
  /** Tag of requests for a source that is not configured. */
  static final String NO_SOURCE = "none";

  private static final String PREFIX = "vestibule.ingress.";

  private record Series(String name, String source, String tag, String value) {}

  private final MeterRegistry meters;

  /** Found here, since the registry makes and sorts the tags anew for every look-up. */
  private final Map<Series, Counter> counters = new ConcurrentHashMap<>();

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
    count("received", source);
  }

  /** A request is genuine. */
  void accepted(String source, int secretIndex) {
    count("accepted", source, "secret", Integer.toString(secretIndex));
  }

  /** A request is durable and was answered 200. */
  void published(String source) {
    count("published", source);
  }

  /** A request got another 4xx: trying again unchanged does not help. */
  void rejected(String source, String reason) {
    count("rejected", source, "reason", reason);
  }

  /** A request got 503: the sender should try again. */
  void unavailable(String source, String reason) {
    count("unavailable", source, "reason", reason);
  }

  /** A genuine event that is never stored was answered 200. */
  void ignored(String source, String reason) {
    count("ignored", source, "reason", reason);
  }

  /** A genuine call that holds a visitor was answered. */
  void screened(String source) {
    count("answered", source);
  }

  /** Envoy was asked to register an installation. */
  void registration(String source, String outcome) {
    count("registrations", source, "outcome", outcome);
  }

  /** The unsigned event header differs from the signed body, which decides. */
  void eventHeaderMismatch(String source) {
    count("event.header.mismatch", source);
  }

  private void count(String name, String source) {
    count(name, source, "", "");
  }

  private void count(String name, String source, String tag, String value) {
    counters.computeIfAbsent(new Series(name, source, tag, value), this::register).increment();
  }

  private Counter register(Series series) {
    Tags tags = Tags.of("source", series.source);
    return meters.counter(
        PREFIX + series.name, series.tag.isEmpty() ? tags : tags.and(series.tag, series.value));
  }
}
