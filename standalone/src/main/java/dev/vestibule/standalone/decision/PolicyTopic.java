package dev.vestibule.standalone.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.PolicyCompiler;
import dev.vestibule.ingress.decision.snapshot.CompactedTopic;
import dev.vestibule.standalone.Failure;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The one hand that writes policies. It writes in transactions under one name: of two commands at
 * the same time the first can write nothing any more, and so never over what it has not seen.
 */
public final class PolicyTopic implements AutoCloseable {
  private static final int ANSWER_WITHIN_MS = 15_000;

  private final Map<String, ?> kafka;
  private final String topic;
  private final Producer<byte[], byte[]> producer;

  /** Takes over. */
  public PolicyTopic(Map<String, ?> kafka, TopicNames names) {
    this.kafka = Map.copyOf(kafka);
    this.topic = names.of(Topics.POLICIES);
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ProducerConfig.configNames());
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-policies");
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, names.of("vestibule-policies"));
    settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 30_000);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    try {
      producer.initTransactions();
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /** What is published, by id; for those who only look. */
  public static Map<String, CompiledPolicy> read(Map<String, ?> kafka, TopicNames names) {
    PolicyCompiler compiler = new PolicyCompiler();
    Map<String, byte[]> records = new TreeMap<>();
    CompactedTopic.read(
        kafka,
        names.of(Topics.POLICIES),
        (key, value) -> {
          if (value == null) {
            records.remove(key);
          } else {
            records.put(key, value);
          }
        });
    Map<String, CompiledPolicy> published = new TreeMap<>();
    records.forEach((key, value) -> published.put(key, compiler.load(key, value)));
    return published;
  }

  /** What is published now. */
  public Map<String, CompiledPolicy> read(TopicNames names) {
    return read(kafka, names);
  }

  /** All of these, or none. */
  public void publish(List<Policy> policies) {
    write(
        policies.stream()
            .map(policy ->
                new ProducerRecord<>(
                    topic, policy.id().getBytes(UTF_8), PolicyCompiler.json(policy)))
            .toList());
  }

  /** Takes a record back that nobody can read. */
  public void remove(String id) {
    write(List.of(new ProducerRecord<>(topic, id.getBytes(UTF_8), null)));
  }

  private void write(List<ProducerRecord<byte[], byte[]>> records) {
    try {
      producer.beginTransaction();
      for (ProducerRecord<byte[], byte[]> record : records) {
        // What goes wrong here comes out when the transaction is committed.
        var _ = producer.send(record);
      }
      producer.commitTransaction();
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw new Failure(
          "somebody else publishes policies right now, so nothing was written; run it again", e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
