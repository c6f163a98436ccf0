package dev.vestibule.sink.warehouse;

import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.Decision;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;

/**
 * A table of the records of one topic as they are: a column for each field, in the order of the
 * schema and under its name, then {@code loaded_at}, {@code schema_id} and {@code src_*}. Lists and
 * maps are JSON.
 */
enum RecordTable {
  DECISIONS("decisions", Topics.DECISIONS, Decision.class),
  ALERTS("alerts", Topics.ALERTS, Alert.class);

  /** What would be taken for {@code visit_key} of the other tables, which is another. */
  private static final Map<String, String> RENAMED = Map.of("visit_key", "visit_hash");

  private final String table;
  private final String topic;
  private final Class<? extends SpecificRecord> type;

  RecordTable(String table, String topic, Class<? extends SpecificRecord> type) {
    this.table = table;
    this.topic = topic;
    this.type = type;
  }

  String table() {
    return table;
  }

  /** A name of {@link Topics}. */
  String topic() {
    return topic;
  }

  Class<? extends SpecificRecord> type() {
    return type;
  }

  /** Names of the fields by which copies are told apart. */
  List<String> key() {
    return switch (this) {
      case DECISIONS -> List.of("request_id", "phase");
      case ALERTS -> List.of("alert_id");
    };
  }

  /** The column that holds a field. */
  static String column(Schema.Field field) {
    return RENAMED.getOrDefault(field.name(), field.name());
  }
}
