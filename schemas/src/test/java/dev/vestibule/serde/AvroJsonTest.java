package dev.vestibule.serde;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.VisitorEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;

class AvroJsonTest {
  @Test
  void generatedRecordBecomesPlainJson() {
    JsonNode json = AvroJson.toJson(Events.aliceSignsIn());

    assertThat(json.get("type").asText()).isEqualTo("SIGNED_IN");
    assertThat(json.get("occurred_at").asText()).isEqualTo("2026-01-27T14:40:10.123456Z");
    assertThat(json.at("/visit/signed_in_at").asText()).isEqualTo("2026-01-27T14:40:10.123456Z");
    assertThat(json.at("/visit/signed_out_at").isNull()).isTrue();
    assertThat(json.at("/person/full_name").asText()).isEqualTo("Alice Ærø");
    assertThat(json.at("/credential/sealed").asText()).isEqualTo("AQL/");
    assertThat(json.at("/attributes/lunch").asText()).isEqualTo("{\"vegan\":true}");
    assertThat(json.at("/origin/offset").isNumber()).isTrue();
    assertThat(json.at("/origin/offset").asLong()).isEqualTo(17);
  }

  @Test
  void genericRecordGivesTheSameJson() {
    InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    VisitorEvent event = Events.aliceSignsIn();
    byte[] bytes = new AvroSerializer(registry).serialize("t", event);

    JsonNode json =
        AvroJson.toJson(
            requireNonNull(new GenericAvroDeserializer(registry).deserialize("t", bytes)));

    assertThat(json.toString()).isEqualTo(AvroJson.toJson(event).toString());
  }

  @Test
  void microsecondsAreAlwaysSixDigits() {
    assertThat(AvroJson.text(Instant.parse("2026-01-27T14:40:10Z")))
        .isEqualTo("2026-01-27T14:40:10.000000Z");
    assertThat(AvroJson.text(Instant.parse("1969-12-31T23:59:59.999999Z")))
        .isEqualTo("1969-12-31T23:59:59.999999Z");
  }

  @Test
  void otherLogicalTypesAreReadable() {
    Schema date = LogicalTypes.date().addToSchema(Schema.create(Schema.Type.INT));
    Schema decimal = LogicalTypes.decimal(9, 2).addToSchema(Schema.create(Schema.Type.BYTES));
    Schema schema =
        SchemaBuilder.record("R")
            .fields()
            .name("day")
            .type(date)
            .noDefault()
            .name("price")
            .type(decimal)
            .noDefault()
            .name("counts")
            .type()
            .array()
            .items()
            .intType()
            .noDefault()
            .endRecord();

    JsonNode json =
        AvroJson.toJson(
            new GenericRecordBuilder(schema)
                .set("day", 20_480)
                .set("price", ByteBuffer.wrap(new byte[] {4, -46}))
                .set("counts", List.of(1, 2))
                .build());

    assertThat(json).hasToString("{\"day\":\"2026-01-27\",\"price\":\"12.34\",\"counts\":[1,2]}");
  }
}
