package dev.vestibule.ingress.spool;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the frames in a part of a segment. Below a given position everything was on disk once,
 * so a broken frame there is damage, and the next whole one is looked for; above it, a broken frame
 * is where a crash tore the end off, and nothing behind it counts.
 */
final class Scan {
  /** Numbers further ahead than this are no numbers. */
  private static final long FAR = 1L << 32;

  private final ByteBuffer bytes;
  private final int proven;
  private int position;
  private long last;

  /**
   * @param bytes from the first frame on
   * @param proven how many of the bytes were on disk once
   * @param after the number before the first one expected
   */
  Scan(ByteBuffer bytes, int proven, long after) {
    this.bytes = bytes;
    this.proven = proven;
    this.last = after;
  }

  /** The next frame, or null at the end. */
  @Nullable Frame next() {
    while (position < bytes.limit()) {
      Frame frame = plausible() ? Frame.read(bytes, position) : null;
      if (frame != null) {
        position += frame.size();
        last = frame.number();
        return frame;
      }
      if (position >= proven) {
        return null;
      }
      position++;
    }
    return null;
  }

  /** Behind the last frame that was found, or what lies broken after it. */
  int position() {
    return position;
  }

  /** Keeps the search for the next frame from computing a checksum at each byte. */
  private boolean plausible() {
    if (Frame.size(bytes, position) == 0) {
      return false;
    }
    long ahead = bytes.getLong(position + Integer.BYTES * 2) - last;
    return ahead > 0 && ahead < FAR;
  }

  /** How much of a segment was on disk once, by what its own frames say: a position in the file. */
  static int proven(ByteBuffer bytes) {
    Scan everything = new Scan(bytes, bytes.limit(), 0);
    int proven = 0;
    for (Frame frame = everything.next(); frame != null; frame = everything.next()) {
      proven = Math.max(proven, frame.forced());
    }
    return proven;
  }
}
