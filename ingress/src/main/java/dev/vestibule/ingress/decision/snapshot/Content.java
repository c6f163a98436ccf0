package dev.vestibule.ingress.decision.snapshot;

import org.jspecify.annotations.Nullable;

/** What a topic's records amount to. For one thread. */
interface Content<T> {
  /** Forgets everything: the records come again from the first one on. */
  void clear();

  /**
   * Takes the next record.
   *
   * @param value null when the record takes back what was said under this key
   * @return whether it could be understood
   */
  boolean take(String key, byte @Nullable [] value);

  /** An immutable value of everything taken so far; may cost seconds after many records. */
  T value();

  /** Ids that stood for something when {@link #value} was last asked. */
  int size();
}
