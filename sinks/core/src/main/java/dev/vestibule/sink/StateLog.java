package dev.vestibule.sink;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A compacted topic that one sink keeps its states on. Writes of several threads become durable
 * together and in their order, in transactions of one transactional id: who opens the log shuts out
 * whoever held it before, so a process that was frozen and wakes up can intend nothing any more.
 *
 * <p>After a write that failed nobody knows what is there: this is given up, and another one reads
 * the topic anew.
 */
public final class StateLog implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int MOST_TOGETHER = 1_000;
  private static final int GIVE_UP_MS = 15_000;

  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final BlockingQueue<Write> queue = new LinkedBlockingQueue<>();
  private final Thread writer;
  private volatile boolean closed;
  private volatile @Nullable KafkaException failure;

  /** Takes what the topic holds. */
  public interface Reader {
    /**
     * @param value null where the state was forgotten
     * @param at when it was written
     */
    void take(String key, byte @Nullable [] value, Instant at);
  }

  /** Records that are written together or not at all, and that somebody waits for. */
  private record Write(
      List<ProducerRecord<byte[], byte[]>> records, CompletableFuture<@Nullable Void> done) {}

  private StateLog(String topic, String part, Producer<byte[], byte[]> producer) {
    this.topic = topic;
    this.producer = producer;
    this.writer = Thread.ofPlatform().name(part + "-state").unstarted(this::write);
  }

  /**
   * Shuts out whoever held the log before, and reads it all.
   *
   * @param part of the sink, behind its group's name
   * @param topic full name
   * @throws KafkaException when the topic is missing or Kafka does not answer; what the reader
   *     throws is thrown on
   */
  public static StateLog open(
      VestibuleConfig config, SinkConfig sink, String part, String topic, Reader reader) {
    EventsSubscription subscription = EventsSubscription.of(config, sink);
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            producer(config.kafka(), subscription.group() + "-" + part),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    StateLog log = new StateLog(topic, part, producer);
    try {
      producer.initTransactions();
      try (var consumer = subscription.openReader(part, Map.of())) {
        WholeTopic.read(
            consumer,
            topic,
            record ->
                reader.take(
                    new String(record.key(), StandardCharsets.UTF_8),
                    record.value(),
                    Instant.ofEpochMilli(record.timestamp())));
      }
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    log.writer.start();
    return log;
  }

  private static Map<String, Object> producer(Map<String, String> kafka, String group) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, group);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.putAll(kafka);
    // Somebody stands at a door: what cannot be written soon is tried from the beginning.
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, GIVE_UP_MS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, GIVE_UP_MS / 2);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, GIVE_UP_MS);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group);
    return settings;
  }

  /** The record of a state; null forgets it. */
  public ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
    return new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value);
  }

  /**
   * Writes records, also of other topics, all of them or none, behind what was written before.
   *
   * @return completed when they are durable, or with a {@link KafkaException} when nobody knows
   */
  public CompletableFuture<@Nullable Void> write(List<ProducerRecord<byte[], byte[]>> records) {
    Write write = new Write(List.copyOf(records), new CompletableFuture<>());
    queue.add(write);
    if (closed || failure != null) {
      refuse();
    }
    return write.done();
  }

  private void write() {
    List<Write> together = new ArrayList<>();
    try {
      while (!closed || !queue.isEmpty()) {
        Write first = queue.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
        if (first != null) {
          together.add(first);
          queue.drainTo(together, MOST_TOGETHER - 1);
          commit(together);
          together.forEach(write -> write.done().complete(null));
          together.clear();
        }
      }
    } catch (InterruptedException e) {
      failure = new KafkaException("interrupted while states were written", e);
    } catch (RuntimeException e) {
      failure = e instanceof KafkaException problem ? problem : new KafkaException(e);
    } finally {
      queue.addAll(together);
      closed = true;
      refuse();
    }
  }

  private void commit(List<Write> writes) {
    producer.beginTransaction();
    for (Write write : writes) {
      for (ProducerRecord<byte[], byte[]> record : write.records()) {
        // A record that is not taken makes the commit fail.
        var _ = producer.send(record);
      }
    }
    producer.commitTransaction();
  }

  private void refuse() {
    KafkaException reason = failure;
    for (Write write = queue.poll(); write != null; write = queue.poll()) {
      write
          .done()
          .completeExceptionally(reason == null ? new KafkaException("states closed") : reason);
    }
  }

  /** Why this cannot be used any more, or null while it can. */
  public @Nullable KafkaException failure() {
    return failure;
  }

  /** Writes what is waiting, and ends. */
  @Override
  public void close() {
    closed = true;
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(5));
  }
}
