package dev.vestibule.normalizer;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.normalizer.adapter.Normalization.Unprocessable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes down why a record was given up, with the original. */
final class DeadLetters {
  private static final String STAGE = "normalizer";

  private DeadLetters() {}

  /** Health data stays in its own topic: only the position travels. */
  static DeadLetter of(RawRecord raw, Unprocessable<?> why, Instant now) {
    boolean health =
        Normalizer.vendor(raw).map(Vendor::baseSensitivity).orElse(Sensitivity.HEALTH)
            == Sensitivity.HEALTH;
    Map<String, ByteBuffer> headers = new TreeMap<>();
    raw.headers().forEach((name, value) -> headers.put(name, bytes(value)));
    return DeadLetter.newBuilder()
        .setStage(STAGE)
        .setReason(why.reason().name())
        .setField(why.field())
        .setExpected(why.expected())
        .setVendor(Normalizer.vendor(raw).map(Vendor::id).orElse(null))
        .setSource(header(raw, Headers.SOURCE))
        .setAccount(header(raw, Headers.ACCOUNT))
        .setRequestId(header(raw, Headers.REQUEST_ID))
        .setPath(header(raw, Headers.PATH))
        .setDeadAt(now.truncatedTo(ChronoUnit.MICROS))
        .setOrigin(raw.origin())
        .setOriginalKey(raw.key() == null ? null : bytes(raw.key()))
        .setOriginal(health ? null : ByteBuffer.wrap(raw.value()))
        .setOriginalHeaders(headers)
        .build();
  }

  /** The same without anything of the original, for one that would not fit into a record. */
  static DeadLetter positionOnly(DeadLetter letter) {
    return DeadLetter.newBuilder(letter)
        .setOriginalKey(null)
        .setOriginal(null)
        .setOriginalHeaders(new TreeMap<>())
        .build();
  }

  private static @Nullable String header(RawRecord raw, String name) {
    String value = raw.headers().get(name);
    return value == null || value.isBlank() ? null : value;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
