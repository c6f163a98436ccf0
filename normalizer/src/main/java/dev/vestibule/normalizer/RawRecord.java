package dev.vestibule.normalizer;

import dev.vestibule.events.Position;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One record of a raw topic.
 *
 * @param headers as text, last value of each name
 * @param key ordering key {@code {account}:{object}}, or null
 * @param value the stored body
 * @param origin where the record lies
 * @param appendedAt when the broker appended it
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; copying a body of 1 MiB buys nothing.
record RawRecord(
    Map<String, String> headers,
    @Nullable String key,
    byte[] value,
    Position origin,
    Instant appendedAt) {

  RawRecord {
    headers = Map.copyOf(headers);
  }

  @Override
  public String toString() {
    return "RawRecord["
        + origin.getTopic()
        + "-"
        + origin.getPartition()
        + "@"
        + origin.getOffset()
        + "]";
  }
}
