package dev.vestibule.ingress.spool;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a segment: CRC32C of what follows, magic number, number of the first record,
 * and which segment came before.
 *
 * @param first number of the first record
 * @param previous sequence of the segment before, or 0
 * @param previousEnd how much of that segment counts; what lies behind is left over from an append
 *     that failed
 */
record SegmentHeader(long first, long previous, int previousEnd) {
  static final int SIZE = Integer.BYTES * 3 + Long.BYTES * 2;

  /** "VSP" and the version of the format. */
  private static final int MAGIC = 0x56535001;

  void write(ByteBuffer out) {
    int start = out.position();
    out.putInt(0).putInt(MAGIC).putLong(first).putLong(previous).putInt(previousEnd);
    out.putInt(start, Frame.crc(out, start + Integer.BYTES, out.position()));
  }

  /** The header, or null when the bytes do not start with one. */
  static @Nullable SegmentHeader read(ByteBuffer in) {
    if (in.limit() < SIZE
        || in.getInt(0) != Frame.crc(in, Integer.BYTES, SIZE)
        || in.getInt(Integer.BYTES) != MAGIC) {
      return null;
    }
    return new SegmentHeader(in.getLong(8), in.getLong(16), in.getInt(24));
  }
}
