package dev.vestibule.sink.lane;

/**
 * One record that is to be handled.
 *
 * @param key what is kept in order
 * @param bytes what it takes in memory, about
 * @param urgent ends the wait of the one before it
 */
record Item<T>(Source source, long offset, String key, int bytes, boolean urgent, T payload) {
  @Override
  public String toString() {
    return source.topic() + "-" + source.partition() + "@" + offset;
  }
}
