package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A polynomial over bytes, so that the hash of a word with one letter changed follows from those of
 * its parts. Nothing rests on it alone: whatever it finds is compared byte by byte.
 */
final class Hash {
  static final long BASE = 0x9E3779B97F4A7C15L;

  private Hash() {}

  static long of(byte[] bytes, int from, int to) {
    long raw = 0;
    for (int i = from; i < to; i++) {
      raw = append(raw, bytes[i]);
    }
    return mix(raw);
  }

  static long of(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return of(bytes, 0, bytes.length);
  }

  static long append(long raw, byte next) {
    return raw * BASE + (next & 0xFF) + 1;
  }

  /** Spreads a polynomial's value over all bits. */
  static long mix(long raw) {
    long h = raw;
    h = (h ^ (h >>> 32)) * 0xD6E8FEB86659FD93L;
    h = (h ^ (h >>> 32)) * 0xD6E8FEB86659FD93L;
    return h ^ (h >>> 32);
  }

  /** Of two words, whichever comes first. */
  static long pair(long a, long b) {
    return mix(Math.min(a, b) * BASE + Math.max(a, b));
  }
}
