package dev.vestibule.normalizer;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Position;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The keys, times and headers that all tests share. */
final class Fixtures {
  static final IdentityKey IDENTITY = key(0);
  static final IdentityKey CREDENTIAL_KEY = key(100);
  static final String REQUEST_ID = "01938e5a-0000-7000-8000-000000000001";
  static final Instant RECEIVED_AT = Instant.parse("2026-11-20T12:00:00.123456Z");
  static final Instant APPENDED_AT = Instant.parse("2026-11-20T12:00:00.200Z");
  static final String SOURCE = "front";
  static final String ACCOUNT = "hq";

  private Fixtures() {}

  static Map<String, String> headers(Vendor vendor) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(Headers.SOURCE, SOURCE);
    headers.put(Headers.ACCOUNT, ACCOUNT);
    headers.put(Headers.VENDOR, vendor.id());
    headers.put(Headers.REQUEST_ID, REQUEST_ID);
    headers.put(Headers.RECEIVED_AT, RECEIVED_AT.toString());
    headers.put(Headers.PATH, "webhook");
    headers.put(Headers.CONTENT_TYPE, "application/json");
    return headers;
  }

  static RawRecord raw(Vendor vendor, Map<String, String> headers, String key, byte[] body) {
    Position origin = new Position(vendor.rawTopic(), 2, 41L);
    return new RawRecord(headers, key, body, origin, APPENDED_AT);
  }

  static RawRecord raw(Vendor vendor, String body) {
    return raw(vendor, headers(vendor), ACCOUNT + ":object", body.getBytes(StandardCharsets.UTF_8));
  }

  /** Gives up at once, where a test wants to see the failure itself. */
  static OutagePatience impatient() {
    return new OutagePatience(Duration.ZERO, new SimpleMeterRegistry());
  }

  private static IdentityKey key(int first) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (first + i);
    }
    return new IdentityKey(bytes);
  }
}
