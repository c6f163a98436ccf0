package dev.vestibule.standalone.deadletters;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes a replayed record and the note that it was replayed, both or neither. A second process
 * takes over from the first, which from then on can write nothing: so what the first has noted is
 * all that there is when the second begins to read the notes.
 */
final class Outbox implements AutoCloseable {
  private final Producer<byte[], byte[]> producer;

  /** Takes over; an unfinished transaction of whoever was here before is undone. */
  Outbox(Map<String, ?> kafka, TopicNames names) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ProducerConfig.configNames());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-replay");
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, names.of("vestibule-replay"));
    // Readers of what was written wait that long for one that died in the middle.
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 15_000);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 14_000);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES + (64 << 10));
    settings.put(ProducerConfig.PARTITIONER_CLASS_CONFIG, null);
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /**
   * Returns when Kafka has both.
   *
   * @return where the first one lies
   * @throws RecordTooLargeException when its topic does not take it; nothing was written
   * @throws KafkaException when it has neither, or cannot be asked
   */
  RecordMetadata write(ProducerRecord<byte[], byte[]> record, ProducerRecord<byte[], byte[]> note) {
    producer.beginTransaction();
    Future<RecordMetadata> written = producer.send(record);
    // What goes wrong with the note comes out when the transaction is committed.
    var _ = producer.send(note);
    try {
      producer.commitTransaction();
      return written.get();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new Failure("another 'vestibule dead-letters replay' has taken over", e);
    } catch (KafkaException e) {
      if (e.getCause() instanceof RecordTooLargeException tooLarge) {
        producer.abortTransaction();
        throw tooLarge;
      }
      throw e;
    } catch (ExecutionException e) {
      throw new KafkaException("the record was not written", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Failure("interrupted", e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
