package dev.vestibule.sink;

import dev.vestibule.sink.Decoded.Reason;
import java.nio.ByteBuffer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/** What a record's value in the wire format turned out to be. */
public sealed interface Value<T> {

  /**
   * A value.
   *
   * @param schemaId id of the writer's schema
   */
  record Read<T>(T value, int schemaId) implements Value<T> {
    // Values may name people, so they do not print.
    @Override
    public String toString() {
      return "Read[" + schemaId + "]";
    }
  }

  /** None; asking again will not help. */
  record Broken<T>(Reason reason) implements Value<T> {}

  /**
   * Reads the value of a record.
   *
   * @param values reads the Confluent wire format; a {@link SerializationException} of it means
   *     that the bytes are broken, everything else that they may be fine
   * @throws dev.vestibule.serde.RegistryException when the registry is out of reach: the record may
   *     be fine, so the caller must come back to it
   */
  static <T> Value<T> of(Deserializer<? extends T> values, ConsumerRecord<byte[], byte[]> record) {
    byte[] bytes = record.value();
    if (bytes == null) {
      return new Broken<>(Reason.NULL_VALUE);
    }
    try {
      T value = values.deserialize(record.topic(), bytes);
      return new Read<>(value, ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt());
    } catch (SerializationException e) {
      return new Broken<>(Reason.UNDECODABLE);
    }
  }
}
