package dev.vestibule.sink;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics beside the lanes, each record at least once: a position is committed when what was
 * read is durable. Any trouble begins again from what is committed.
 */
public final class Follower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

  private final String name;
  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final List<String> topics;
  private final Duration past;
  private final InstantSource clock;
  private final Take take;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean ready;

  /** What is done with a record; durable on return. */
  public interface Take {
    void take(ConsumerRecord<byte[], byte[]> record) throws InterruptedException;
  }

  /**
   * @param consumers of a group of its own
   * @param past how far back it begins where nothing was committed
   */
  public Follower(
      String name,
      Supplier<Consumer<byte[], byte[]>> consumers,
      List<String> topics,
      Duration past,
      InstantSource clock,
      Take take) {
    this.name = name;
    this.consumers = consumers;
    this.topics = List.copyOf(topics);
    this.past = past;
    this.clock = clock;
    this.take = take;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
  }

  /** Begins to read. */
  public void start() {
    thread.start();
  }

  /** Whether the last poll went well and partitions are assigned. */
  public boolean ready() {
    return ready;
  }

  private void run() {
    try {
      while (stop.getCount() > 0) {
        try (Consumer<byte[], byte[]> consumer = consumers.get()) {
          follow(consumer);
        } catch (InterruptException | WakeupException e) {
          LOG.debug("stopped while reading");
        } catch (RuntimeException e) {
          LOG.atWarn()
              .addKeyValue("reader", name)
              .addKeyValue("error", e.getClass().getSimpleName())
              .addKeyValue("reason", e.getMessage())
              .log("reading failed, beginning again from what is committed");
          LOG.atDebug().setCause(e).log("reading failed");
          boolean _ = stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
          ready = false;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow(Consumer<byte[], byte[]> consumer) throws InterruptedException {
    consumer.subscribe(topics, new FromRecently(consumer));
    while (stop.getCount() > 0) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      ready = !consumer.assignment().isEmpty();
      for (ConsumerRecord<byte[], byte[]> record : records) {
        take.take(record);
      }
      if (!records.isEmpty()) {
        consumer.commitSync();
      }
    }
  }

  /** Where records of a time or later begin. */
  public static Map<TopicPartition, Long> since(
      Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions, Instant time) {
    // The ends first: what is written in between must not be passed over.
    Map<TopicPartition, Long> offsets = new HashMap<>(consumer.endOffsets(partitions));
    consumer
        .offsetsForTimes(
            partitions.stream().collect(Collectors.toMap(one -> one, _ -> time.toEpochMilli())))
        .forEach((partition, first) -> {
          if (first != null) {
            offsets.put(partition, first.offset());
          }
        });
    return offsets;
  }

  /** What is long past matters to nobody, so a first start does not read it. */
  private final class FromRecently implements ConsumerRebalanceListener {
    private final Consumer<byte[], byte[]> consumer;

    FromRecently(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Set<TopicPartition> fresh = new HashSet<>(partitions);
      consumer
          .committed(fresh)
          .forEach((partition, offset) -> {
            if (offset != null) {
              fresh.remove(partition);
            }
          });
      since(consumer, fresh, clock.instant().minus(past)).forEach(consumer::seek);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      // Everything that was taken has been committed after its poll.
    }
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
