package dev.vestibule.benchmarks.chaos;

import dev.vestibule.contract.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * A consumer that reads {@code visitor.events} (read_committed) all the time, knows what was
 * accepted and is not out yet, and measures how long nothing comes while something should.
 */
final class Watch implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final AtomicBoolean closed = new AtomicBoolean();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final Set<String> outstanding = ConcurrentHashMap.newKeySet();
  private final AtomicInteger events = new AtomicInteger();
  private final AtomicLong longestStall = new AtomicLong();
  private final Thread reader;

  Watch(String bootstrap) {
    this.reader = Thread.ofPlatform().daemon().name("watch").start(() -> read(bootstrap));
  }

  /** A delivery was answered 200: its fact is due. */
  void accepted(String fact) {
    if (!seen.contains(fact)) {
      outstanding.add(fact);
      if (seen.contains(fact)) {
        outstanding.remove(fact);
      }
    }
  }

  /** Facts that were accepted and are not out yet, as of now. */
  Set<String> outstanding() {
    return new HashSet<>(outstanding);
  }

  /** Whether all of them came out since. */
  boolean out(Set<String> facts) {
    return seen.containsAll(facts);
  }

  /** Committed events so far. */
  int events() {
    return events.get();
  }

  /** The longest time without a new event while one was due. */
  Duration longestStall() {
    return Duration.ofNanos(longestStall.get());
  }

  private void read(String bootstrap) {
    try (KafkaConsumer<byte[], byte[]> consumer = Committed.consumer(bootstrap)) {
      List<TopicPartition> partitions = Committed.partitions(consumer, Topics.EVENTS);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long progress = System.nanoTime();
      while (!closed.get()) {
        boolean due = !outstanding.isEmpty();
        boolean came = false;
        for (ConsumerRecord<byte[], byte[]> event : consumer.poll(POLL)) {
          came = true;
          events.incrementAndGet();
          String fact = Committed.event(event).fact();
          seen.add(fact);
          outstanding.remove(fact);
        }
        long now = System.nanoTime();
        if (due) {
          longestStall.accumulateAndGet(now - progress, Math::max);
        }
        if (came || !due) {
          progress = now;
        }
      }
    }
  }

  @Override
  public void close() {
    closed.set(true);
    try {
      reader.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
