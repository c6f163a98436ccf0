package dev.vestibule.sink.warehouse;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.sink.Value;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/** Turns records of topics that have a table of their own into values. */
final class RecordDecoder {
  private final Map<String, RecordTable> tables = new HashMap<>();
  private final Map<RecordTable, Deserializer<? extends SpecificRecord>> values = new HashMap<>();

  RecordDecoder(TopicNames names, SchemaRegistry registry) {
    for (RecordTable table : RecordTable.values()) {
      tables.put(names.of(table.topic()), table);
      values.put(table, new AvroDeserializer<>(table.type(), registry));
    }
  }

  /** Full names of the topics. */
  static List<String> topics(TopicNames names) {
    return Arrays.stream(RecordTable.values()).map(RecordTable::topic).map(names::of).toList();
  }

  /** Where the records of a topic go, or null when it holds events. */
  @Nullable RecordTable table(String topic) {
    return tables.get(topic);
  }

  /**
   * Reads one record.
   *
   * @throws dev.vestibule.serde.RegistryException when the registry is out of reach: the record may
   *     be fine, so the caller must come back to it
   */
  Value<SpecificRecord> decode(RecordTable table, ConsumerRecord<byte[], byte[]> record) {
    return Value.of(Objects.requireNonNull(values.get(table)), record);
  }
}
