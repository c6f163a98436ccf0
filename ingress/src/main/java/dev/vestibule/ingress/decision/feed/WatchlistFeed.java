package dev.vestibule.ingress.decision.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.config.WatchlistConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.ingress.decision.watchlist.Entry;
import dev.vestibule.ingress.decision.watchlist.EntryJson;
import dev.vestibule.ingress.decision.watchlist.Normal;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads {@code visitor.events.restricted} and writes an entry of {@code visitor.watchlist} for each
 * hit. All ingresses of an installation share the work as one consumer group.
 *
 * <p>A hit counts as read when its entry is on all in-sync replicas; until then it is read again,
 * by whoever has its partition. The same hit makes the same record, so that does no harm. A record
 * that is no event is counted, logged by its position, and passed over.
 */
public final class WatchlistFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WatchlistFeed.class);
  private static final String METERS = "vestibule.ingress.watchlist.feed";
  private static final String GROUP = "vestibule-watchlist-feed";
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final int ANSWER_WITHIN_MS = 10_000;
  private static final int DELIVER_WITHIN_MS = 20_000;

  /** Entries whose end is remembered. */
  private static final int REMEMBERED = 10_000;

  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
  private final Deserializer<VisitorEvent> events;
  private final Hits hits;
  private final String eventsTopic;
  private final String watchlistTopic;
  private final InstantSource clock;
  private final MeterRegistry meters;
  private final Counter failures;
  private final Thread thread =
      Thread.ofPlatform().daemon().name("watchlist-feed").unstarted(this::run);
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * Until when entries hold, by id, as far as they were written here: partitions are read in any
   * order, and an earlier hit must not shorten what a later one has said.
   */
  private final Map<String, Instant> written =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > REMEMBERED;
        }
      };

  private volatile long lag;
  private Duration pause = Duration.ZERO;

  /** Both clients are closed with it. */
  WatchlistFeed(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      Deserializer<VisitorEvent> events,
      Hits hits,
      TopicNames names,
      InstantSource clock,
      MeterRegistry meters) {
    this.consumer = consumer;
    this.producer = producer;
    this.events = events;
    this.hits = hits;
    this.eventsTopic = names.of(Topics.EVENTS_RESTRICTED);
    this.watchlistTopic = names.of(Topics.WATCHLIST);
    this.clock = clock;
    this.meters = meters;
    this.failures =
        Counter.builder(METERS + ".failures")
            .description("Attempts to read hits or to write entries that failed")
            .register(meters);
    Gauge.builder(METERS + ".lag", () -> lag)
        .description("Events that are not read yet, of this ingress's partitions")
        .register(meters);
  }

  /**
   * Starts, without waiting for Kafka.
   *
   * @param events reads the Confluent wire format; a {@link SerializationException} of it means
   *     that the bytes are broken, everything else that they may be fine
   * @throws KafkaException when Kafka's clients refuse the settings
   */
  public static WatchlistFeed start(
      VestibuleConfig config,
      Deserializer<VisitorEvent> events,
      Normal normal,
      InstantSource clock,
      MeterRegistry meters) {
    WatchlistConfig watchlist = config.watchlist();
    Hits hits =
        new Hits(
            config.sources().values().stream()
                .filter(source -> watchlist.feed().contains(source.name()))
                .toList(),
            watchlist.feedFor(),
            normal);
    Consumer<byte[], byte[]> consumer = consumer(config.kafka(), config.topicNames().of(GROUP));
    Producer<byte[], byte[]> producer;
    try {
      producer = producer(config.kafka());
    } catch (KafkaException e) {
      close(consumer);
      throw e;
    }
    WatchlistFeed feed =
        new WatchlistFeed(consumer, producer, events, hits, config.topicNames(), clock, meters);
    feed.thread.start();
    return feed;
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, String> kafka, String group) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, group);
    settings.put(ConsumerConfig.CLIENT_ID_CONFIG, GROUP);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, 10_000);
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static Producer<byte[], byte[]> producer(Map<String, String> kafka) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.keySet().retainAll(ProducerConfig.configNames());
    settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    settings.put(ProducerConfig.CLIENT_ID_CONFIG, GROUP);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_WITHIN_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVER_WITHIN_MS);
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private void run() {
    try {
      subscribe();
      while (closed.getCount() > 0) {
        tryStep();
        if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException | InterruptException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(consumer);
      producer.close(Duration.ZERO);
    }
  }

  void subscribe() {
    consumer.subscribe(List.of(eventsTopic));
  }

  /** A step; what a failed one has read is read again, after a pause. */
  void tryStep() {
    ConsumerRecords<byte[], byte[]> records = ConsumerRecords.empty();
    try {
      records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        write(read(records));
        consumer.commitSync();
      }
      lag =
          consumer.assignment().stream()
              .mapToLong(partition -> consumer.currentLag(partition).orElse(0))
              .sum();
      pause = Duration.ZERO;
    } catch (WakeupException | InterruptException e) {
      // It is about to be closed.
    } catch (RuntimeException | Error e) {
      failed(e);
      rewind(records);
    }
  }

  /** The entries that a batch calls for; of the same id the one that holds for longest. */
  private List<Entry> read(ConsumerRecords<byte[], byte[]> records) {
    Instant now = clock.instant();
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      switch (hits.read(event(record), now)) {
        case Hits.Reading.Enter(Entry entry) ->
            entries.merge(
                entry.id(), entry, (one, other) -> isLater(one, end(other)) ? one : other);
        case Hits.Reading.Passed(Hits.Reason reason) -> pass(record, reason);
      }
    }
    return List.copyOf(entries.values());
  }

  private void pass(ConsumerRecord<?, ?> record, Hits.Reason reason) {
    count(reason.name().toLowerCase(Locale.ROOT));
    if (reason == Hits.Reason.MALFORMED) {
      LOG.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .log("a record cannot be read, it was passed over");
    }
  }

  private @Nullable VisitorEvent event(ConsumerRecord<byte[], byte[]> record) {
    try {
      return record.value() == null ? null : events.deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      return null;
    }
  }

  /** Returns when all are durable. */
  private void write(List<Entry> entries) {
    List<Entry> sent = new ArrayList<>();
    List<Future<RecordMetadata>> results = new ArrayList<>();
    for (Entry entry : entries) {
      Instant before = written.get(entry.id());
      if (before != null && !isLater(entry, before)) {
        count("known");
        continue;
      }
      sent.add(entry);
      results.add(
          producer.send(
              new ProducerRecord<>(
                  watchlistTopic, entry.id().getBytes(UTF_8), EntryJson.write(entry))));
    }
    producer.flush();
    for (int i = 0; i < sent.size(); i++) {
      await(results.get(i));
      written.put(sent.get(i).id(), end(sent.get(i)));
      count("entered");
    }
    if (!sent.isEmpty()) {
      LOG.atInfo().addKeyValue("entries", sent.size()).log("hits are on the watchlist");
    }
  }

  private static void await(Future<RecordMetadata> result) {
    try {
      var _ = result.get();
    } catch (ExecutionException e) {
      throw new KafkaException("an entry could not be written", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static boolean isLater(Entry entry, Instant end) {
    return end(entry).isAfter(end);
  }

  private static Instant end(Entry entry) {
    return entry.expires() == null ? Instant.MAX : entry.expires();
  }

  private void rewind(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      if (consumer.assignment().contains(partition)) {
        consumer.seek(partition, records.records(partition).getFirst().offset());
      }
    }
  }

  private void failed(Throwable e) {
    failures.increment();
    if (pause.isZero()) {
      // Messages of what is not Kafka's might quote an event.
      LOG.atWarn()
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e instanceof KafkaException ? reason(e) : "")
          .log("hits do not get onto the watchlist, trying again");
    }
    Duration longer = pause.isZero() ? SHORTEST_PAUSE : pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
  }

  private static String reason(Throwable e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    return cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }

  private void count(String outcome) {
    meters.counter(METERS, "outcome", outcome).increment();
  }

  private static void close(Consumer<?, ?> consumer) {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
  }

  /** Stops; a hit that is being entered may be entered again by the next one. */
  @Override
  public void close() {
    closed.countDown();
    consumer.wakeup();
    try {
      thread.join(CLOSE_WITHIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
