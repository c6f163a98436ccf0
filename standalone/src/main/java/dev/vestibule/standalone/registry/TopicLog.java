package dev.vestibule.standalone.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Entries in the one partition of a compacted topic. */
final class TopicLog implements RegistryLog {
  static final String TOPIC = "_schemas";

  private static final TopicPartition PARTITION = new TopicPartition(TOPIC, 0);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration REPLAY_WITHIN = Duration.ofSeconds(30);
  private static final int ACKNOWLEDGE_WITHIN_MS = 10_000;
  private static final int REQUEST_WITHIN_MS = 5_000;

  private final Map<String, Object> kafka;
  private final KafkaProducer<String, String> producer;

  private TopicLog(Map<String, Object> kafka) {
    this.kafka = Map.copyOf(kafka);
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-registry");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, REQUEST_WITHIN_MS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_WITHIN_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, ACKNOWLEDGE_WITHIN_MS);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4L << 20);
    this.producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
  }

  /** Makes sure that the topic is there. */
  static TopicLog open(Map<String, Object> kafka) {
    try (Admin admin = Admin.create(kafka)) {
      NewTopic topic =
          new NewTopic(TOPIC, Optional.of(1), Optional.empty())
              .configs(
                  Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new KafkaException("the registry's topic cannot be created", e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
    return new TopicLog(kafka);
  }

  @Override
  public void replay(BiConsumer<Entry, Long> reader) {
    read(kafka, reader);
  }

  /** Shows what another process wrote; does nothing where there is no such topic. */
  static void read(Map<String, Object> kafka, BiConsumer<Entry, Long> reader) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_WITHIN_MS);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ACKNOWLEDGE_WITHIN_MS);
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    long deadline = System.nanoTime() + REPLAY_WITHIN.toNanos();
    try (KafkaConsumer<@Nullable String, @Nullable String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      if (consumer.partitionsFor(TOPIC).isEmpty()) {
        return;
      }
      consumer.assign(List.of(PARTITION));
      consumer.seekToBeginning(List.of(PARTITION));
      long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
      while (consumer.position(PARTITION) < end) {
        if (System.nanoTime() > deadline) {
          throw new TimeoutException("the registry's topic cannot be read to its end");
        }
        for (ConsumerRecord<@Nullable String, @Nullable String> record : consumer.poll(POLL)) {
          Entry.read(record.key(), record.value())
              .ifPresent(entry -> reader.accept(entry, record.offset()));
        }
      }
    }
  }

  @Override
  public long append(Entry entry) throws IOException {
    try {
      RecordMetadata kept =
          producer.send(new ProducerRecord<>(TOPIC, 0, entry.key(), entry.value())).get();
      if (!kept.hasOffset()) {
        throw new IOException("Kafka did not tell the place");
      }
      return kept.offset();
    } catch (ExecutionException e) {
      throw new IOException("Kafka did not acknowledge", e.getCause());
    } catch (KafkaException e) {
      throw new IOException("Kafka did not take it", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
