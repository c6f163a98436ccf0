package dev.vestibule.ingress.decision.watchlist;

import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;

/**
 * Items by hash, as many buckets as items: 12 bytes each, and equal hashes side by side. An item of
 * which only half the hash agrees is passed over unless both halves do; callers compare for
 * certain.
 */
final class Buckets {
  private final int[] starts;

  /** Upper half of the hash, item. */
  private final long[] items;

  private Buckets(int[] starts, long[] items) {
    this.starts = starts;
    this.items = items;
  }

  /** Of the items below a number that are wanted. */
  static Buckets of(int limit, IntPredicate wanted, IntToLongFunction hash) {
    int count = 0;
    for (int i = 0; i < limit; i++) {
      count += wanted.test(i) ? 1 : 0;
    }
    int[] starts = new int[count + 1];
    long[] items = new long[count];
    for (int i = 0; i < limit; i++) {
      if (wanted.test(i)) {
        starts[bucket(hash.applyAsLong(i), count)]++;
      }
    }
    int sum = 0;
    for (int b = 0; b <= count; b++) {
      sum += starts[b];
      starts[b] = sum;
    }
    for (int i = limit - 1; i >= 0; i--) {
      if (wanted.test(i)) {
        long h = hash.applyAsLong(i);
        items[--starts[bucket(h, count)]] = (h & 0xFFFFFFFF00000000L) | i;
      }
    }
    return new Buckets(starts, items);
  }

  private static int bucket(long hash, int count) {
    return (int) (((hash & 0xFFFFFFFFL) * count) >>> 32);
  }

  /** Where the candidates of a hash begin; they end at {@link #end}. */
  int begin(long hash) {
    return items.length == 0 ? 0 : starts[bucket(hash, items.length)];
  }

  int end(long hash) {
    return items.length == 0 ? 0 : starts[bucket(hash, items.length) + 1];
  }

  /** The candidate at a place, or -1 if it has another hash. */
  int at(int place, long hash) {
    return (items[place] ^ hash) >>> 32 == 0 ? (int) items[place] : -1;
  }

  int size() {
    return items.length;
  }

  /** Bytes of heap. */
  long heap() {
    return 4L * starts.length + 8L * items.length;
  }
}
