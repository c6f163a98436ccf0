package dev.vestibule.standalone;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Where the schema registry beside an embedded broker listens, told by the broker itself: a record
 * in a compacted topic. So whoever knows the broker's address needs no other.
 */
final class Advertisement {
  private static final TopicPartition TOPIC = new TopicPartition("_vestibule", 0);
  private static final String REGISTRY = "registry";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Advertisement() {}

  /** Says it to everybody who asks from now on. */
  static void publish(Admin admin, Map<String, Object> kafka, String registry) {
    try {
      create(admin);
      Map<String, Object> settings = new HashMap<>(kafka);
      settings.put("acks", "all");
      try (KafkaProducer<String, String> producer =
          new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
        producer.send(new ProducerRecord<>(TOPIC.topic(), 0, REGISTRY, registry)).get();
      }
    } catch (ExecutionException e) {
      throw new KafkaException("the registry's address could not be told", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  /** What the broker says, or nothing on a cluster where nobody said it. */
  static Optional<String> read(Map<String, Object> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put("allow.auto.create.topics", false);
    settings.put("default.api.timeout.ms", (int) PATIENCE.toMillis());
    settings.put("request.timeout.ms", (int) PATIENCE.toMillis() - 500);
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      if (consumer.partitionsFor(TOPIC.topic()).isEmpty()) {
        return Optional.empty();
      }
      consumer.assign(List.of(TOPIC));
      consumer.seekToBeginning(List.of(TOPIC));
      long end = consumer.endOffsets(List.of(TOPIC)).getOrDefault(TOPIC, 0L);
      Optional<String> registry = Optional.empty();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (consumer.position(TOPIC) < end && System.nanoTime() < deadline) {
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
          if (REGISTRY.equals(record.key())) {
            registry = Optional.ofNullable(record.value());
          }
        }
      }
      return registry;
    }
  }

  private static void create(Admin admin) throws ExecutionException, InterruptedException {
    NewTopic topic =
        new NewTopic(TOPIC.topic(), 1, (short) 1).configs(Map.of("cleanup.policy", "compact"));
    try {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }
}
