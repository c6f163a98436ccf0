package dev.vestibule.normalizer;

import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;

/** Records as they are written. */
final class AvroBytes {
  private static final AvroSerializer SERIALIZER = new AvroSerializer(new InMemorySchemaRegistry());

  private AvroBytes() {}

  static byte[] of(SpecificRecord record) {
    return Objects.requireNonNull(SERIALIZER.serialize("topic", record));
  }
}
