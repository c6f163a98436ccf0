package dev.vestibule.deduper.verdict;

import dev.vestibule.deduper.verdict.Remembered.FirstCopy;
import dev.vestibule.deduper.verdict.Remembered.Row;
import dev.vestibule.deduper.verdict.Remembered.Snapshots;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Remembered things as few bytes. Arrivals are kept as milliseconds since the start of their
 * bucket, which the key tells anyway.
 *
 * <pre>
 * first copy: version and scheme 1 | offset 6 | arrival 4 [| revision 8 [| identity 16 [| request 6]]]
 * snapshots:  version and kind 1 | rows of: scheme 1 | facts 1 | offset 6 | arrival 4 | fingerprint 16
 * </pre>
 */
public final class Codec {
  /** Highest version of a key scheme that fits. */
  public static final int MAX_SCHEME = 15;

  private static final int FIRST_COPY = 1;
  private static final int SNAPSHOTS = 2;
  private static final int MARK_BYTES = 1 + 6 + 4;
  private static final int REVISION_BYTES = MARK_BYTES + Long.BYTES;
  private static final int IDENTITY_BYTES = REVISION_BYTES + Hash.BYTES;
  private static final int REQUEST_BYTES = IDENTITY_BYTES + 6;
  private static final int ROW_BYTES = 1 + 1 + 6 + 4 + Hash.BYTES;

  private Codec() {}

  /**
   * @param bucket start of the bucket that the value is stored under
   */
  public static byte[] encode(Remembered value, long bucket) {
    return switch (value) {
      case FirstCopy copy -> encode(copy, bucket);
      case Snapshots snapshots -> encode(snapshots, bucket);
    };
  }

  /**
   * @throws IllegalStateException when the bytes are of a version that this build does not know:
   *     state written by a newer one must not be guessed at
   */
  public static Remembered decode(byte[] bytes, long bucket) {
    return decode(ByteBuffer.wrap(bytes), bucket);
  }

  /** The same from the rest of a buffer, which is read to its end. */
  public static Remembered decode(ByteBuffer buffer, long bucket) {
    int head = buffer.get() & 0xFF;
    return switch (head >>> 4) {
      case FIRST_COPY -> firstCopy(buffer, head & 0xF, bucket);
      case SNAPSHOTS -> snapshots(buffer, bucket);
      default ->
          throw new IllegalStateException(
              "state of unknown version " + (head >>> 4) + "; it was written by a newer deduper");
    };
  }

  private static byte[] encode(FirstCopy copy, long bucket) {
    Hash identity = copy.identity();
    Long revision = copy.revision();
    Long request = copy.request();
    ByteBuffer buffer = ByteBuffer.allocate(length(revision, identity, request));
    buffer.put((byte) (FIRST_COPY << 4 | copy.scheme()));
    putPosition(buffer, copy.offset(), copy.arrival() - bucket);
    if (revision != null) {
      buffer.putLong(revision);
    }
    if (identity != null) {
      buffer.putLong(identity.high()).putLong(identity.low());
    }
    if (request != null) {
      putSixBytes(buffer, request);
    }
    return buffer.array();
  }

  /** Each part stands only behind the one before it. */
  private static int length(
      @Nullable Long revision, @Nullable Hash identity, @Nullable Long request) {
    if (request != null) {
      return REQUEST_BYTES;
    }
    if (identity != null) {
      return IDENTITY_BYTES;
    }
    return revision == null ? MARK_BYTES : REVISION_BYTES;
  }

  private static byte[] encode(Snapshots snapshots, long bucket) {
    ByteBuffer buffer = ByteBuffer.allocate(1 + ROW_BYTES * snapshots.rows().size());
    buffer.put((byte) (SNAPSHOTS << 4));
    for (Row row : snapshots.rows()) {
      buffer.put((byte) row.scheme()).put(bits(row.facts()));
      putPosition(buffer, row.offset(), row.arrival() - bucket);
      buffer.putLong(row.fingerprint().high()).putLong(row.fingerprint().low());
    }
    return buffer.array();
  }

  private static FirstCopy firstCopy(ByteBuffer buffer, int scheme, long bucket) {
    long offset = sixBytes(buffer);
    long arrival = bucket + buffer.getInt();
    Long revision = buffer.hasRemaining() ? buffer.getLong() : null;
    Hash identity = buffer.hasRemaining() ? hash(buffer) : null;
    Long request = buffer.hasRemaining() ? sixBytes(buffer) : null;
    return new FirstCopy(scheme, offset, arrival, identity, revision, request);
  }

  private static Snapshots snapshots(ByteBuffer buffer, long bucket) {
    List<Row> rows = new ArrayList<>();
    while (buffer.hasRemaining()) {
      int scheme = buffer.get();
      Set<TerminalFact> facts = facts(buffer.get());
      long offset = sixBytes(buffer);
      long arrival = bucket + buffer.getInt();
      rows.add(new Row(scheme, offset, arrival, hash(buffer), facts));
    }
    return new Snapshots(rows);
  }

  private static Hash hash(ByteBuffer buffer) {
    return new Hash(buffer.getLong(), buffer.getLong());
  }

  /** Six bytes hold 2.8e14 offsets: a million records a second for nine years in one partition. */
  private static void putPosition(ByteBuffer buffer, long offset, long sinceBucket) {
    putSixBytes(buffer, offset);
    buffer.putInt((int) sinceBucket);
  }

  private static void putSixBytes(ByteBuffer buffer, long value) {
    buffer.putShort((short) (value >>> 32)).putInt((int) value);
  }

  private static long sixBytes(ByteBuffer buffer) {
    return (buffer.getShort() & 0xFFFFL) << 32 | (buffer.getInt() & 0xFFFF_FFFFL);
  }

  private static byte bits(Set<TerminalFact> facts) {
    int bits = 0;
    for (TerminalFact fact : facts) {
      bits |= fact.bit();
    }
    return (byte) bits;
  }

  private static Set<TerminalFact> facts(byte bits) {
    Set<TerminalFact> facts = EnumSet.noneOf(TerminalFact.class);
    for (TerminalFact fact : TerminalFact.values()) {
      if ((bits & fact.bit()) != 0) {
        facts.add(fact);
      }
    }
    return facts;
  }
}
