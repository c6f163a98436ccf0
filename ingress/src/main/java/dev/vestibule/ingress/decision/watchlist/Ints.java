package dev.vestibule.ingress.decision.watchlist;

import java.util.Arrays;

/** A growing array. */
final class Ints {
  private int[] values = new int[16];
  private int size;

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, Texts.Growing.grown(size + 1));
    }
    values[size++] = value;
  }

  int get(int index) {
    return values[index];
  }

  void set(int index, int value) {
    values[index] = value;
  }

  int size() {
    return size;
  }

  int[] freeze() {
    return Arrays.copyOf(values, size);
  }
}
