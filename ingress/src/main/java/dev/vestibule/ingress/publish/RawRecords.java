package dev.vestibule.ingress.publish;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.vendor.Delivery;
import dev.vestibule.ingress.vendor.Redaction.Outcome;
import dev.vestibule.ingress.vendor.VendorProfile;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the raw record of a verified request: key, headers and a body without credentials. */
public final class RawRecords {
  /** Purpose under which bodies that cannot be scanned are sealed with the identity key. */
  public static final String SEAL_PURPOSE = "raw";

  private static final int MAX_HEADER_CHARS = 256;
  private static final int MAX_OBJECT_CHARS = 200;

  private final TopicNames topics;
  private final IdentityKey identity;
  private final RequestIds requestIds;

  public RawRecords(TopicNames topics, IdentityKey identity, RequestIds requestIds) {
    this.topics = topics;
    this.identity = identity;
    this.requestIds = requestIds;
  }

  /**
   * A verified request.
   *
   * @param source configured name
   * @param vendor whose format it speaks
   * @param delivery facts, headers and account
   * @param body what the sender signed, after decompression if there was any
   * @param bodySha256 hex hash of the bytes as they arrived
   * @param receivedAt when it was accepted
   * @param signedAt the time that the signature covers, or null
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Verified(
      String source,
      Vendor vendor,
      Delivery delivery,
      byte[] body,
      String bodySha256,
      Instant receivedAt,
      @Nullable Instant signedAt) {}

  /** The record to publish; pure but for the request id. */
  public RawRecord of(Verified request, VendorProfile profile) {
    byte[] body = request.body();
    boolean sealed = false;
    boolean redacted = false;
    byte[] value =
        switch (profile.redaction().apply(body)) {
          case Outcome.Clean() -> body;
          case Outcome.Blanked blanked -> {
            redacted = true;
            yield blanked.body();
          }
          case Outcome.Unscannable() -> {
            sealed = true;
            yield identity.seal(SEAL_PURPOSE, body);
          }
        };
    Delivery delivery = request.delivery();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(Headers.SOURCE, request.source());
    headers.put(Headers.ACCOUNT, delivery.account());
    headers.put(Headers.VENDOR, request.vendor().id());
    headers.put(Headers.REQUEST_ID, requestIds.next(request.receivedAt()).toString());
    putOutside(headers, Headers.DELIVERY_ID, profile.deliveryId().apply(delivery));
    headers.put(Headers.RECEIVED_AT, time(request.receivedAt()));
    headers.put(Headers.PATH, "webhook");
    putOutside(headers, Headers.CONTENT_TYPE, delivery.header("content-type"));
    headers.put(Headers.BODY_SHA256, request.bodySha256());
    headers.put(Headers.REDACTED, Boolean.toString(redacted));
    if (sealed) {
      headers.put(Headers.SEALED, "true");
    }
    if (request.signedAt() != null) {
      headers.put(Headers.SIGNED_AT, request.signedAt().toString());
    }
    String key = delivery.account() + ":" + object(profile, delivery, body);
    return new RawRecord(topics.of(request.vendor().rawTopic()), key, headers, value);
  }

  /**
   * The record of a verified click in a sink's messages: the body as it arrived. Blanking would
   * change what was signed.
   *
   * @param sink its configured name
   * @param body as it arrived
   * @param receivedAt when it was accepted
   * @param contentType as received, or null
   */
  public RawRecord interaction(
      String sink, byte[] body, Instant receivedAt, @Nullable String contentType) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(Headers.SOURCE, sink);
    headers.put(Headers.REQUEST_ID, requestIds.next(receivedAt).toString());
    headers.put(Headers.RECEIVED_AT, time(receivedAt));
    putOutside(headers, Headers.CONTENT_TYPE, contentType);
    headers.put(Headers.BODY_SHA256, sha256(body));
    return new RawRecord(topics.of(Topics.interactions(sink).name()), sink, headers, body);
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MICROS).toString();
  }

  private static String object(VendorProfile profile, Delivery delivery, byte[] body) {
    String object = profile.orderingKey().apply(delivery);
    if (object == null) {
      return "sha256:" + sha256(body);
    }
    return object.length() <= MAX_OBJECT_CHARS
        ? object
        : "sha256:" + sha256(object.getBytes(StandardCharsets.UTF_8));
  }

  /** Text from the outside: short, and nothing that could break a line or a terminal. */
  private static void putOutside(Map<String, String> headers, String name, @Nullable String text) {
    if (text == null) {
      return;
    }
    String clean = isPlainAscii(text) ? text : clean(text);
    if (!clean.isEmpty()) {
      headers.put(name, clean);
    }
  }

  /** What nearly all text is. */
  private static boolean isPlainAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
        return false;
      }
    }
    return text.length() <= MAX_HEADER_CHARS;
  }

  private static String clean(String text) {
    return text.codePoints()
        .filter(RawRecords::isPlain)
        .limit(MAX_HEADER_CHARS)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isPlain(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }

  /** SHA-256 as 64 hex digits. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is not available", e);
    }
  }
}
