package dev.vestibule.standalone.deadletters;

import dev.vestibule.events.DeadLetter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** The record that was given up, as it was. */
final class Original {
  private Original() {}

  /** As the letter holds it; null where it holds a position alone. */
  static @Nullable ConsumerRecord<byte[], byte[]> in(Letter letter) {
    DeadLetter content = letter.content();
    ByteBuffer value = content.getOriginal();
    if (value == null) {
      return null;
    }
    RecordHeaders headers = new RecordHeaders();
    content.getOriginalHeaders().forEach((name, bytes) -> headers.add(name, bytes(bytes)));
    ByteBuffer key = content.getOriginalKey();
    byte[] keyBytes = key == null ? null : bytes(key);
    return record(letter, letter.storedAt(), keyBytes, bytes(value), headers);
  }

  private static ConsumerRecord<byte[], byte[]> record(
      Letter letter, Instant at, byte @Nullable [] key, byte[] value, RecordHeaders headers) {
    return new ConsumerRecord<>(
        letter.origin().topic(),
        letter.origin().partition(),
        letter.origin().offset(),
        at.toEpochMilli(),
        TimestampType.CREATE_TIME,
        key == null ? ConsumerRecord.NULL_SIZE : key.length,
        value.length,
        key,
        value,
        headers,
        Optional.empty());
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
