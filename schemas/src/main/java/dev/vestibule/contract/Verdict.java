package dev.vestibule.contract;

/**
 * What the deduper found out about a record. Travels in the header {@link Headers#VERDICT}; a
 * record without one grants nothing.
 */
public enum Verdict {
  /** First copy within its window: goes to the events topic. */
  NEW,
  /**
   * Same identity as an earlier copy, other attributes: goes to the events topic once per content.
   */
  REVISION,
  /** Same identity and attributes as an earlier copy: goes to the duplicates topic only. */
  DUPLICATE,
  /** A delivery key used before for another fact: goes to conflicts and, marked, to events. */
  CONFLICT,
  /** No earlier copy found, but part of the window is gone: goes to the events topic, marked. */
  UNVERIFIED,
  /** Vestibule's own repetition of a record: dropped and counted. */
  REPLAY
}
