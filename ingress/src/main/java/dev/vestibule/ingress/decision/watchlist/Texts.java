package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** Many short texts in one array of bytes: 4 bytes each beyond their own length. */
final class Texts {
  private final byte[] bytes;
  private final int[] starts;

  private Texts(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  int size() {
    return starts.length - 1;
  }

  byte[] bytes(int index) {
    return Arrays.copyOfRange(bytes, starts[index], starts[index + 1]);
  }

  String text(int index) {
    return new String(bytes, starts[index], starts[index + 1] - starts[index], UTF_8);
  }

  long hash(int index) {
    return Hash.of(bytes, starts[index], starts[index + 1]);
  }

  boolean equal(int index, byte[] other) {
    return Arrays.equals(bytes, starts[index], starts[index + 1], other, 0, other.length);
  }

  /** Bytes of heap. */
  long heap() {
    return bytes.length + 4L * starts.length;
  }

  /** Grows; says whether it knows a text already. */
  static final class Growing {
    private byte[] bytes = new byte[256];
    private int[] starts = new int[17];
    private int size;

    /** Index + 1 of the texts that were interned, by hash; 0 = free. */
    private int[] table = new int[32];

    int size() {
      return size;
    }

    int add(byte[] text) {
      int from = starts[size];
      int to = Math.addExact(from, text.length);
      if (to > bytes.length) {
        bytes = Arrays.copyOf(bytes, grown(to));
      }
      if (size + 2 > starts.length) {
        starts = Arrays.copyOf(starts, grown(size + 2));
      }
      System.arraycopy(text, 0, bytes, from, text.length);
      starts[++size] = to;
      return size - 1;
    }

    /** The index of an equal text; adds it if there is none. */
    int intern(byte[] text) {
      int known = find(text);
      if (known >= 0) {
        return known;
      }
      if (size * 2 >= table.length) {
        rehash();
      }
      int slot = slot(Hash.of(text, 0, text.length));
      while (table[slot] != 0) {
        slot = (slot + 1) & (table.length - 1);
      }
      table[slot] = size + 1;
      return add(text);
    }

    /** The index of an equal text that was interned, or -1. */
    int find(byte[] text) {
      int slot = slot(Hash.of(text, 0, text.length));
      while (table[slot] != 0) {
        int index = table[slot] - 1;
        if (Arrays.equals(bytes, starts[index], starts[index + 1], text, 0, text.length)) {
          return index;
        }
        slot = (slot + 1) & (table.length - 1);
      }
      return -1;
    }

    private void rehash() {
      table = new int[table.length * 2];
      for (int i = 0; i < size; i++) {
        int slot = slot(Hash.of(bytes, starts[i], starts[i + 1]));
        while (table[slot] != 0) {
          slot = (slot + 1) & (table.length - 1);
        }
        table[slot] = i + 1;
      }
    }

    private int slot(long hash) {
      return (int) hash & (table.length - 1);
    }

    byte[] bytes(int index) {
      return Arrays.copyOfRange(bytes, starts[index], starts[index + 1]);
    }

    Texts freeze() {
      return new Texts(Arrays.copyOf(bytes, starts[size]), Arrays.copyOf(starts, size + 1));
    }

    /** Half as much again, up to what an array can hold. */
    static int grown(int needed) {
      return (int) Math.min(Integer.MAX_VALUE - 8L, needed + needed / 2L + 16);
    }
  }
}
