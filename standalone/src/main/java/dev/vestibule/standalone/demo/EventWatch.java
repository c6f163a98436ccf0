package dev.vestibule.standalone.demo;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Review;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.simulator.Effect;
import dev.vestibule.standalone.simulator.Tally;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every outgoing topic from its beginning, committed records only, and counts what it sees.
 * One thread reads, any thread may ask.
 */
final class EventWatch implements AutoCloseable {
  private static final List<String> TOPICS =
      List.of(
          Topics.EVENTS,
          Topics.EVENTS_RESTRICTED,
          Topics.EVENTS_HEALTH,
          Topics.DUPLICATES,
          Topics.CONFLICTS,
          Topics.DEAD_LETTERS,
          Topics.REVIEWS);

  /**
   * An event seen.
   *
   * @param raw position of the raw record behind it, as {@code topic-partition@offset}
   * @param verdict the deduper's, as its header says
   * @param nanoTime when it was seen, on the clock of {@link System#nanoTime}
   */
  record Sighting(String raw, String verdict, long nanoTime, VisitorEvent event) {}

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final AvroDeserializer<VisitorEvent> events;
  private final AvroDeserializer<DuplicateReport> duplicates;
  private final AvroDeserializer<ConflictReport> conflicts;
  private final AvroDeserializer<DeadLetter> deadLetters;
  private final AvroDeserializer<Review> reviewReader;
  private final List<Sighting> sightings = new ArrayList<>();
  private final List<Review> reviews = new ArrayList<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Thread reader;
  private Tally seen = Tally.NOTHING;
  private long lastSeen = System.nanoTime();
  private @Nullable RuntimeException failure;

  EventWatch(Properties kafka, SchemaRegistry registry) {
    events = new AvroDeserializer<>(VisitorEvent.class, registry);
    duplicates = new AvroDeserializer<>(DuplicateReport.class, registry);
    conflicts = new AvroDeserializer<>(ConflictReport.class, registry);
    deadLetters = new AvroDeserializer<>(DeadLetter.class, registry);
    reviewReader = new AvroDeserializer<>(Review.class, registry);
    Properties settings = new Properties();
    settings.putAll(kafka);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        TOPICS.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    reader = Thread.ofPlatform().name("demo-event-watch").daemon().start(this::read);
  }

  /** What has been seen so far. */
  synchronized Tally seen() {
    return seen;
  }

  synchronized List<Sighting> sightings() {
    return List.copyOf(sightings);
  }

  /** What people have answered. */
  synchronized List<Review> reviews() {
    return List.copyOf(reviews);
  }

  /** Waits until everything expected has been seen; false when time ran out. */
  synchronized boolean awaitAll(Tally expected, Deadline deadline) throws InterruptedException {
    while (!seen.covers(expected)) {
      if (failure != null) {
        throw failure;
      }
      if (deadline.passed()) {
        return false;
      }
      wait(deadline.atMost(Duration.ofMillis(500)));
    }
    return true;
  }

  /** Waits until nothing has come for a while, so that a surplus would have shown. */
  synchronized void awaitQuiet(Duration quiet, Deadline deadline) throws InterruptedException {
    while (!deadline.passed()) {
      long left = quiet.toMillis() - (System.nanoTime() - lastSeen) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(deadline.atMost(Duration.ofMillis(left)));
    }
  }

  private void read() {
    try (consumer) {
      while (!stopped.get()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
          note(record, System.nanoTime());
        }
      }
    } catch (WakeupException e) {
      // The way to stop a poll.
    } catch (RuntimeException e) {
      synchronized (this) {
        failure = e;
        notifyAll();
      }
    }
  }

  private void note(ConsumerRecord<byte[], byte[]> record, long now) {
    if (record.topic().equals(Topics.REVIEWS)) {
      Review review = read(reviewReader, record);
      synchronized (this) {
        reviews.add(review);
      }
      return;
    }
    Effect effect =
        switch (record.topic()) {
          case Topics.DUPLICATES -> Effect.duplicate(read(duplicates, record).getType());
          case Topics.CONFLICTS -> Effect.conflict(read(conflicts, record).getKeyKind());
          case Topics.DEAD_LETTERS -> Effect.deadLetter(read(deadLetters, record).getStage());
          default -> sight(record, now);
        };
    synchronized (this) {
      seen = seen.plus(effect);
      lastSeen = now;
      notifyAll();
    }
  }

  private Effect sight(ConsumerRecord<byte[], byte[]> record, long now) {
    VisitorEvent event = read(events, record);
    String raw = Headers.text(record.headers(), Headers.RAW);
    String verdict = Headers.text(record.headers(), Headers.VERDICT);
    synchronized (this) {
      sightings.add(
          new Sighting(raw == null ? "" : raw, verdict == null ? "" : verdict, now, event));
    }
    // Counted by the topic it is on, not by the sensitivity it claims.
    return new Effect(record.topic(), event.getType() + " " + verdict);
  }

  private static <T extends SpecificRecord> T read(
      AvroDeserializer<T> deserializer, ConsumerRecord<byte[], byte[]> record) {
    T value = deserializer.deserialize(record.topic(), record.value());
    if (value == null) {
      throw new IllegalStateException("a record of " + record.topic() + " has no value");
    }
    return value;
  }

  @Override
  public void close() {
    stopped.set(true);
    consumer.wakeup();
    try {
      reader.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
