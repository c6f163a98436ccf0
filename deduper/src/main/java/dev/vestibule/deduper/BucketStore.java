package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.WindowStore;
import org.jspecify.annotations.Nullable;

/**
 * Values by key and time bucket. Several buckets of a key share one row of the window store below,
 * so that a search through a whole window costs one or two point lookups, and the time takes next
 * to no room in the keys.
 *
 * <pre>row: one or more of (bucket within the row 1 | length 1 to 2 | value)</pre>
 */
final class BucketStore {
  private static final byte[] NONE = {};
  private static final int LARGEST_SHORT_LENGTH = 0x7F;
  private static final int MAX_LENGTH = 0x7FFF;

  private final WindowStore<Bytes, byte[]> rows;
  private final long bucketMillis;
  private final long rowMillis;

  /** Rows of the record in hand. */
  private final Map<Row, byte[]> read = new HashMap<>();

  BucketStore(DedupeWindow window, WindowStore<Bytes, byte[]> rows) {
    this.rows = rows;
    this.bucketMillis = window.bucket().toMillis();
    this.rowMillis = rowSpan(window).toMillis();
  }

  /**
   * How much time a row spans: half of what must be kept, so that the current row and the two
   * before it always reach back far enough.
   */
  static Duration rowSpan(DedupeWindow window) {
    long bucket = window.bucket().toMillis();
    return Duration.ofMillis(Math.ceilDiv(window.retention().toMillis(), 2 * bucket) * bucket);
  }

  /** What the window store must keep; one millisecond less would hide the oldest row. */
  static Duration retention(DedupeWindow window) {
    return rowSpan(window).multipliedBy(2).plusMillis(1);
  }

  /**
   * @param bucket start of the bucket, in milliseconds since the epoch
   * @return the value, or null when there is none or it has expired
   */
  @Nullable ByteBuffer get(Bytes key, long bucket) {
    ByteBuffer row = ByteBuffer.wrap(row(new Row(key, rowTime(bucket))));
    byte wanted = index(bucket);
    while (row.hasRemaining()) {
      byte index = row.get();
      int length = length(row);
      if (index == wanted) {
        return row.slice(row.position(), length);
      }
      row.position(row.position() + length);
    }
    return null;
  }

  void put(Bytes key, long bucket, byte[] value) {
    Row at = new Row(key, rowTime(bucket));
    byte[] others = without(index(bucket), row(at));
    ByteBuffer row = ByteBuffer.allocate(others.length + 3 + value.length);
    row.put(others).put(index(bucket));
    putLength(row, value.length);
    byte[] bytes = new byte[row.put(value).position()];
    row.flip().get(bytes);
    rows.put(key, bytes, at.time);
    read.put(at, bytes);
  }

  /** Ends the work on a record: what was read for it is read anew for the next one. */
  void forget() {
    read.clear();
  }

  private byte[] row(Row at) {
    byte[] known = read.get(at);
    if (known == null) {
      byte[] stored = rows.fetch(at.key, at.time);
      known = stored == null ? NONE : stored;
      read.put(at, known);
    }
    return known;
  }

  private static byte[] without(byte index, byte[] row) {
    ByteBuffer from = ByteBuffer.wrap(row);
    ByteBuffer kept = ByteBuffer.allocate(row.length);
    while (from.hasRemaining()) {
      int start = from.position();
      byte found = from.get();
      int end = length(from) + from.position();
      if (found != index) {
        kept.put(row, start, end - start);
      }
      from.position(end);
    }
    byte[] bytes = new byte[kept.position()];
    kept.flip().get(bytes);
    return bytes;
  }

  /** The last millisecond of the row, so that a row expires no earlier than its last bucket. */
  private long rowTime(long bucket) {
    return Math.floorDiv(bucket, rowMillis) * rowMillis + rowMillis - 1;
  }

  private byte index(long bucket) {
    return (byte) (Math.floorMod(bucket, rowMillis) / bucketMillis);
  }

  private static int length(ByteBuffer row) {
    int first = row.get();
    return first >= 0 ? first : (first & LARGEST_SHORT_LENGTH) << 8 | (row.get() & 0xFF);
  }

  private static void putLength(ByteBuffer row, int length) {
    if (length > MAX_LENGTH) {
      throw new IllegalArgumentException("a value of " + length + " bytes is not kept");
    }
    if (length <= LARGEST_SHORT_LENGTH) {
      row.put((byte) length);
    } else {
      row.put((byte) (0x80 | (length >>> 8))).put((byte) length);
    }
  }

  private record Row(Bytes key, long time) {}
}
