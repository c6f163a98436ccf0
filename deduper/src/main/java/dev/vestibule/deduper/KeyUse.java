package dev.vestibule.deduper;

import dev.vestibule.contract.Headers;
import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.events.Position;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;

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
 */
record KeyUse(
    Kind kind, Hash key, Hash identity, int scheme, boolean quiet, int partition, long offset) {
  private static final byte VERSION = 1;
  private static final int BYTES = 1 + 1 + 2 * Hash.BYTES + 1 + 1 + Integer.BYTES + Long.BYTES;

  /** What a report about this use will say, carried along. */
  private static final List<String> CONTEXT =
      List.of(
          Headers.CE_ID,
          Headers.SOURCE,
          Headers.ACCOUNT,
          Headers.VENDOR,
          Headers.REQUEST_ID,
          Headers.PATH,
          Headers.RAW,
          Headers.TRACEPARENT);

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
        position.getOffset());
  }

  static RecordHeaders headers(org.apache.kafka.common.header.Headers original) {
    RecordHeaders headers = new RecordHeaders();
    for (String name : CONTEXT) {
      Header header = original.lastHeader(name);
      if (header != null && header.value() != null) {
        headers.add(header);
      }
    }
    return headers;
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .put(VERSION)
        .put(kind.code())
        .put(key.bytes())
        .put(identity.bytes())
        .put((byte) scheme)
        .put((byte) (quiet ? 1 : 0))
        .putInt(partition)
        .putLong(offset)
        .array();
  }

  /**
   * @throws IllegalStateException when the bytes are of a version that this build does not know
   */
  static KeyUse decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    byte version = buffer.get();
    if (version != VERSION) {
      throw new IllegalStateException(
          "key use of unknown version " + version + "; it was written by a newer deduper");
    }
    Kind kind = Kind.byCode(buffer.get());
    Hash key = new Hash(buffer.getLong(), buffer.getLong());
    Hash identity = new Hash(buffer.getLong(), buffer.getLong());
    return new KeyUse(
        kind, key, identity, buffer.get(), buffer.get() == 1, buffer.getInt(), buffer.getLong());
  }
}
