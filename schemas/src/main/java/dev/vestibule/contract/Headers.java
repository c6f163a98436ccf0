package dev.vestibule.contract;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Names of the record headers and how to read them. All values are UTF-8 text; where a name occurs
 * more than once the last value wins.
 */
public final class Headers {
  // Raw records.
  /** Configured name of the sender. */
  public static final String SOURCE = "source";

  /** Permanent id of the sender's account. */
  public static final String ACCOUNT = "account";

  /** {@link Vendor#id()}. */
  public static final String VENDOR = "vendor";

  /** UUID version 7 that the ingress gives to each accepted request; kept through spool drains. */
  public static final String REQUEST_ID = "request-id";

  /**
   * Receipt {@code spool-<source>@<number>} that the sender got, where a local spool held the
   * record before Kafka took it.
   */
  public static final String SPOOL_RECEIPT = "spool-receipt";

  /** The vendor's id of the delivery, if any; may come from an unsigned header. */
  public static final String DELIVERY_ID = "delivery-id";

  /** ISO-8601 instant at which the ingress accepted the request. */
  public static final String RECEIVED_AT = "received-at";

  /** One of {@code webhook hook websocket backfill replay}. */
  public static final String PATH = "path";

  /** Content type as received. */
  public static final String CONTENT_TYPE = "content-type";

  /** SHA-256 of the body as it arrived, hex. */
  public static final String BODY_SHA256 = "body-sha256";

  /** {@code true} when credentials were blanked in the stored body. */
  public static final String REDACTED = "redacted";

  /**
   * {@code true} when the stored body is sealed with the identity key (it could not be scanned).
   */
  public static final String SEALED = "sealed";

  /** ISO-8601 instant that the delivery's signature covers, where the scheme signs one. */
  public static final String SIGNED_AT = "signed-at";

  // Normalized records and events: CloudEvents' Kafka binding and trace context.
  public static final String CE_SPECVERSION = "ce_specversion";
  public static final String CE_ID = "ce_id";
  public static final String CE_SOURCE = "ce_source";
  public static final String CE_TYPE = "ce_type";
  public static final String CE_TIME = "ce_time";
  public static final String CE_SUBJECT = "ce_subject";
  public static final String TRACEPARENT = "traceparent";

  /** {@link Verdict} of the deduper. */
  public static final String VERDICT = "vestibule-verdict";

  /** Hash of the attributes, 16 hex digits; equal to {@code VisitorEvent.revision}. */
  public static final String REVISION = "vestibule-revision";

  /** Raw position as {@code topic-partition@offset}. */
  public static final String RAW = "vestibule-raw";

  /** Version of the key scheme that made the keys and hashes below. */
  public static final String KEY_SCHEME = "vestibule-key-scheme";

  /** Hash of (request-id, index of the event in its record); always present. */
  public static final String KEY_TRANSPORT = "vestibule-key-transport";

  /** Hash of what the vendor gives per delivery, plus the index. */
  public static final String KEY_DELIVERY = "vestibule-key-delivery";

  /** Hash of (visit or object, type, fact time to the second). */
  public static final String KEY_FACT = "vestibule-key-fact";

  /** Hash of the object whose snapshots are compared with the last accepted one. */
  public static final String KEY_SNAPSHOT = "vestibule-key-snapshot";

  /** Hash of an unsigned delivery header: compared and reported, decides nothing. */
  public static final String KEY_HINT = "vestibule-key-hint";

  /** Hash of what makes the fact itself: object, type, time. */
  public static final String IDENTITY = "vestibule-identity";

  /** Hash of a snapshot's canonical content. */
  public static final String SNAPSHOT_FINGERPRINT = "vestibule-snapshot-fingerprint";

  /** Terminal facts that a snapshot holds, comma separated: {@code arrived}, {@code left}. */
  public static final String SNAPSHOT_FACTS = "vestibule-snapshot-facts";

  /** {@link DedupeWindow#id()} for the transport and delivery keys. */
  public static final String WINDOW_DELIVERY = "vestibule-window-delivery";

  /** {@link DedupeWindow#id()} for the fact, snapshot and revision keys. */
  public static final String WINDOW_FACT = "vestibule-window-fact";

  /** {@code Sensitivity} of the event, which picks its topic. */
  public static final String SENSITIVITY = "vestibule-sensitivity";

  /** {@code true} on a snapshot that would undo a terminal fact: record it, change no state. */
  public static final String LATE = "vestibule-late";

  /**
   * On a record that was copied from the generation before: its position there, as {@code
   * topic-partition@offset}. It sets the deduper's state and is never an event again.
   */
  public static final String SEED = "vestibule-seed";

  /** On a parked record: where the event's record lies, as {@code topic-partition@offset}. */
  public static final String PARKED_ORIGIN = "vestibule-parked-origin";

  /** On a replayed record: the dead letter that it was, as {@code topic-partition@offset}. */
  public static final String REPLAY_OF = "vestibule-replay-of";

  /** On a replayed record: who asked for it. */
  public static final String REPLAYED_BY = "vestibule-replayed-by";

  /** On a replayed record: ISO-8601 instant at which it was asked for. */
  public static final String REPLAYED_AT = "vestibule-replayed-at";

  private static final String OURS = "vestibule-";
  private static final String PREVIOUS = OURS + "previous-";

  private Headers() {}

  /**
   * The header that carries a key or hash as the key scheme before made it, e.g. {@code
   * vestibule-previous-key-fact}.
   *
   * @param name one of the key and hash headers above
   */
  public static String previous(String name) {
    return PREVIOUS + name.substring(OURS.length());
  }

  /** Last value of a header as text, or null. */
  public static @Nullable String text(org.apache.kafka.common.header.Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }

  /** Replaces all values of a header by one; does nothing for null. */
  public static void put(
      org.apache.kafka.common.header.Headers headers, String name, @Nullable String value) {
    if (value != null) {
      headers.remove(name);
      headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** All headers as text, last value of each name, in order of first appearance. */
  public static Map<String, String> all(org.apache.kafka.common.header.Headers headers) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Header header : headers) {
      if (header.value() != null) {
        all.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
      }
    }
    return all;
  }
}
