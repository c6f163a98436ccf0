package dev.vestibule.serde;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the Confluent wire format into a generated class, resolving whatever schema the writer had
 * to the schema of that class. Safe for several threads.
 */
public final class AvroDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private final SchemaRegistry registry;
  private final Schema readerSchema;
  private final Map<Integer, SpecificDatumReader<T>> readers = new ConcurrentHashMap<>();

  /** The registry stays the caller's to close. */
  public AvroDeserializer(Class<T> type, SchemaRegistry registry) {
    this.registry = registry;
    this.readerSchema = SpecificData.get().getSchema(type);
  }

  /**
   * @return the record, or null for a null value
   * @throws SerializationException when the bytes are no such record: asking again will not help
   * @throws RegistryException when the registry is out of reach: the bytes may be fine
   */
  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    int id = WireFormat.schemaId(topic, bytes);
    SpecificDatumReader<T> reader = readers.get(id);
    if (reader == null) {
      Schema writerSchema = WireFormat.writerSchema(registry, topic, id);
      reader = new SpecificDatumReader<>(writerSchema, readerSchema);
      readers.put(id, reader);
    }
    int length = bytes.length - WireFormat.HEADER_BYTES;
    try {
      // No reuse of records or decoders: consumers keep records beyond the next call.
      @SuppressWarnings("NullAway") // Avro's parameters for reuse take null
      T record =
          reader.read(
              null,
              DecoderFactory.get().binaryDecoder(bytes, WireFormat.HEADER_BYTES, length, null));
      return record;
    } catch (IOException | RuntimeException e) {
      // Avro's own message may quote the value, so it is left out.
      throw new SerializationException(
          "record of topic "
              + topic
              + " with schema id "
              + id
              + " cannot be read as "
              + readerSchema.getName());
    }
  }
}
