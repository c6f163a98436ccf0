package dev.vestibule.sink;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.Decoded.Reason;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Turns records of the events topics into events. Safe for several threads if its reader is. */
public final class EventDecoder {
  private final Deserializer<VisitorEvent> values;

  /**
   * @param values reads the Confluent wire format; a {@link SerializationException} of it means
   *     that the bytes are broken, everything else that they may be fine
   */
  public EventDecoder(Deserializer<VisitorEvent> values) {
    this.values = values;
  }

  /**
   * Reads one record.
   *
   * @throws dev.vestibule.serde.RegistryException when the registry is out of reach: the record may
   *     be fine, so the caller must come back to it
   */
  public Decoded decode(ConsumerRecord<byte[], byte[]> record) {
    return switch (Value.of(values, record)) {
      case Value.Broken<VisitorEvent>(Reason reason) -> new Decoded.Undecodable(reason);
      case Value.Read<VisitorEvent>(VisitorEvent event, int schemaId) ->
          new Decoded.Event(
              event,
              schemaId,
              verdict(Headers.text(record.headers(), Headers.VERDICT)),
              "true".equals(Headers.text(record.headers(), Headers.LATE)),
              Headers.text(record.headers(), Headers.PATH));
    };
  }

  private static @Nullable Verdict verdict(@Nullable String text) {
    for (Verdict verdict : Verdict.values()) {
      if (verdict.name().equals(text)) {
        return verdict;
      }
    }
    return null;
  }
}
