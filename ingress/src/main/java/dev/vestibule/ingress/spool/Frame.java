package dev.vestibule.ingress.spool;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A record as it lies in a segment: CRC32C of all that follows, length of the payload, the record's
 * number, when it was appended, up to where the segment was on disk before, payload. Integers are
 * big-endian.
 *
 * @param number position in the log, from 1 on without gaps
 * @param appendedAt Unix time in milliseconds
 * @param forced how many bytes of the segment were known to survive a crash when this was written:
 *     whatever is broken below that was not torn by a crash
 * @param payload the bytes that were appended
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Frame(long number, long appendedAt, int forced, byte[] payload) {
  static final int HEAD = Integer.BYTES * 2 + Long.BYTES * 2 + Integer.BYTES;

  /** Longest payload; a length above it is no length. */
  static final int MAX_PAYLOAD = 8 * 1024 * 1024;

  /** Bytes in the segment. */
  int size() {
    return HEAD + payload.length;
  }

  void write(ByteBuffer out) {
    int start = out.position();
    out.putInt(0)
        .putInt(payload.length)
        .putLong(number)
        .putLong(appendedAt)
        .putInt(forced)
        .put(payload);
    out.putInt(start, crc(out, start + Integer.BYTES, out.position()));
  }

  /** How many bytes a frame at this position takes, by its own account; 0 when it cannot be one. */
  static int size(ByteBuffer in, int position) {
    if (in.limit() - position < HEAD) {
      return 0;
    }
    int length = in.getInt(position + Integer.BYTES);
    return length < 0 || length > MAX_PAYLOAD ? 0 : HEAD + length;
  }

  /** The frame at this position, or null when the bytes there are none. */
  static @Nullable Frame read(ByteBuffer in, int position) {
    int size = size(in, position);
    if (size == 0 || in.limit() - position < size) {
      return null;
    }
    if (in.getInt(position) != crc(in, position + Integer.BYTES, position + size)) {
      return null;
    }
    byte[] payload = new byte[size - HEAD];
    in.get(position + HEAD, payload);
    return new Frame(
        in.getLong(position + 8), in.getLong(position + 16), in.getInt(position + 24), payload);
  }

  /** CRC32C of a range. */
  static int crc(ByteBuffer bytes, int from, int to) {
    CRC32C crc = new CRC32C();
    crc.update(bytes.duplicate().limit(to).position(from));
    return (int) crc.getValue();
  }
}
