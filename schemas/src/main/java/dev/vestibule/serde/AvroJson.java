package dev.vestibule.serde;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro as plain JSON: no wrappers around union values, timestamps as ISO-8601 in UTC with
 * microseconds ({@code 2026-01-27T14:40:10.123456Z}), bytes as base64, enums as text, absent fields
 * as null. Takes generic and generated records.
 */
public final class AvroJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private static final DateTimeFormatter MICROSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  // Knows the Java classes of logical types, so that a time inside a union finds its branch.
  private static final GenericData CLASSES = new GenericData();

  static {
    CLASSES.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    CLASSES.addLogicalTypeConversion(new TimeConversions.DateConversion());
    CLASSES.addLogicalTypeConversion(new Conversions.DecimalConversion());
  }

  private AvroJson() {}

  /** The record as a JSON object with the fields in the order of its schema. */
  public static ObjectNode toJson(IndexedRecord record) {
    ObjectNode object = NODES.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      object.set(field.name(), node(record.get(field.pos()), field.schema()));
    }
    return object;
  }

  /** A time as in the fields of {@link #toJson}. */
  public static String text(Instant instant) {
    return MICROSECONDS.format(instant);
  }

  private static JsonNode node(@Nullable Object value, Schema schema) {
    if (value == null) {
      return NODES.nullNode();
    }
    LogicalType logicalType = schema.getLogicalType();
    return switch (schema.getType()) {
      case UNION -> node(value, schema.getTypes().get(CLASSES.resolveUnion(schema, value)));
      case RECORD -> toJson((IndexedRecord) value);
      case ARRAY -> array((Collection<?>) value, schema.getElementType());
      case MAP -> map((Map<?, ?>) value, schema.getValueType());
      case LONG -> time(value, logicalType);
      case INT ->
          value instanceof LocalDate || logicalType instanceof LogicalTypes.Date
              ? NODES.textNode(date(value).toString())
              : scalar(value);
      case BYTES, FIXED -> bytes(value, logicalType, schema);
      case ENUM, STRING -> NODES.textNode(value.toString());
      case BOOLEAN, FLOAT, DOUBLE, NULL -> scalar(value);
    };
  }

  private static ArrayNode array(Collection<?> values, Schema elements) {
    ArrayNode array = NODES.arrayNode();
    for (Object value : values) {
      array.add(node(value, elements));
    }
    return array;
  }

  private static ObjectNode map(Map<?, ?> values, Schema elements) {
    ObjectNode object = NODES.objectNode();
    values.forEach((key, value) -> object.set(String.valueOf(key), node(value, elements)));
    return object;
  }

  private static JsonNode time(Object value, @Nullable LogicalType logicalType) {
    if (value instanceof Instant instant) {
      return NODES.textNode(text(instant));
    }
    if (value instanceof Long number) {
      if (logicalType instanceof LogicalTypes.TimestampMicros) {
        return NODES.textNode(text(Instant.EPOCH.plus(number, ChronoUnit.MICROS)));
      }
      if (logicalType instanceof LogicalTypes.TimestampMillis) {
        return NODES.textNode(text(Instant.ofEpochMilli(number)));
      }
    }
    return scalar(value);
  }

  private static LocalDate date(Object value) {
    return value instanceof LocalDate date
        ? date
        : LocalDate.ofEpochDay(((Number) value).longValue());
  }

  private static JsonNode bytes(Object value, @Nullable LogicalType logicalType, Schema schema) {
    if (value instanceof BigDecimal decimal) {
      return NODES.textNode(decimal.toPlainString());
    }
    byte[] bytes =
        switch (value) {
          case ByteBuffer buffer -> copy(buffer);
          case GenericFixed fixed -> fixed.bytes();
          default -> throw new IllegalArgumentException("no bytes: " + schema.getFullName());
        };
    if (logicalType instanceof LogicalTypes.Decimal decimal) {
      return NODES.textNode(
          new BigDecimal(new BigInteger(bytes), decimal.getScale()).toPlainString());
    }
    return NODES.binaryNode(bytes);
  }

  private static byte[] copy(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static JsonNode scalar(Object value) {
    return switch (value) {
      case Boolean flag -> NODES.booleanNode(flag);
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Float number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      default -> NODES.textNode(value.toString());
    };
  }
}
