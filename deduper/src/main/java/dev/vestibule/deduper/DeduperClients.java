package dev.vestibule.deduper;

import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The usual clients, but for a producer that is of no use any more once a transaction of it was
 * aborted.
 *
 * <p>All tasks of a stream thread share one transaction. When one of them is found corrupted,
 * Streams first commits for the others and then closes that one, which aborts the transaction.
 * While a rebalance is under way it may not commit; it skips that, aborts all the same, and lets
 * the others go on: their next commit moves their position past records whose outcome was just
 * thrown away (4.3.1, {@code TaskManager.handleCorruption}). A {@code kill -9} is enough: the dead
 * member holds up the rebalance, and its tasks are found corrupted on the disk of who takes them
 * over.
 *
 * <p>After an abort such a producer says that it is fenced. Streams then gives up all tasks of the
 * thread, rejoins with a new producer, and every task starts again from its last commit.
 */
final class DeduperClients implements KafkaClientSupplier {

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new OneAbortProducer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** Used by one stream thread. */
  private static final class OneAbortProducer extends KafkaProducer<byte[], byte[]> {
    private static final Logger log = LoggerFactory.getLogger(DeduperClients.class);

    private boolean aborted;

    OneAbortProducer(Map<String, Object> config) {
      super(config, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @Override
    public void abortTransaction() {
      aborted = true;
      log.warn("Transaction aborted, its tasks start again from their last commit");
      super.abortTransaction();
    }

    @Override
    public void beginTransaction() {
      if (aborted) {
        throw new ProducerFencedException(
            "a transaction was aborted; tasks that wrote to it must start again");
      }
      super.beginTransaction();
    }
  }
}
