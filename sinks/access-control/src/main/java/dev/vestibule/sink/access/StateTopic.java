package dev.vestibule.sink.access;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.sink.EventsSubscription;
import dev.vestibule.sink.WholeTopic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * States on the compacted topic {@code sink.<name>.access}, and in memory. Writes of several
 * threads become durable together, in transactions of one transactional id: who opens the topic
 * shuts out whoever held it before, so a process that was frozen and wakes up can intend nothing
 * any more.
 *
 * <p>After a write that failed nobody knows what is there: this is given up, and another one reads
 * the topic anew.
 */
final class StateTopic implements States, AutoCloseable {
  private static final String VISIT = "visit/";
  private static final String LOCKDOWNS = "lockdowns";
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int MOST_TOGETHER = 1_000;
  private static final int GIVE_UP_MS = 15_000;

  private final String topic;
  private final StateFormat format;
  private final Producer<byte[], byte[]> producer;
  private final InstantSource clock;
  private final Map<String, Stored> visits = new ConcurrentHashMap<>();
  private final BlockingQueue<Write> queue = new LinkedBlockingQueue<>();
  private final Thread writer;
  private volatile Lockdowns lockdowns = Lockdowns.NONE;
  private volatile boolean closed;
  private volatile @Nullable KafkaException failure;

  /**
   * A state that is durable.
   *
   * @param at when it was written
   */
  private record Stored(VisitAccess state, Instant at) {}

  /** One change that somebody waits for. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way; never compared
  private record Write(String key, byte @Nullable [] value, CompletableFuture<Void> done) {}

  private StateTopic(
      String topic, StateFormat format, Producer<byte[], byte[]> producer, InstantSource clock) {
    this.topic = topic;
    this.format = format;
    this.producer = producer;
    this.clock = clock;
    this.writer = Thread.ofPlatform().name("access-state").unstarted(this::write);
  }

  /**
   * Shuts out whoever held the states before, and reads them all.
   *
   * @throws KafkaException when the topic is missing or Kafka does not answer
   * @throws StateFormat.UnreadableStateException for a state that this release does not understand
   */
  static StateTopic open(
      VestibuleConfig config, SinkConfig sink, StateFormat format, InstantSource clock) {
    EventsSubscription subscription = EventsSubscription.of(config, sink);
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(
            producer(config.kafka(), subscription.group() + "-access"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    StateTopic topic =
        new StateTopic(
            config.topicNames().of(Topics.access(sink.name()).name()), format, producer, clock);
    try {
      producer.initTransactions();
      try (Consumer<byte[], byte[]> consumer = subscription.openReader("access", Map.of())) {
        WholeTopic.read(
            consumer,
            topic.topic,
            record ->
                topic.take(
                    new String(record.key(), StandardCharsets.UTF_8),
                    record.value(),
                    Instant.ofEpochMilli(record.timestamp())));
      }
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
    topic.writer.start();
    return topic;
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

  // ---- Reading

  private void take(String key, byte @Nullable [] value, Instant at) {
    if (key.equals(LOCKDOWNS)) {
      lockdowns = value == null ? Lockdowns.NONE : format.readLockdowns(value);
    } else if (key.startsWith(VISIT)) {
      String visit = key.substring(VISIT.length());
      if (value == null) {
        visits.remove(visit);
      } else {
        visits.put(visit, new Stored(format.read(value), at));
      }
    } else {
      throw new KafkaException("topic " + topic + " holds a key that is not ours: " + key);
    }
  }

  @Override
  public VisitAccess read(String visit) {
    Stored stored = visits.get(visit);
    return stored == null ? VisitAccess.NONE : stored.state();
  }

  @Override
  public Lockdowns lockdowns() {
    return lockdowns;
  }

  @Override
  public Set<String> visits() {
    return Set.copyOf(visits.keySet());
  }

  /** Visits that nothing was written about since then. */
  List<String> untouchedSince(Instant then) {
    return visits.entrySet().stream()
        .filter(visit -> visit.getValue().at().isBefore(then))
        .map(Map.Entry::getKey)
        .toList();
  }

  // ---- Writing

  @Override
  public void write(String visit, VisitAccess state) {
    put(VISIT + visit, format.write(state));
    visits.put(visit, new Stored(state, clock.instant()));
  }

  @Override
  public void write(Lockdowns next) {
    put(LOCKDOWNS, format.write(next));
    lockdowns = next;
  }

  @Override
  public void forget(String visit) {
    put(VISIT + visit, null);
    visits.remove(visit);
  }

  /** Returns when it is durable. */
  private void put(String key, byte @Nullable [] value) {
    Write write = new Write(key, value, new CompletableFuture<>());
    queue.add(write);
    if (closed || failure != null) {
      refuse();
    }
    try {
      write.done().join();
    } catch (CompletionException e) {
      throw new KafkaException("a state was not written", e.getCause());
    }
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
      // A record that is not taken makes the commit fail.
      var _ =
          producer.send(
              new ProducerRecord<>(
                  topic, write.key().getBytes(StandardCharsets.UTF_8), write.value()));
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
  @Nullable KafkaException failure() {
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
