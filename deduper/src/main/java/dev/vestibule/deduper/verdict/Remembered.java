package dev.vestibule.deduper.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What memory holds under one key and time bucket. */
public sealed interface Remembered {

  /**
   * The first copy under a key; written once.
   *
   * @param scheme version of the key scheme of its hashes
   * @param offset position of the copy in its partition
   * @param arrival milliseconds since the epoch
   * @param identity hash of the fact, kept for delivery keys only
   * @param revision hash of the attributes, kept for delivery and fact keys only
   * @param request the {@linkplain #request(Hash) mark} of its transport key, kept for delivery
   *     keys only, so that the first copy of a delivery needs no entry of its own for that key
   */
  record FirstCopy(
      int scheme,
      long offset,
      long arrival,
      @Nullable Hash identity,
      @Nullable Long revision,
      @Nullable Long request)
      implements Remembered {
    private static final long REQUEST_BITS = (1L << 48) - 1;

    /** 48 bits of a transport key: enough to tell apart the few copies of one delivery. */
    static long request(Hash transport) {
      return (transport.high() ^ transport.low()) & REQUEST_BITS;
    }

    boolean isOf(Hash transport) {
      return request != null && request == request(transport);
    }
  }

  /** Accepted snapshots of one object within one bucket, oldest first. */
  record Snapshots(List<Row> rows) implements Remembered {
    /**
     * Rows kept per bucket. Only the last one counts; the ones before answer a rewind, which would
     * otherwise see its own future.
     */
    static final int KEPT = 16;

    public Snapshots {
      rows = List.copyOf(rows);
    }

    /** Drops what lies at or after the row's position, then appends it. */
    Snapshots with(Row row) {
      List<Row> kept = new ArrayList<>(rows);
      kept.removeIf(other -> other.offset() >= row.offset());
      kept.add(row);
      return new Snapshots(kept.subList(Math.max(0, kept.size() - KEPT), kept.size()));
    }
  }

  /** One accepted snapshot. */
  record Row(int scheme, long offset, long arrival, Hash fingerprint, Set<TerminalFact> facts) {
    public Row {
      facts = Set.copyOf(facts);
    }
  }
}
