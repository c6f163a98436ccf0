package dev.vestibule.standalone.deadletters;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.standalone.receipts.Place;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * One dead letter.
 *
 * @param id where it lies
 * @param key ordering key of what it is about, {@code {account}:{visit or object}}, or null
 * @param storedAt time of its record; that of the original where a stream wrote it
 * @param content what was written down
 */
public record Letter(Place id, @Nullable String key, Instant storedAt, DeadLetter content) {

  /** Where the original lies, or lay. */
  public Place origin() {
    return Place.of(content.getOrigin());
  }

  /** Id of the event that the original is, or null where it has not become one. */
  public @Nullable String eventId() {
    return header(Headers.CE_ID);
  }

  /** The dead letter of which the original is a replay, or null. */
  public @Nullable String replayOf() {
    return header(Headers.REPLAY_OF);
  }

  /** Headers of the original as text, by name; empty where they were not kept. */
  public Map<String, String> headers() {
    Map<String, String> headers = new TreeMap<>();
    content.getOriginalHeaders().forEach((name, value) -> headers.put(name, text(value)));
    return headers;
  }

  private @Nullable String header(String name) {
    ByteBuffer value = content.getOriginalHeaders().get(name);
    return value == null ? null : text(value);
  }

  /** Whether the original is health data: then nobody but its own topic shows it. */
  public boolean isHealth() {
    String vendor = content.getVendor();
    return origin().topic().endsWith(Topics.EVENTS_HEALTH)
        || Sensitivity.HEALTH.name().equals(header(Headers.SENSITIVITY))
        || (vendor != null
            && Vendor.byId(vendor)
                .filter(known -> known.baseSensitivity() == Sensitivity.HEALTH)
                .isPresent());
  }

  /** The original as a record, to be shown; empty for health data, and where it is not here. */
  public Optional<ConsumerRecord<byte[], byte[]>> body() {
    return isHealth() ? Optional.empty() : Optional.ofNullable(Original.in(this));
  }

  /** Whether the original's bytes are in the letter, and not in its own topic alone. */
  public boolean holdsOriginal() {
    return content.getOriginal() != null;
  }

  /** Whether the ingress sealed the body because it could not tell what has to be blanked. */
  public boolean isSealed() {
    return Boolean.parseBoolean(header(Headers.SEALED));
  }

  /** The same without what takes memory. */
  Letter withoutOriginal() {
    return new Letter(id, key, storedAt, DeadLetter.newBuilder(content).setOriginal(null).build());
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  // Originals name people, so they do not print.
  @Override
  public String toString() {
    return id.toString();
  }
}
