package dev.vestibule.ingress.decision.snapshot;

import dev.vestibule.config.Display;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a topic from its beginning, or from some time ago, for as long as the process lives, and
 * gives a new {@link Reading} whenever there is something to tell.
 *
 * <p>Every few seconds the leaders are asked where the topic ends. When that point is reached, all
 * that was written before the question is in the value, and the question's time is how fresh it is.
 * So nothing but answers of the leaders makes a reading fresh: a poll that gives nothing says as
 * little about a topic without news as about a broker that is gone.
 */
final class TopicFollower<T> implements AutoCloseable {
  static final Duration ASK_EVERY = Duration.ofSeconds(5);

  /**
   * Compaction forgets removals after a day ({@code delete.retention.ms}). Who was away for longer
   * may have missed some.
   */
  static final Duration LONGEST_GAP = Duration.ofHours(12);

  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  /** Records that are made part of the value together, when there are more to come. */
  private static final int BATCH = 20_000;

  /** Lines of one reading about records that cannot be understood. */
  private static final int MOST_LINES = 20;

  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Content<T> content;
  private final InstantSource clock;
  private final @Nullable Duration lookBack;
  private final Duration askEvery;
  private final Runnable changed;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile Reading<T> reading;

  private Set<TopicPartition> partitions = Set.of();
  private Map<TopicPartition, Long> ends = Map.of();
  private Instant askedAt = Instant.EPOCH;
  private long askedNanos;
  private final Set<String> malformed = new HashSet<>();
  private int lines;
  private long offset = -1;
  private int pending;

  /** Whether the reading's value is of before {@link #begin}. */
  private boolean outdated = true;

  /** Whether the value held everything, since the topic was begun with, at least once. */
  private boolean complete;

  private Duration pause = Duration.ZERO;

  /**
   * Prepares to follow.
   *
   * @param consumer of its own, without a group; closed with this
   * @param lookBack how old the records may be that it begins with; null for all there are
   * @param nothing the value as long as nothing was read
   * @param changed called after each new reading, on the thread that reads
   */
  TopicFollower(
      String topic,
      Consumer<byte[], byte[]> consumer,
      Content<T> content,
      T nothing,
      InstantSource clock,
      @Nullable Duration lookBack,
      Duration askEvery,
      Runnable changed) {
    this.topic = topic;
    this.consumer = consumer;
    this.content = content;
    this.clock = clock;
    this.lookBack = lookBack;
    this.askEvery = askEvery;
    this.changed = changed;
    this.reading = new Reading<>(nothing, -1, 0, 0, Instant.EPOCH);
    this.thread = Thread.ofPlatform().daemon().name("snapshot-" + topic).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The newest one. */
  Reading<T> reading() {
    return reading;
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        tryStep();
        if (closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      CompactedTopic.close(consumer);
    }
  }

  /** A step; a failed one leaves the last reading as it is, and a pause before the next. */
  void tryStep() {
    try {
      step();
      pause = Duration.ZERO;
    } catch (WakeupException e) {
      // It is about to be closed.
    } catch (InvalidOffsetException e) {
      failed("what was read is no longer there, reading from the beginning", e);
      readAnew();
    } catch (KafkaException e) {
      failed("cannot be read, trying again", e);
    } catch (RuntimeException | Error e) {
      // Nobody knows which records were taken. With a full heap there is no other way, either: what
      // is in force stays, and what hangs on its age hears of it.
      failed("cannot be made a snapshot, reading from the beginning", e);
      readAnew();
    }
  }

  private void step() {
    if (partitions.isEmpty()) {
      begin();
    }
    if (ends.isEmpty() && System.nanoTime() - askedNanos >= askEvery.toNanos()) {
      ask();
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
      take(record);
    }
    boolean current = !ends.isEmpty() && CompactedTopic.reached(consumer, ends);
    if (current) {
      complete = true;
      tell(askedAt);
      ends = Map.of();
    } else if (complete && pending > 0 && (pending >= BATCH || atKnownEnd())) {
      tell(reading.freshAt());
    }
  }

  private void begin() {
    readAnew();
    content.clear();
    malformed.clear();
    lines = 0;
    offset = -1;
    pending = 0;
    outdated = true;
    complete = false;
    ends = Map.of();
    partitions =
        CompactedTopic.begin(
            consumer, topic, lookBack == null ? null : clock.instant().minus(lookBack));
    askedNanos = System.nanoTime() - askEvery.toNanos();
  }

  private void readAnew() {
    partitions = Set.of();
  }

  private void ask() {
    Instant now = clock.instant();
    Map<TopicPartition, Long> found = consumer.endOffsets(partitions);
    boolean shorter =
        complete
            && found.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) > end.getValue());
    boolean wider = !partitions.equals(CompactedTopic.partitions(consumer, topic));
    boolean missed = complete && now.isAfter(reading.freshAt().plus(LONGEST_GAP));
    if (shorter || wider || missed) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue(
              "reason",
              shorter
                  ? "it ends before what was read"
                  : wider ? "its partitions changed" : "it was out of reach for too long")
          .log("reading from the beginning");
      begin();
      found = consumer.endOffsets(partitions);
    }
    ends = found;
    askedAt = now;
    askedNanos = System.nanoTime();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String key = CompactedTopic.key(record);
    if (content.take(key, record.value())) {
      malformed.remove(key);
    } else if (malformed.add(key) && lines++ < MOST_LINES) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("id", Display.of(key))
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .log("a record cannot be understood");
    }
    offset = Math.max(offset, record.offset());
    pending++;
  }

  /** What belongs together was written together: it is shown when there is no more to come. */
  private boolean atKnownEnd() {
    return partitions.stream().allMatch(partition -> consumer.currentLag(partition).orElse(0) == 0);
  }

  private void tell(Instant freshAt) {
    reading =
        pending > 0 || outdated
            ? new Reading<>(content.value(), offset, content.size(), malformed.size(), freshAt)
            : reading.freshAt(freshAt);
    pending = 0;
    outdated = false;
    changed.run();
  }

  private void failed(String what, Throwable e) {
    if (pause.isZero()) {
      LOG.atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e instanceof KafkaException ? e.getMessage() : "")
          .log(what);
    }
    Duration longer = pause.isZero() ? SHORTEST_PAUSE : pause.multipliedBy(2);
    pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
  }

  /** Stops; the last reading stays. */
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
