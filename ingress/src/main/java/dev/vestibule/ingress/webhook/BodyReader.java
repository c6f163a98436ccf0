package dev.vestibule.ingress.webhook;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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

  /** Reads to the end, or to the first byte over the limit. */
  static Result read(InputStream in, int limit, PendingBytes.Share share) {
    ByteArrayOutputStream body = new ByteArrayOutputStream(CHUNK);
    byte[] chunk = new byte[CHUNK];
    try (in) {
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        if (body.size() + count > limit) {
          return new Result.TooLarge();
        }
        if (!share.grow(count)) {
          return new Result.NoRoom();
        }
        body.write(chunk, 0, count);
      }
      return new Result.Complete(body.toByteArray());
    } catch (IOException e) {
      return new Result.Broken();
    }
  }

  /** The body before compression, within the same limit, so that a small bomb stays small. */
  static Result inflate(byte[] compressed, int limit, PendingBytes.Share share) {
    try {
      return read(new GZIPInputStream(new ByteArrayInputStream(compressed), CHUNK), limit, share);
    } catch (IOException e) {
      return new Result.Broken();
    }
  }
}
