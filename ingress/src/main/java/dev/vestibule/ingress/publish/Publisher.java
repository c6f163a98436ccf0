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

  /** Whether Kafka has been heard of lately, and takes the records of at least one topic. */
  boolean reachable();

  /** Whether it takes no record of any topic because it was told so. */
  default boolean paused() {
    return false;
  }

  /** Waits a few seconds for what is under way, then gives up on it. */
  @Override
  void close();
}
