package dev.vestibule.sink.warehouse;

import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * A record on its way into the table of its topic.
 *
 * @param schemaId id of the writer's schema
 * @param source partition that it was consumed from
 * @param offset its offset there
 */
record RecordRow(
    RecordTable table, SpecificRecord value, int schemaId, TopicPartition source, long offset) {

  /** Equal for copies of one record. */
  List<String> key() {
    return table.key().stream()
        .map(name -> String.valueOf(value.get(value.getSchema().getField(name).pos())))
        .toList();
  }

  @Override
  public String toString() {
    return "RecordRow[" + source + "@" + offset + "]";
  }
}
