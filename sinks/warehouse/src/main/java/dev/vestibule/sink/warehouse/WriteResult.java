package dev.vestibule.sink.warehouse;

import org.apache.kafka.common.TopicPartition;

/** What became of a batch. */
sealed interface WriteResult {

  /**
   * Rows and positions are durable. The three counts add up to the records of the batch.
   *
   * @param stored events, decisions and alerts that are new
   * @param alreadyStored those whose key was there before, or twice in the batch
   * @param rejected records in {@code rejected_event}
   */
  record Committed(int stored, int alreadyStored, int rejected) implements WriteResult {}

  /** Nothing was written: somebody else has moved the stored position of this partition. */
  record Stale(TopicPartition partition) implements WriteResult {}
}
