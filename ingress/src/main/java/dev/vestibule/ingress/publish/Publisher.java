package dev.vestibule.ingress.publish;

import java.util.concurrent.CompletableFuture;

/** Where raw records go. */
public interface Publisher extends AutoCloseable {

  /**
   * Hands over a record. Never blocks for long and never throws.
   *
   * @return completes when the record is durable, or fails with a {@link PublishException}. After a
   *     failure the record may still become durable: the sender's retry is then a duplicate
   */
  CompletableFuture<Receipt> publish(RawRecord record);

  /**
   * The same for a record that counts only once Kafka has it, such as one that an answer waits for:
   * no local copy stands in for it.
   */
  default CompletableFuture<Receipt> publishToKafka(RawRecord record) {
    return publish(record);
  }

  /** Whether the records of at least one source can be made durable. */
  boolean reachable();

  /** Whether it takes no record of any topic because it was told so. */
  default boolean paused() {
    return false;
  }

  /** Waits a few seconds for what is under way, then gives up on it. */
  @Override
  void close();
}
