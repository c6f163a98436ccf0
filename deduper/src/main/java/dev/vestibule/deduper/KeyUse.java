package dev.vestibule.deduper;

import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.events.Position;
import java.nio.ByteBuffer;

/**
 * One use of a delivery key, on its way to the place where all uses of that key meet.
 *
 * @param kind which key
 * @param key the key
 * @param identity the fact that it was used for
 * @param scheme version of the key scheme
 * @param quiet whether this use is never reported: the verdict has reported it as a conflict, or it
 *     is only remembered
 * @param partition partition of the normalized record
 * @param offset offset of the normalized record
 * @param arrival milliseconds since the epoch
 */
record KeyUse(
    Kind kind,
    Hash key,
    Hash identity,
    int scheme,
    boolean quiet,
    int partition,
    long offset,
    long arrival) {
  /** Encoded length. */
  static final int BYTES = 1 + 1 + 2 * Hash.BYTES + 1 + 1 + Integer.BYTES + 2 * Long.BYTES;

  private static final byte VERSION = 2;

  /** Which key. Codes are stored: never change one. */
  enum Kind {
    DELIVERY("delivery", 0),
    HINT("hint", 1);

    private final String id;
    private final byte code;

    Kind(String id, int code) {
      this.id = id;
      this.code = (byte) code;
    }

    byte code() {
      return code;
    }

    private static Kind byCode(byte code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new IllegalStateException("key use of unknown kind " + code);
    }

    /** The name used in reports. */
    String id() {
      return id;
    }
  }

  static KeyUse delivery(Candidate use, Hash key, boolean quiet, Position position) {
    return of(Kind.DELIVERY, use, key, quiet, position);
  }

  static KeyUse hint(Candidate use, Hash key, boolean quiet, Position position) {
    return of(Kind.HINT, use, key, quiet, position);
  }

  private static KeyUse of(Kind kind, Candidate use, Hash key, boolean quiet, Position position) {
    return new KeyUse(
        kind,
        key,
        use.identity(),
        use.scheme(),
        quiet,
        position.getPartition(),
        position.getOffset(),
        use.arrival());
  }

  byte[] encode() {
    ByteBuffer buffer = ByteBuffer.allocate(BYTES);
    writeTo(buffer);
    return buffer.array();
  }

  void writeTo(ByteBuffer buffer) {
    buffer
        .put(VERSION)
        .put(kind.code())
        .putLong(key.high())
        .putLong(key.low())
        .putLong(identity.high())
        .putLong(identity.low())
        .put((byte) scheme)
        .put((byte) (quiet ? 1 : 0))
        .putInt(partition)
        .putLong(offset)
        .putLong(arrival);
  }

  /**
   * @throws IllegalStateException when the bytes are of a version that this build does not know
   */
  static KeyUse read(ByteBuffer buffer) {
    byte version = buffer.get();
    if (version != VERSION) {
      throw new IllegalStateException(
          "key use of unknown version " + version + "; it was written by another deduper");
    }
    return new KeyUse(
        Kind.byCode(buffer.get()),
        new Hash(buffer.getLong(), buffer.getLong()),
        new Hash(buffer.getLong(), buffer.getLong()),
        buffer.get(),
        buffer.get() == 1,
        buffer.getInt(),
        buffer.getLong(),
        buffer.getLong());
  }
}
