package dev.vestibule.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A consumer group that reads a topic as it comes, a little behind, and remembers the order in
 * which it got records. A record that it gets again after a crash counts the first time.
 */
final class SlowReader implements AutoCloseable {
  private final String topic;
  private final Random random;
  private final Map<String, ConsumerRecord<byte[], byte[]>> seen = new LinkedHashMap<>();
  private final Thread thread = Thread.ofPlatform().daemon().unstarted(this::run);
  private volatile String source = "";
  private volatile boolean stopped;

  SlowReader(String topic, Random random) {
    this.topic = topic;
    this.random = random;
    thread.start();
  }

  /** Reads on from another address of the same Kafka. */
  void readFrom(String bootstrap) {
    source = bootstrap;
  }

  /** What it got, in that order. */
  List<ConsumerRecord<byte[], byte[]>> seen() {
    synchronized (seen) {
      return new ArrayList<>(seen.values());
    }
  }

  private void run() {
    while (!stopped) {
      String bootstrap = source;
      if (bootstrap.isEmpty()) {
        LockSupport.parkNanos(10_000_000);
        continue;
      }
      Map<String, Object> settings =
          Map.of(
              "bootstrap.servers", bootstrap,
              "group.id", "slow-reader",
              "group.instance.id", "slow-reader",
              "isolation.level", "read_committed",
              "auto.offset.reset", "earliest",
              "enable.auto.commit", "false",
              "metadata.max.age.ms", "2000",
              "max.poll.records", "200");
      try (KafkaConsumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        consumer.subscribe(List.of(topic));
        while (!stopped && bootstrap.equals(source)) {
          read(consumer);
        }
      } catch (KafkaException e) {
        // Its Kafka was killed; the next one comes.
      }
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
      String position =
          new TopicPartition(record.topic(), record.partition()) + "@" + record.offset();
      synchronized (seen) {
        seen.putIfAbsent(position, record);
      }
    }
    LockSupport.parkNanos(random.nextInt(100) * 1_000_000L);
    consumer.commitSync(Duration.ofSeconds(5));
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
