package dev.vestibule.serde;

import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.SerializationException;

/** The Confluent wire format: a zero byte, the schema id in four bytes, Avro binary. */
final class WireFormat {
  static final byte MAGIC = 0;
  static final int HEADER_BYTES = 1 + Integer.BYTES;

  private WireFormat() {}

  /** TopicNameStrategy: the subject of a topic's values or keys. */
  static String subject(String topic, boolean key) {
    return topic + (key ? "-key" : "-value");
  }

  static int schemaId(String topic, byte[] bytes) {
    if (bytes.length < HEADER_BYTES) {
      throw new SerializationException(
          "record of topic "
              + topic
              + " has "
              + bytes.length
              + " bytes; expected a zero byte, a 4-byte schema id and Avro");
    }
    if (bytes[0] != MAGIC) {
      throw new SerializationException(
          "record of topic " + topic + " starts with byte " + (bytes[0] & 0xff) + "; expected 0");
    }
    return ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
  }

  /**
   * The writer's schema.
   *
   * @throws SerializationException when the registry does not know the id
   * @throws RegistryException when the registry is out of reach, so that nobody takes the record
   *     for a broken one
   */
  static Schema writerSchema(SchemaRegistry registry, String topic, int id) {
    try {
      return registry.byId(id);
    } catch (RegistryException e) {
      if (e.retriable()) {
        throw e;
      }
      throw new SerializationException(
          "record of topic " + topic + " names schema id " + id + ", which is unknown", e);
    }
  }
}
