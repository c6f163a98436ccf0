package dev.vestibule.serde;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** Writes a record as a writer with another schema would. */
final class GenericWriter {
  private GenericWriter() {}

  /** The record under another schema, with another symbol in its field {@code type}. */
  static byte[] write(int id, Schema schema, SpecificRecord record, String type) {
    try {
      ByteArrayOutputStream own = new ByteArrayOutputStream();
      var encoder = EncoderFactory.get().binaryEncoder(own, null);
      new SpecificDatumWriter<>(record.getSchema()).write(record, encoder);
      encoder.flush();
      GenericRecord generic =
          new GenericDatumReader<GenericRecord>(record.getSchema(), schema)
              .read(null, DecoderFactory.get().binaryDecoder(own.toByteArray(), null));
      generic.put(
          "type", new GenericData.EnumSymbol(schema.getField("type").schema(), (Object) type));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(id).array());
      var generalEncoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<GenericRecord>(schema).write(generic, generalEncoder);
      generalEncoder.flush();
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
