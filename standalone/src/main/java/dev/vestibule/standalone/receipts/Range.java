package dev.vestibule.standalone.receipts;

/**
 * Offsets of a partition.
 *
 * @param from where to begin
 * @param to where to end, exclusive
 * @param expired whether earlier records may have been there and are not any more
 */
record Range(long from, long to, boolean expired) {
  boolean isEmpty() {
    return from >= to;
  }
}
