package dev.vestibule.standalone.tail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.JsonpCharacterEscapes;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.serde.AvroJson;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;

/**
 * One record as one line of JSON: {@code key partition offset timestamp headers value}. Avro
 * becomes plain JSON, JSON stays JSON, any other bytes become base64; text is never anything but
 * UTF-8.
 */
public final class RecordLine {
  private static final byte AVRO_MAGIC = 0;

  // Escapes U+2028 and U+2029, which some readers take for the end of a line.
  private static final JsonFactory JSON =
      new ObjectMapper().getFactory().setCharacterEscapes(JsonpCharacterEscapes.instance());

  private final @Nullable Deserializer<GenericRecord> avro;

  /**
   * @param avro reads the Confluent wire format, or null to show all values as base64
   */
  public RecordLine(@Nullable Deserializer<GenericRecord> avro) {
    this.avro = avro;
  }

  /**
   * The line, without its end.
   *
   * @throws dev.vestibule.serde.RegistryException when the value's schema cannot be fetched now
   */
  public String of(ConsumerRecord<byte[], byte[]> record) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      writeTextOrBase64(json, "key", record.key());
      json.writeNumberField("partition", record.partition());
      json.writeNumberField("offset", record.offset());
      json.writeStringField("timestamp", timestamp(record));
      json.writeObjectFieldStart("headers");
      for (Map.Entry<String, String> header : Headers.all(record.headers()).entrySet()) {
        json.writeStringField(header.getKey(), header.getValue());
      }
      json.writeEndObject();
      json.writeFieldName("value");
      json.writeRawValue(value(record));
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("text in memory cannot fail", e);
    }
    return line.toString();
  }

  private static @Nullable String timestamp(ConsumerRecord<byte[], byte[]> record) {
    return record.timestampType() == TimestampType.NO_TIMESTAMP_TYPE
        ? null
        : AvroJson.text(Instant.ofEpochMilli(record.timestamp()));
  }

  private String value(ConsumerRecord<byte[], byte[]> record) throws IOException {
    byte @Nullable [] bytes = record.value();
    if (bytes == null) {
      return "null";
    }
    String readable = avro == null ? null : readable(record.topic(), bytes, avro);
    return readable == null ? '"' + Base64.getEncoder().encodeToString(bytes) + '"' : readable;
  }

  private static @Nullable String readable(
      String topic, byte[] bytes, Deserializer<GenericRecord> avro) throws IOException {
    // A raw body is what a vendor sent; one that begins with a zero byte is no Avro for that.
    if (bytes.length > 0 && bytes[0] == AVRO_MAGIC) {
      return topic.contains(Topics.RAW_PREFIX) ? null : avroAsJson(topic, bytes, avro);
    }
    String text = text(bytes);
    return text == null ? null : compactJson(text);
  }

  private static @Nullable String avroAsJson(
      String topic, byte[] bytes, Deserializer<GenericRecord> avro) throws IOException {
    try {
      StringWriter out = new StringWriter();
      try (JsonGenerator json = JSON.createGenerator(out)) {
        json.writeTree(AvroJson.toJson(avro.deserialize(topic, bytes)));
      }
      return out.toString();
    } catch (SerializationException e) {
      return null;
    }
  }

  /** The same JSON on one line, numbers and repeated names as they are; null when it is none. */
  private static @Nullable String compactJson(String text) throws IOException {
    StringWriter out = new StringWriter();
    try (JsonParser parser = JSON.createParser(text);
        JsonGenerator json = JSON.createGenerator(out)) {
      int depth = 0;
      boolean ended = false;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (ended) {
          return null;
        }
        if (token.isNumeric()) {
          json.writeNumber(parser.getText());
        } else {
          json.copyCurrentEvent(parser);
        }
        depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        ended = depth == 0;
      }
      json.flush();
      return ended ? out.toString() : null;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static void writeTextOrBase64(JsonGenerator json, String field, byte @Nullable [] bytes)
      throws IOException {
    String text = bytes == null ? null : text(bytes);
    json.writeStringField(
        field, text != null || bytes == null ? text : Base64.getEncoder().encodeToString(bytes));
  }

  private static @Nullable String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
