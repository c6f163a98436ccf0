package dev.vestibule.deduper;

import dev.vestibule.contract.Headers;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Key uses in one value, each with what a report about it will say.
 *
 * <pre>use | bytes of the context 4 | context: for each header, its length or -1 4 | its value
 * </pre>
 */
final class KeyUseBatch {
  private static final int ABSENT = -1;

  /** What a report says about a use, carried along. */
  private static final List<String> CONTEXT =
      Stream.concat(Stream.of(Headers.CE_ID), Reports.CONTEXT.stream()).toList();

  private ByteBuffer uses = ByteBuffer.allocate(1 << 10);
  private long latestArrival = Long.MIN_VALUE;

  void add(KeyUse use, org.apache.kafka.common.header.Headers headers) {
    int start = uses.position();
    room(KeyUse.BYTES + Integer.BYTES);
    use.writeTo(uses);
    uses.putInt(0);
    for (String name : CONTEXT) {
      Header header = headers.lastHeader(name);
      byte[] value = header == null ? null : header.value();
      room(Integer.BYTES + (value == null ? 0 : value.length));
      uses.putInt(value == null ? ABSENT : value.length);
      if (value != null) {
        uses.put(value);
      }
    }
    int context = start + KeyUse.BYTES;
    uses.putInt(context, uses.position() - context - Integer.BYTES);
    latestArrival = Math.max(latestArrival, use.arrival());
  }

  private void room(int bytes) {
    if (uses.remaining() < bytes) {
      int capacity = Math.max(2 * uses.capacity(), uses.position() + bytes);
      uses = ByteBuffer.allocate(capacity).put(uses.flip());
    }
  }

  boolean isEmpty() {
    return uses.position() == 0;
  }

  /** Length so far. */
  int bytes() {
    return uses.position();
  }

  /** Milliseconds since the epoch. */
  long latestArrival() {
    return latestArrival;
  }

  /** Ends the batch; the next use starts another. */
  byte[] take() {
    byte[] taken = Arrays.copyOf(uses.array(), uses.position());
    uses.clear();
    latestArrival = Long.MIN_VALUE;
    return taken;
  }

  /** Reads a batch use by use, its headers only where somebody asks. */
  static void forEach(byte[] batch, BiConsumer<KeyUse, Supplier<RecordHeaders>> reader) {
    ByteBuffer uses = ByteBuffer.wrap(batch);
    while (uses.hasRemaining()) {
      KeyUse use = KeyUse.read(uses);
      int length = uses.getInt();
      ByteBuffer context = uses.slice(uses.position(), length);
      uses.position(uses.position() + length);
      reader.accept(use, () -> headers(context));
    }
  }

  private static RecordHeaders headers(ByteBuffer context) {
    RecordHeaders headers = new RecordHeaders();
    for (String name : CONTEXT) {
      int length = context.getInt();
      if (length != ABSENT) {
        byte[] value = new byte[length];
        context.get(value);
        headers.add(name, value);
      }
    }
    return headers;
  }
}
