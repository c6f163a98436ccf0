package dev.vestibule.standalone.decision;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.ingress.decision.snapshot.CompactedTopic;
import dev.vestibule.ingress.decision.watchlist.Change;
import dev.vestibule.ingress.decision.watchlist.Entry;
import dev.vestibule.ingress.decision.watchlist.EntryJson;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** The watchlist's records: what they say now, and a writer of new ones. */
public final class WatchlistTopic implements AutoCloseable {
  private static final int ANSWER_WITHIN_MS = 15_000;
  private static final int DELIVER_WITHIN_MS = 60_000;

  private final String topic;
  private final Producer<byte[], byte[]> producer;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  /** Prepares to write. */
  public WatchlistTopic(Map<String, ?> kafka, TopicNames names) {
    this.topic = names.of(Topics.WATCHLIST);
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ProducerConfig.configNames());
    settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-watchlist");
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 256 << 10);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVER_WITHIN_MS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVER_WITHIN_MS);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * What the topic says now. Some 400 bytes of memory for each entry.
   *
   * @param unreadable ids whose newest record cannot be read; an earlier one stays in force
   */
  public record Content(Map<String, byte[]> records, Set<String> unreadable) {
    /** The entry in force of an id, or null. */
    public @Nullable Entry entry(String id) {
      byte[] record = records.get(id);
      return record != null && EntryJson.read(id, record) instanceof Change.Put(Entry entry)
          ? entry
          : null;
    }
  }

  /**
   * Reads the topic to its end.
   *
   * @param progress told how many records were read
   */
  public static Content read(Map<String, ?> kafka, TopicNames names, LongConsumer progress) {
    Map<String, byte[]> records = new TreeMap<>();
    Set<String> unreadable = new TreeSet<>();
    long[] count = new long[1];
    CompactedTopic.read(
        kafka,
        names.of(Topics.WATCHLIST),
        (key, value) -> {
          progress.accept(++count[0]);
          if (value != null && EntryJson.read(key, value) instanceof Change.Malformed) {
            unreadable.add(key);
            return;
          }
          unreadable.remove(key);
          if (value == null) {
            records.remove(key);
          } else {
            records.put(key, value);
          }
        });
    return new Content(records, unreadable);
  }

  /** Puts an entry into force, soon; {@link #finish} says whether it arrived. */
  public void put(Entry entry) {
    send(entry.id(), EntryJson.write(entry));
  }

  /** Takes an entry out of force, likewise. */
  public void remove(String id) {
    send(id, null);
  }

  private void send(String id, byte @Nullable [] value) {
    check();
    var _ =
        producer.send(
            new ProducerRecord<>(topic, id.getBytes(UTF_8), value),
            (metadata, e) -> {
              if (e != null) {
                failure.compareAndSet(
                    null, e instanceof RuntimeException r ? r : new KafkaException(e));
              }
            });
  }

  /**
   * Returns when Kafka has everything.
   *
   * @throws KafkaException when it does not
   */
  public void finish() {
    producer.flush();
    check();
  }

  private void check() {
    RuntimeException found = failure.get();
    if (found != null) {
      throw found;
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
