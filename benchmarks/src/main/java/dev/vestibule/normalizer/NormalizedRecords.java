package dev.vestibule.normalizer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Position;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.SchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Records as the normalizer writes them, without a broker between. In its package, since the room
 * exports its application alone.
 */
public final class NormalizedRecords {
  private final Normalizer normalizer;
  private final RecordWriter writer;

  public NormalizedRecords(IdentityKey identity, TopicNames topics, SchemaRegistry registry) {
    this.normalizer = new Normalizer(identity, null, Map.of(), KeyScheme.OF_THIS_BUILD);
    this.writer =
        new RecordWriter(
            topics,
            new AvroSerializer(registry),
            new OutagePatience(Duration.ZERO, new SimpleMeterRegistry()));
  }

  /**
   * The one event of a webhook.
   *
   * @throws IllegalStateException when the body makes none, or several
   */
  public Record<byte[], byte[]> of(
      Vendor vendor, String key, String requestId, byte[] body, long offset, Instant arrival) {
    Map<String, String> headers =
        Map.of(
            Headers.SOURCE, "bench",
            Headers.ACCOUNT, "bench",
            Headers.VENDOR, vendor.id(),
            Headers.REQUEST_ID, requestId,
            Headers.RECEIVED_AT, arrival.toString(),
            Headers.PATH, "webhook",
            Headers.CONTENT_TYPE, "application/json");
    RawRecord raw =
        new RawRecord(headers, key, body, new Position(vendor.rawTopic(), 0, offset), arrival);
    return switch (normalizer.normalize(raw)) {
      case Normalization.Events<Normalized>(List<Normalized> events) when events.size() == 1 ->
          writer.event(key.getBytes(UTF_8), events.getFirst(), arrival.toEpochMilli());
      case Normalization<Normalized> other -> throw new IllegalStateException("no event: " + other);
    };
  }
}
