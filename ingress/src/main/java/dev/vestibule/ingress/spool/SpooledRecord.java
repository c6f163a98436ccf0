package dev.vestibule.ingress.spool;

import dev.vestibule.ingress.publish.RawRecord;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A raw record as the payload of a frame: version, topic, key, number of headers, names and values
 * of the headers, value; each with its length before it.
 */
final class SpooledRecord {
  private static final byte VERSION = 1;

  private SpooledRecord() {}

  static byte[] encode(RawRecord record) {
    List<byte[]> parts = new ArrayList<>();
    parts.add(utf8(record.topic()));
    parts.add(utf8(record.key()));
    record
        .headers()
        .forEach((name, value) -> {
          parts.add(utf8(name));
          parts.add(utf8(value));
        });
    parts.add(record.value());
    int size = 1 + Integer.BYTES;
    for (byte[] part : parts) {
      size += Integer.BYTES + part.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size).put(VERSION).putInt(record.headers().size());
    parts.forEach(part -> out.putInt(part.length).put(part));
    return out.array();
  }

  /**
   * The record.
   *
   * @throws IllegalArgumentException when another version wrote it
   */
  static RawRecord decode(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload);
    try {
      if (in.get() != VERSION) {
        throw new IllegalArgumentException("unknown version");
      }
      int count = in.getInt();
      String topic = text(in);
      String key = text(in);
      Map<String, String> headers = new LinkedHashMap<>();
      for (int i = 0; i < count; i++) {
        headers.put(text(in), text(in));
      }
      return new RawRecord(topic, key, headers, part(in));
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("too short", e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(ByteBuffer in) {
    return new String(part(in), StandardCharsets.UTF_8);
  }

  private static byte[] part(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] part = new byte[length];
    in.get(part);
    return part;
  }
}
