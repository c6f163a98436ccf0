package dev.vestibule.standalone.topics;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.control.ControlState.Entry;
import dev.vestibule.standalone.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The one hand that writes orders and copies records. All of it happens in transactions under one
 * name: a second command takes over from the first, which from then on can change nothing.
 */
final class ControlWriter implements AutoCloseable {
  private final Producer<byte[], byte[]> producer;
  private final String topic;

  /** Takes over; an unfinished transaction of whoever was here before is undone. */
  ControlWriter(Map<String, ?> kafka, TopicNames names) {
    this.topic = names.of(Topics.CONTROL);
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ProducerConfig.configNames());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-grow");
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, names.of("vestibule-grow"));
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 30_000);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
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

  /** All of these, or none. */
  void write(Entry... entries) {
    transaction(() -> {
      for (Entry entry : entries) {
        send(
            new ProducerRecord<>(
                topic, entry.key().getBytes(StandardCharsets.UTF_8), entry.value()));
      }
    });
  }

  /** Records together with the position that they bring a group to. */
  void copy(
      Iterable<ProducerRecord<byte[], byte[]>> records,
      Map<TopicPartition, OffsetAndMetadata> positions,
      ConsumerGroupMetadata group) {
    transaction(() -> {
      records.forEach(this::send);
      producer.sendOffsetsToTransaction(positions, group);
    });
  }

  private void send(ProducerRecord<byte[], byte[]> entry) {
    // What goes wrong here comes out when the transaction is committed.
    var _ = producer.send(entry);
  }

  private void transaction(Runnable content) {
    try {
      producer.beginTransaction();
      content.run();
      producer.commitTransaction();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new Superseded(e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }

  /** Another command has taken over; this one must touch nothing any more. */
  static final class Superseded extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Superseded(Throwable cause) {
      super("another 'vestibule topics grow' has taken over", cause);
    }

    Failure asFailure() {
      return new Failure(String.valueOf(getMessage()), this);
    }
  }
}
