package dev.vestibule.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.contract.TopicSpec;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Alert;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Decision;
import dev.vestibule.events.Delivery;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Review;
import dev.vestibule.events.VisitorEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/**
 * Keeps the tables of {@code docs/events.md} equal to the schemas and topic settings. Run with
 * {@code -Ddocs.update=true} to write them anew.
 */
class EventDocsTest {
  private static final Path PAGE = Path.of("..", "docs", "events.md");
  private static final String START = "<!-- generated from the schemas: start -->\n";
  private static final String END = "<!-- generated from the schemas: end -->\n";

  @Test
  void tablesInTheDocsAreThoseOfTheSchemas() throws IOException {
    String page = Files.readString(PAGE);
    String expected = START + tables() + END;
    String current = page.substring(page.indexOf(START), page.indexOf(END) + END.length());

    if (Boolean.getBoolean("docs.update")) {
      Files.writeString(PAGE, page.replace(current, expected));
      current = expected;
    }

    assertThat(current)
        .as("docs/events.md differs from the schemas; run the test with -Ddocs.update=true")
        .isEqualTo(expected);
  }

  private static String tables() {
    StringBuilder text = new StringBuilder();
    for (Schema schema :
        List.of(
            VisitorEvent.getClassSchema(),
            DeadLetter.getClassSchema(),
            DuplicateReport.getClassSchema(),
            ConflictReport.getClassSchema(),
            Decision.getClassSchema(),
            Alert.getClassSchema(),
            Delivery.getClassSchema(),
            Review.getClassSchema())) {
      text.append("\n## ").append(schema.getName()).append("\n\n");
      text.append(schema.getDoc())
          .append("\n\n| Field | Type | Personal | Meaning |\n|---|---|---|---|\n");
      rows(text, "", schema);
    }
    text.append("\n## Topics\n\n");
    text.append(
        "| Topic | Partitions (embedded / production) | Timestamp | Kept |\n|---|---|---|---|\n");
    for (TopicSpec spec : Topics.all()) {
      String retention = spec.settings().get("retention.ms");
      text.append(
          "| `%s` | %d / %d | %s | %s |\n"
              .formatted(
                  spec.name(),
                  spec.embeddedPartitions(),
                  spec.productionPartitions(),
                  spec.settings().get("message.timestamp.type"),
                  retention == null
                      ? "compacted"
                      : Duration.ofMillis(Long.parseLong(retention)).toDays() + " d"));
    }
    return text.append('\n').toString();
  }

  private static void rows(StringBuilder text, String prefix, Schema record) {
    for (Schema.Field field : record.getFields()) {
      Schema type = field.schema();
      String name = prefix + field.name();
      String personal = field.getProp("pii");
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(name, typeName(type), personal == null ? "" : personal, field.doc()));
      if (type.getType() == Schema.Type.RECORD) {
        rows(text, name + ".", type);
      }
    }
  }

  private static String typeName(Schema schema) {
    if (schema.getLogicalType() != null) {
      return schema.getLogicalType().getName();
    }
    return switch (schema.getType()) {
      case UNION ->
          typeName(
                  schema.getTypes().stream()
                      .filter(type -> type.getType() != Schema.Type.NULL)
                      .findFirst()
                      .orElseThrow())
              + " or null";
      case ENUM -> "enum: " + String.join(", ", schema.getEnumSymbols());
      case RECORD -> schema.getName();
      case ARRAY -> "list of " + typeName(schema.getElementType());
      case MAP -> "map of " + typeName(schema.getValueType());
      default -> schema.getName();
    };
  }
}
