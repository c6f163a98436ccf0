package dev.vestibule.ingress.webhook;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/** Reads bodies within the source's limit and the bound of all pending bodies. */
final class BodyReader {
  private static final int CHUNK = 16 * 1024;

  private BodyReader() {}

  /** What became of reading. */
  sealed interface Result {
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Complete(byte[] body) implements Result {}

    /** More bytes than the limit; the rest is unread. */
    record TooLarge() implements Result {}

    /** All pending bodies together hold too much. */
    record NoRoom() implements Result {}

    /** The sender broke off, or the compressed form is broken. */
    record Broken() implements Result {}
  }

  /**
   * Reads to the end, or to the first byte over the limit.
   *
   * @param announced how many bytes the sender says will come, or -1; a body of this size is not
   *     copied, and no more than a chunk is reserved for it before it comes
   */
  static Result read(InputStream in, long announced, int limit, PendingBytes.Share share) {
    byte[] body = new byte[announced < 0 ? CHUNK : (int) Math.min(announced, CHUNK)];
    int size = 0;
    try (in) {
      while (true) {
        if (size == body.length) {
          int next = in.read();
          if (next < 0) {
            return new Result.Complete(body);
          }
          if (size == limit) {
            return new Result.TooLarge();
          }
          if (!share.grow(1)) {
            return new Result.NoRoom();
          }
          body = Arrays.copyOf(body, Math.max(CHUNK, (int) Math.min(2L * size, limit)));
          body[size++] = (byte) next;
        }
        int count = in.read(body, size, body.length - size);
        if (count < 0) {
          return new Result.Complete(Arrays.copyOf(body, size));
        }
        if (size + count > limit) {
          return new Result.TooLarge();
        }
        if (!share.grow(count)) {
          return new Result.NoRoom();
        }
        size += count;
      }
    } catch (IOException e) {
      return new Result.Broken();
    }
  }

  /** The body before compression, within the same limit, so that a small bomb stays small. */
  static Result inflate(byte[] compressed, int limit, PendingBytes.Share share) {
    try {
      return read(
          new GZIPInputStream(new ByteArrayInputStream(compressed), CHUNK), -1, limit, share);
    } catch (IOException e) {
      return new Result.Broken();
    }
  }
}
