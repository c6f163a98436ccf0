package dev.vestibule.sink.lane;

import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.lane.Lanes.Flush;
import dev.vestibule.sink.lane.Lanes.Task;
import dev.vestibule.sink.lane.Outage.Kind;
import dev.vestibule.sink.lane.Outage.Notice;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The lanes from one trouble to the next. One thread polls and flushes; handlers run on virtual
 * threads, and whoever brings an outcome begins what it sets free. A flush is one transaction: what
 * was attempted, given up and parked, with the offsets that rest on it.
 */
final class LaneSession implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(LaneSession.class);
  private static final Duration IDLE_POLL = Duration.ofMillis(250);
  private static final Duration BUSY_POLL = Duration.ofMillis(10);
  private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long STATE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
  private static final long LAST_OUTCOMES_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Consumer<byte[], byte[]> consumer;
  private final Producer<byte[], byte[]> producer;
  private final EventDecoder decoder;
  private final Handler handler;
  private final Audit audit;
  private final ParkedTopic parkedTopic;
  private final LaneMetrics metrics;
  private final Outage outage;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Object lock = new Object();

  /** Guarded by the lock. */
  private final Lanes<Incoming> lanes;

  private boolean stopping;
  private volatile @Nullable Error failure;
  private volatile boolean ready;
  private long flushedAt = System.nanoTime();
  private long lookedAt = flushedAt;

  LaneSession(
      Consumer<byte[], byte[]> consumer,
      Producer<byte[], byte[]> producer,
      Lanes<Incoming> lanes,
      EventDecoder decoder,
      Handler handler,
      Audit audit,
      ParkedTopic parkedTopic,
      LaneMetrics metrics,
      Outage outage,
      InstantSource clock) {
    this.consumer = consumer;
    this.producer = producer;
    this.lanes = lanes;
    this.decoder = decoder;
    this.handler = handler;
    this.audit = audit;
    this.parkedTopic = parkedTopic;
    this.metrics = metrics;
    this.outage = outage;
    this.clock = clock;
  }

  /** Whether the last poll went well and partitions are assigned. */
  boolean ready() {
    return ready;
  }

  /**
   * Takes up what was parked. Before that, the producer must have shut out every earlier one of
   * this sink, so that nobody else parks any more.
   */
  void restore(Consumer<byte[], byte[]> reader) {
    Map<Long, ParkedTopic.Parked> parked = parkedTopic.read(reader);
    synchronized (lock) {
      parked.forEach((sequence, one) -> {
        Incoming incoming = read(one.record());
        if (incoming.event() == null) {
          // It could be read when it was parked, so the schemas have gone; it stays where it is.
          throw new IllegalStateException("parked record " + incoming + " cannot be read any more");
        }
        lanes.restore(item(incoming, one.key()), sequence);
      });
    }
    if (!parked.isEmpty()) {
      LOG.atInfo().addKeyValue("records", parked.size()).log("parked records taken up");
    }
  }

  /** Works until it is interrupted by a wake-up or some trouble. */
  void run(List<String> topics) throws InterruptedException {
    consumer.subscribe(topics, this);
    try {
      while (true) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(patience());
        ready = !consumer.assignment().isEmpty();
        take(records);
        step();
        regulate();
        flushIfDue();
        look();
        Error error = failure;
        if (error != null) {
          throw error;
        }
      }
    } catch (WakeupException e) {
      finish();
    } finally {
      ready = false;
      end();
    }
  }

  private Duration patience() {
    synchronized (lock) {
      return lanes.inFlight() > 0 || lanes.running() > 0 || lanes.hasOutputs()
          ? BUSY_POLL
          : IDLE_POLL;
    }
  }

  // ---- Records in

  private void take(ConsumerRecords<byte[], byte[]> records) {
    // Reading may ask the registry, so nobody waits for it.
    List<Incoming> incoming = records.isEmpty() ? List.of() : read(records);
    synchronized (lock) {
      for (Incoming one : incoming) {
        Item<Incoming> item = item(one, key(one.record()));
        if (one.event() == null) {
          lanes.refuse(item, reason(one.record()));
        } else {
          lanes.offer(item);
        }
      }
      for (TopicPartition partition : consumer.assignment()) {
        lanes.read(source(partition), consumer.position(partition));
      }
    }
  }

  private List<Incoming> read(ConsumerRecords<byte[], byte[]> records) {
    List<Incoming> incoming = new ArrayList<>(records.count());
    records.forEach(record -> incoming.add(read(record)));
    return incoming;
  }

  private Incoming read(ConsumerRecord<byte[], byte[]> record) {
    return switch (decoder.decode(record)) {
      case Decoded.Event event -> new Incoming(record, event);
      case Decoded.Undecodable _ -> new Incoming(record, null);
    };
  }

  private static String reason(ConsumerRecord<byte[], byte[]> record) {
    Decoded.Reason reason =
        record.value() == null ? Decoded.Reason.NULL_VALUE : Decoded.Reason.UNDECODABLE;
    return reason.name().toLowerCase(Locale.ROOT);
  }

  private Item<Incoming> item(Incoming incoming, String key) {
    ConsumerRecord<byte[], byte[]> record = incoming.record();
    return new Item<>(
        new Source(record.topic(), record.partition()),
        record.offset(),
        key,
        Audit.size(record),
        incoming.event() != null && handler.isUrgent(incoming.event()),
        incoming);
  }

  /** Records without a key are about no visit; they keep the order of their partition. */
  private static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null
        ? record.topic() + "-" + record.partition()
        : new String(record.key(), StandardCharsets.UTF_8);
  }

  /** Pauses partitions that are full, all of them while the destination is left alone. */
  private void regulate() {
    Set<TopicPartition> paused = consumer.paused();
    Set<TopicPartition> pause = new HashSet<>();
    Set<TopicPartition> resume = new HashSet<>();
    synchronized (lock) {
      for (TopicPartition partition : consumer.assignment()) {
        boolean room = lanes.hasRoom(source(partition));
        if (room == paused.contains(partition)) {
          (room ? resume : pause).add(partition);
        }
      }
    }
    consumer.pause(pause);
    consumer.resume(resume);
  }

  // ---- Tasks

  /** Begins what can be begun. */
  private void step() {
    List<Task<Incoming>> tasks;
    synchronized (lock) {
      tasks = stopping ? List.of() : lanes.start();
      tasks.forEach(task -> threads.execute(() -> attempt(task)));
    }
  }

  private void attempt(Task<Incoming> task) {
    Outcome outcome;
    try {
      outcome = handler.handle(work(task));
    } catch (InterruptedException e) {
      return; // The session ends; the next one begins with this record again.
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("record", task.item())
          .addKeyValue("attempt", task.attempt())
          .addKeyValue("error", e.getClass().getName())
          .log("handler failed");
      LOG.atDebug().setCause(e).log("handler failure");
      outcome = new Outcome.Retry(null, "handler_failed");
    } catch (Error e) {
      failure = e;
      return;
    }
    synchronized (lock) {
      lanes.complete(task, outcome);
    }
    step();
  }

  private static Work work(Task<Incoming> task) {
    Incoming incoming = task.item().payload();
    ConsumerRecord<byte[], byte[]> record = incoming.record();
    return new Work(
        event(incoming),
        task.item().key(),
        record.topic(),
        record.partition(),
        record.offset(),
        task.attempt(),
        task.since(),
        task.urgentFollowers().stream().map(LaneSession::event).toList());
  }

  private static Decoded.Event event(Incoming incoming) {
    Decoded.Event event = incoming.event();
    if (event == null) {
      throw new IllegalStateException("no event: " + incoming);
    }
    return event;
  }

  // ---- Outputs out

  private void flushIfDue() {
    long now = System.nanoTime();
    if (now - flushedAt >= FLUSH_NANOS) {
      flush();
      flushedAt = now;
    }
  }

  private void flush() {
    Flush<Incoming> flush;
    synchronized (lock) {
      flush = lanes.flush();
    }
    Notice notice = outage.due();
    if (flush.isEmpty() && notice == null) {
      return;
    }
    producer.beginTransaction();
    flush.outputs().forEach(this::send);
    if (notice != null) {
      send(audit.alert(notice));
    }
    if (!flush.offsets().isEmpty()) {
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      flush
          .offsets()
          .forEach((source, offset) ->
              offsets.put(
                  new TopicPartition(source.topic(), source.partition()),
                  new OffsetAndMetadata(offset)));
      producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    }
    producer.commitTransaction();
    flush.outputs().forEach(this::count);
    long parked = flush.outputs().stream().filter(Output.Parked.class::isInstance).count();
    if (parked > 0) {
      LOG.atWarn()
          .addKeyValue("records", parked)
          .log("records parked, see visitor.deliveries for the reasons");
    }
    if (notice != null) {
      outage.told(notice);
      log(notice);
    }
  }

  private void send(Output<Incoming> output) {
    send(
        switch (output) {
          case Output.Attempted<Incoming> attempted -> audit.delivery(attempted);
          case Output.GivenUp<Incoming> givenUp -> audit.deadLetter(givenUp);
          case Output.Parked<Incoming>(Item<Incoming> item, long sequence) ->
              parkedTopic.parked(item.key(), sequence, item.payload().record());
          case Output.Unparked<Incoming>(String key, long sequence) ->
              parkedTopic.finished(key, sequence);
        });
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    // One that is not taken makes the commit fail.
    var _ = producer.send(record);
  }

  private void count(Output<Incoming> output) {
    switch (output) {
      case Output.Attempted<Incoming> attempted ->
          metrics.attempted(attempted.outcome(), attempted.latency(), Audit.age(attempted));
      case Output.GivenUp<Incoming>(Item<Incoming> item, String reason) -> {
        metrics.dead();
        LOG.atWarn()
            .addKeyValue("record", item)
            .addKeyValue("reason", reason)
            .log("record given up, see visitor.dead-letters");
      }
      case Output.Parked<Incoming> _, Output.Unparked<Incoming> _ -> {}
    }
  }

  /** Tells whoever watches. */
  private void look() {
    long now = System.nanoTime();
    if (now - lookedAt < STATE_NANOS) {
      return;
    }
    lookedAt = now;
    synchronized (lock) {
      metrics.state(lanes);
      outage.look(lanes, clock.instant());
    }
  }

  private static void log(Notice notice) {
    LoggingEventBuilder log = notice.kind() == Kind.BACK ? LOG.atInfo() : LOG.atError();
    log.addKeyValue("since", notice.since())
        .addKeyValue("reason", notice.reason())
        .log(
            switch (notice.kind()) {
              case BLOCKED ->
                  "the destination refuses everybody; somebody has to look at its credentials";
              case FAILING -> "the destination has failed for long; everything waits for it";
              case BACK -> "the destination takes events again";
            });
  }

  // ---- The end

  /** Lets handlers answer, and writes down what they said. */
  private void finish() throws InterruptedException {
    long since = System.nanoTime();
    synchronized (lock) {
      stopping = true;
      while (lanes.running() > 0 && System.nanoTime() - since < LAST_OUTCOMES_NANOS) {
        lock.wait(20);
      }
    }
    flush();
  }

  /** Nobody of this session may be at a visit when the next one begins. */
  private void end() throws InterruptedException {
    synchronized (lock) {
      stopping = true;
    }
    threads.shutdownNow();
    while (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
      LOG.warn("a handler does not end though it was interrupted");
    }
  }

  // ---- Rebalances

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    for (TopicPartition partition : partitions) {
      long position = consumer.position(partition);
      synchronized (lock) {
        lanes.assign(source(partition), position);
      }
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    flush();
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    synchronized (lock) {
      lanes.revoke(partitions.stream().map(LaneSession::source).toList());
    }
  }

  private static Source source(TopicPartition partition) {
    return new Source(partition.topic(), partition.partition());
  }
}
