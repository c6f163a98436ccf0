package dev.vestibule.benchmarks.chaos;

/** A position in a topic whose name is understood: {@code partition@offset}. */
record Place(int partition, long offset) implements Comparable<Place> {

  @Override
  public int compareTo(Place other) {
    int byPartition = Integer.compare(partition, other.partition);
    return byPartition == 0 ? Long.compare(offset, other.offset) : byPartition;
  }

  @Override
  public String toString() {
    return partition + "@" + offset;
  }
}
