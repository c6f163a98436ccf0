package dev.vestibule.normalizer;

import dev.vestibule.contract.Headers;
import dev.vestibule.events.Position;
import dev.vestibule.events.VisitorEvent;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * CloudEvents' Kafka binding (binary mode) and W3C trace context.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/kafka-protocol-binding.md">Kafka
 *     protocol binding</a>
 * @see <a href="https://www.w3.org/TR/trace-context/">Trace Context</a>
 */
final class CloudEventHeaders {
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");
  private static final int MAX_SUBJECT_CHARS = 1024;

  private CloudEventHeaders() {}

  static Map<String, String> of(RawRecord raw, VisitorEvent event) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(Headers.CE_SPECVERSION, "1.0");
    headers.put(Headers.CE_ID, event.getEventId());
    headers.put(
        Headers.CE_SOURCE,
        "/vendors/" + event.getVendor() + "/accounts/" + segment(event.getAccount()));
    headers.put(
        Headers.CE_TYPE,
        "dev.vestibule.visitor." + event.getType().name().toLowerCase(Locale.ROOT));
    headers.put(Headers.CE_TIME, event.getOccurredAt().toString());
    String subject = subject(raw.key(), event.getAccount());
    if (subject != null) {
      headers.put(Headers.CE_SUBJECT, subject);
    }
    headers.put(Headers.CONTENT_TYPE, "application/avro");
    headers.put(Headers.TRACEPARENT, traceparent(raw, event));
    return headers;
  }

  static String position(Position position) {
    return position.getTopic() + "-" + position.getPartition() + "@" + position.getOffset();
  }

  private static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** The object part of the ordering key; absurdly long ones are no subject. */
  private static @Nullable String subject(@Nullable String key, String account) {
    if (key == null) {
      return null;
    }
    String object = key.startsWith(account + ":") ? key.substring(account.length() + 1) : key;
    return object.isBlank() || object.length() > MAX_SUBJECT_CHARS ? null : object;
  }

  /** Without a trace from outside, the request is the trace and the event the span. */
  private static String traceparent(RawRecord raw, VisitorEvent event) {
    String given = raw.headers().get(Headers.TRACEPARENT);
    if (given != null && TRACEPARENT.matcher(given).matches()) {
      return given;
    }
    String requestId = raw.headers().getOrDefault(Headers.REQUEST_ID, event.getEventId());
    String trace = requestId.replace("-", "").toLowerCase(Locale.ROOT);
    long span = UUID.fromString(event.getEventId()).getLeastSignificantBits();
    return "00-" + trace + "-" + String.format("%016x", span) + "-01";
  }
}
