package dev.vestibule.serde;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Reads the Confluent wire format with the writer's own schema; for tools. */
public final class GenericAvroDeserializer implements Deserializer<GenericRecord> {
  private final SchemaRegistry registry;
  private final Map<Integer, GenericDatumReader<GenericRecord>> readers = new ConcurrentHashMap<>();

  /** The registry stays the caller's to close. */
  public GenericAvroDeserializer(SchemaRegistry registry) {
    this.registry = registry;
  }

  /**
   * @return the record, or null for a null value
   * @throws SerializationException when the bytes are no Avro record in this format
   * @throws RegistryException when the registry is out of reach
   */
  @Override
  public @Nullable GenericRecord deserialize(String topic, byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    int id = WireFormat.schemaId(topic, bytes);
    GenericDatumReader<GenericRecord> reader = readers.get(id);
    if (reader == null) {
      Schema schema = WireFormat.writerSchema(registry, topic, id);
      if (schema.getType() != Schema.Type.RECORD) {
        throw new SerializationException(
            "schema id " + id + " of topic " + topic + " is no record");
      }
      reader = new GenericDatumReader<>(schema);
      readers.put(id, reader);
    }
    int length = bytes.length - WireFormat.HEADER_BYTES;
    try {
      @SuppressWarnings("NullAway") // Avro's parameters for reuse take null
      GenericRecord record =
          reader.read(
              null,
              DecoderFactory.get().binaryDecoder(bytes, WireFormat.HEADER_BYTES, length, null));
      return record;
    } catch (IOException | RuntimeException e) {
      throw new SerializationException(
          "record of topic " + topic + " with schema id " + id + " cannot be read");
    }
  }
}
