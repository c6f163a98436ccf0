package dev.vestibule.ingress.decision.watchlist;

/**
 * Bloom filter of words by their hashes: three bytes for each, about one false answer in 150. It
 * spares most of the several hundred spellings next to a visitor's word their look-up in the index.
 */
final class WordSet {
  private static final long BITS_EACH = 24;
  private final long[] bits;

  WordSet(int words) {
    bits = new long[(int) (words * BITS_EACH / Long.SIZE + 1)];
  }

  void add(long hash) {
    set(bit(hash));
    set(bit(Long.rotateLeft(hash, 32)));
  }

  boolean mayHold(long hash) {
    return isSet(bit(hash)) && isSet(bit(Long.rotateLeft(hash, 32)));
  }

  private long bit(long hash) {
    return ((hash & 0xFFFFFFFFL) * (bits.length * 64L)) >>> 32;
  }

  private void set(long bit) {
    bits[(int) (bit >>> 6)] |= 1L << bit;
  }

  private boolean isSet(long bit) {
    return (bits[(int) (bit >>> 6)] & (1L << bit)) != 0;
  }

  /** Bytes of heap. */
  long heap() {
    return 8L * bits.length;
  }
}
