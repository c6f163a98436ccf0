package dev.vestibule.deduper;

import dev.vestibule.contract.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;

/** A normalized record as the normalizer writes it, with variations. Hashes are readable here. */
final class NormalizedRecord {
  private static int requests;

  private final Map<String, String> headers = new LinkedHashMap<>();
  private byte @Nullable [] key = "hq:visit-1".getBytes(StandardCharsets.UTF_8);
  private byte @Nullable [] value = {0, 0, 0, 0, 1, 42};
  private Instant arrival = Instant.parse("2026-11-20T08:00:00Z");

  private NormalizedRecord() {}

  /** Alice signs in; delivery d1, fact f1, told by webhook. */
  static NormalizedRecord aliceSignsIn() {
    return new NormalizedRecord()
        .with(Headers.KEY_SCHEME, "1")
        .with(Headers.KEY_TRANSPORT, hash(0x7000 + requests++))
        .with(Headers.KEY_DELIVERY, hash(0xd1))
        .with(Headers.KEY_FACT, hash(0xf1))
        .with(Headers.IDENTITY, hash(0x1d))
        .with(Headers.REVISION, "00000000000000a1")
        .with(Headers.WINDOW_DELIVERY, "24h")
        .with(Headers.WINDOW_FACT, "7d")
        .with(Headers.SENSITIVITY, "STANDARD")
        .with(Headers.CE_ID, "3f0c8a51-0000-8000-8000-000000000001")
        .with(Headers.CE_TYPE, "SIGNED_IN")
        .with(Headers.SOURCE, "hq-kyber")
        .with(Headers.ACCOUNT, "hq")
        .with(Headers.VENDOR, "kyberaccess")
        .with(Headers.PATH, "webhook")
        .with(Headers.REQUEST_ID, "0199a0b0-0000-7000-8000-000000000001")
        .with(Headers.RAW, "visitor.raw.kyberaccess-0@17");
  }

  /** A state of a check-in without any delivery or fact key. */
  static NormalizedRecord snapshot(String fingerprint, String facts) {
    return aliceSignsIn()
        .without(Headers.KEY_DELIVERY)
        .without(Headers.KEY_FACT)
        .with(Headers.KEY_SNAPSHOT, hash(0x5a))
        .with(Headers.SNAPSHOT_FINGERPRINT, fingerprint)
        .with(Headers.SNAPSHOT_FACTS, facts)
        .with(Headers.VENDOR, "essentry")
        .with(Headers.CE_TYPE, "UPDATED");
  }

  static String hash(int number) {
    return "%032x".formatted(number);
  }

  NormalizedRecord with(String header, String text) {
    headers.put(header, text);
    return this;
  }

  String header(String name) {
    return Objects.requireNonNull(headers.get(name), name);
  }

  NormalizedRecord without(String header) {
    headers.remove(header);
    return this;
  }

  NormalizedRecord key(byte @Nullable [] key) {
    this.key = key;
    return this;
  }

  NormalizedRecord value(byte @Nullable [] value) {
    this.value = value;
    return this;
  }

  NormalizedRecord arrivingAt(Instant arrival) {
    this.arrival = arrival;
    return this;
  }

  TestRecord<byte[], byte[]> record() {
    RecordHeaders recordHeaders = new RecordHeaders();
    headers.forEach((name, text) -> Headers.put(recordHeaders, name, text));
    return new TestRecord<>(key, value, recordHeaders, arrival);
  }
}
