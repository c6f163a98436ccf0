package dev.vestibule.sink.warehouse;

import dev.vestibule.events.Sensitivity;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.Value;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread between Kafka and the warehouse. It lives in sessions: a session opens a consumer,
 * takes positions from the warehouse, and writes batches. Any trouble (Kafka, registry, database, a
 * moved position) ends the session, and the next one starts from what is stored; there is no other
 * way of recovering.
 */
final class WarehouseLoop implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(WarehouseLoop.class);
  private static final Duration IDLE_POLL = Duration.ofMillis(500);
  private static final Duration COMMIT_TIMEOUT = Duration.ofSeconds(1);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final long BATCH_BYTES = 8L * 1024 * 1024;

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final List<String> topics;
  private final Set<Sensitivity> granted;
  private final EventDecoder decoder;
  private final RecordDecoder recordDecoder;
  private final Warehouse warehouse;
  private final WarehouseSettings settings;
  private final WarehouseMetrics metrics;
  private final InstantSource clock;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Object consumerLock = new Object();
  private @Nullable Consumer<byte[], byte[]> current;
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private volatile boolean ready;
  private volatile boolean dead;

  WarehouseLoop(
      Supplier<Consumer<byte[], byte[]>> consumers,
      List<String> topics,
      Set<Sensitivity> granted,
      EventDecoder decoder,
      RecordDecoder recordDecoder,
      Warehouse warehouse,
      WarehouseSettings settings,
      WarehouseMetrics metrics,
      InstantSource clock) {
    this.consumers = consumers;
    this.topics = topics;
    this.granted = granted;
    this.decoder = decoder;
    this.recordDecoder = recordDecoder;
    this.warehouse = warehouse;
    this.settings = settings;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** Whether the last poll went well and partitions are assigned. */
  boolean ready() {
    return ready;
  }

  /** False once the thread has ended by an error that it cannot recover from. */
  boolean live() {
    return !dead;
  }

  /** Asks the loop to write what it holds and to end. */
  void stop() {
    stop.countDown();
    synchronized (consumerLock) {
      if (current != null) {
        current.wakeup();
      }
    }
  }

  @Override
  public void run() {
    try {
      while (stop.getCount() > 0) {
        session();
        ready = false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Error e) {
      dead = true;
      LOG.atError().setCause(e).log("warehouse sink ended by an error");
      throw e;
    } finally {
      ready = false;
    }
  }

  private void session() throws InterruptedException {
    try (Consumer<byte[], byte[]> consumer = open()) {
      new Session(consumer).run();
    } catch (WakeupException e) {
      // Asked to stop while not polling; what was not written will be read again.
    } catch (RuntimeException e) {
      ready = false;
      metrics.failed(e);
      LOG.atWarn()
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e instanceof WarehouseException ? e.getMessage() : "")
          .addKeyValue("retryInMillis", pauseMillis)
          .log("warehouse session ended, starting again from the stored position");
      LOG.atDebug().setCause(e).log("warehouse session failure");
      boolean stopping = stop.await(pauseMillis, TimeUnit.MILLISECONDS);
      pauseMillis = stopping ? pauseMillis : Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    } finally {
      synchronized (consumerLock) {
        current = null;
      }
    }
  }

  private Consumer<byte[], byte[]> open() {
    Consumer<byte[], byte[]> consumer = consumers.get();
    synchronized (consumerLock) {
      current = consumer;
      if (stop.getCount() == 0) {
        consumer.wakeup();
      }
    }
    return consumer;
  }

  /** From one consumer to the next. */
  private final class Session implements ConsumerRebalanceListener {
    private final Consumer<byte[], byte[]> consumer;

    /** Positions as stored in the warehouse, of the assigned partitions. */
    private final Map<TopicPartition, Long> stored = new HashMap<>();

    /** Positions last told to Kafka. */
    private final Map<TopicPartition, Long> reported = new HashMap<>();

    private final List<EventRow> events = new ArrayList<>();
    private final List<RecordRow> records = new ArrayList<>();
    private final List<RejectedRow> rejected = new ArrayList<>();
    private long bytes;
    private Instant due = Instant.MAX;

    Session(Consumer<byte[], byte[]> consumer) {
      this.consumer = consumer;
    }

    void run() {
      consumer.subscribe(topics, this);
      while (stop.getCount() > 0) {
        try {
          consumer.poll(patience()).forEach(this::add);
        } catch (WakeupException e) {
          break;
        }
        ready = !consumer.assignment().isEmpty();
        if (isFull() || !clock.instant().isBefore(due)) {
          write();
        } else if (isEmpty()) {
          report();
        }
      }
      write();
      reportAtEnd();
    }

    private Duration patience() {
      if (isEmpty()) {
        return IDLE_POLL;
      }
      Duration left = Duration.between(clock.instant(), due);
      return left.isNegative() ? Duration.ZERO : left;
    }

    private boolean isEmpty() {
      return events.isEmpty() && records.isEmpty() && rejected.isEmpty();
    }

    private boolean isFull() {
      return events.size() + records.size() + rejected.size() >= settings.batchRows()
          || bytes >= BATCH_BYTES;
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
      if (isEmpty()) {
        due = clock.instant().plus(settings.batchInterval());
      }
      TopicPartition source = new TopicPartition(record.topic(), record.partition());
      bytes += Math.max(0, record.serializedValueSize());
      RecordTable table = recordDecoder.table(record.topic());
      if (table != null) {
        addRecord(table, record, source);
        return;
      }
      switch (decoder.decode(record)) {
        case Decoded.Event event when granted.contains(event.event().getSensitivity()) ->
            events.add(new EventRow(event, source, record.offset()));
        // Not even its bytes may stay here.
        case Decoded.Event _ -> reject(source, record.offset(), RejectionReason.NOT_GRANTED, null);
        case Decoded.Undecodable(Decoded.Reason reason) ->
            reject(source, record.offset(), RejectionReason.of(reason), record.value());
      }
    }

    private void addRecord(
        RecordTable table, ConsumerRecord<byte[], byte[]> record, TopicPartition source) {
      switch (recordDecoder.decode(table, record)) {
        case Value.Read<SpecificRecord>(SpecificRecord value, int schemaId) ->
            records.add(new RecordRow(table, value, schemaId, source, record.offset()));
        case Value.Broken<SpecificRecord>(Decoded.Reason reason) ->
            reject(source, record.offset(), RejectionReason.of(reason), record.value());
      }
    }

    private void reject(
        TopicPartition source, long offset, RejectionReason reason, byte @Nullable [] raw) {
      rejected.add(new RejectedRow(source, offset, reason, raw));
      LOG.atWarn()
          .addKeyValue("topic", source.topic())
          .addKeyValue("partition", source.partition())
          .addKeyValue("offset", offset)
          .addKeyValue("reason", reason)
          .log("record set aside in rejected_event");
    }

    private void write() {
      if (isEmpty()) {
        return;
      }
      Batch batch = new Batch(events, records, rejected, ranges(), clock.instant());
      switch (warehouse.writeBatch(batch)) {
        case WriteResult.Committed committed -> {
          batch.ranges().forEach((partition, range) -> stored.put(partition, range.end()));
          metrics.committed(committed, batch.rejected());
          pauseMillis = FIRST_PAUSE_MILLIS;
          clear();
          report();
        }
        case WriteResult.Stale(TopicPartition partition) -> {
          metrics.fenced();
          throw new WarehouseException("another writer has moved the position of " + partition);
        }
      }
    }

    private Map<TopicPartition, OffsetRange> ranges() {
      Map<TopicPartition, OffsetRange> ranges = new HashMap<>();
      events.forEach(row -> ranges.computeIfAbsent(row.source(), this::range));
      records.forEach(row -> ranges.computeIfAbsent(row.source(), this::range));
      rejected.forEach(row -> ranges.computeIfAbsent(row.source(), this::range));
      return ranges;
    }

    private OffsetRange range(TopicPartition partition) {
      Long start = stored.get(partition);
      if (start == null) {
        throw new IllegalStateException("no position of " + partition);
      }
      return new OffsetRange(start, consumer.position(partition));
    }

    private void clear() {
      events.clear();
      records.clear();
      rejected.clear();
      bytes = 0;
      due = Instant.MAX;
    }

    /** Tells Kafka how far we are, so that lag can be seen there. It is never read back. */
    private void report() {
      Map<TopicPartition, OffsetAndMetadata> moved = moved();
      if (!moved.isEmpty()) {
        consumer.commitAsync(
            moved,
            (offsets, error) -> {
              if (error != null) {
                LOG.atDebug().setCause(error).log("position not reported to Kafka");
                offsets.keySet().forEach(reported::remove);
              }
            });
      }
    }

    private void reportAtEnd() {
      try {
        Map<TopicPartition, OffsetAndMetadata> moved = moved();
        if (!moved.isEmpty()) {
          consumer.commitSync(moved, COMMIT_TIMEOUT);
        }
      } catch (KafkaException e) {
        LOG.atDebug().setCause(e).log("position not reported to Kafka");
      }
    }

    private Map<TopicPartition, OffsetAndMetadata> moved() {
      Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
      for (TopicPartition partition : stored.keySet()) {
        long position = consumer.position(partition);
        Long last = reported.put(partition, position);
        if (last == null || last != position) {
          moved.put(partition, new OffsetAndMetadata(position));
        }
      }
      return moved;
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      Map<TopicPartition, Long> known = warehouse.loadOffsets();
      Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
      for (TopicPartition partition : partitions) {
        Long position = known.get(partition);
        long beginning = beginnings.getOrDefault(partition, 0L);
        if (position != null && position < beginning) {
          metrics.skipped();
          LOG.atError()
              .addKeyValue("topic", partition.topic())
              .addKeyValue("partition", partition.partition())
              .addKeyValue("stored", position)
              .addKeyValue("beginning", beginning)
              .log("events between these offsets have left the log unread");
        }
        consumer.seek(partition, position == null ? beginning : Math.max(position, beginning));
        stored.put(partition, position == null ? beginning : position);
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      write();
      partitions.forEach(this::forget);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      events.removeIf(row -> partitions.contains(row.source()));
      records.removeIf(row -> partitions.contains(row.source()));
      rejected.removeIf(row -> partitions.contains(row.source()));
      partitions.forEach(this::forget);
    }

    private void forget(TopicPartition partition) {
      stored.remove(partition);
      reported.remove(partition);
    }
  }
}
