package dev.vestibule.ingress.spool;

import dev.vestibule.contract.Headers;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.ingress.spool.SegmentLog.Batch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes what a spool holds, in order, for as long as it takes. Records of different visits are
 * under way together; a visit's next one waits until Kafka has acknowledged the one before.
 */
final class Drainer {
  private static final Logger LOG = LoggerFactory.getLogger(Drainer.class);
  private static final int BATCH = 2048;
  private static final Duration MIN_PAUSE = Duration.ofMillis(100);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

  /** Longer than any publisher takes to fail. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Waits. */
  interface Sleeper {
    void sleep(Duration length) throws InterruptedException;
  }

  private final Spool spool;
  private final Publisher kafka;
  private final SpoolMetrics metrics;
  private final Sleeper sleeper;
  private Duration pause = MIN_PAUSE;
  private long unmarked;

  Drainer(Spool spool, Publisher kafka, SpoolMetrics metrics, Sleeper sleeper) {
    this.spool = spool;
    this.kafka = kafka;
    this.metrics = metrics;
    this.sleeper = sleeper;
  }

  /** Whether the last attempt to publish was acknowledged. */
  boolean flows() {
    return pause.equals(MIN_PAUSE);
  }

  /**
   * Publishes the next records, and returns when all of them are acknowledged and marked.
   *
   * @return false when there was nothing to do
   */
  boolean drain() throws InterruptedException {
    Batch batch;
    try {
      batch = spool.read(BATCH);
    } catch (IOException e) {
      warn("spool cannot be read; trying again", e);
      backOff();
      return true;
    }
    if (batch.frames().isEmpty() && batch.through() <= spool.drainedThrough()) {
      if (unmarked > 0) {
        mark(unmarked);
      }
      return false;
    }
    publish(batch.frames());
    metrics.drained(batch.frames().size());
    mark(batch.through());
    return true;
  }

  private void mark(long through) {
    try {
      spool.drained(through);
      unmarked = 0;
    } catch (IOException e) {
      // After a crash they would be published again, which the deduper sees.
      unmarked = through;
      warn("drained records could not be marked and removed; trying again", e);
    }
  }

  /** The first records of all visits together, then their second ones, and so on. */
  private void publish(List<Frame> frames) throws InterruptedException {
    Map<String, Queue<RawRecord>> visits = new LinkedHashMap<>();
    for (Frame frame : frames) {
      RawRecord record = decode(frame);
      if (record != null) {
        visits.computeIfAbsent(record.key(), _ -> new ArrayDeque<>()).add(record);
      }
    }
    while (!visits.isEmpty()) {
      publishTogether(visits.values().stream().map(Queue::remove).toList());
      visits.values().removeIf(Queue::isEmpty);
    }
  }

  private @Nullable RawRecord decode(Frame frame) {
    try {
      Receipt given = new Receipt.InSpool(spool.source(), frame.number());
      return SpooledRecord.decode(frame.payload()).with(Headers.SPOOL_RECEIPT, given.toString());
    } catch (IllegalArgumentException e) {
      spool.keep(frame);
      return null;
    }
  }

  /** While Kafka is away one record at a time asks whether it is back. */
  private void publishTogether(List<RawRecord> records) throws InterruptedException {
    List<RawRecord> left = records;
    while (!left.isEmpty()) {
      int count = flows() ? left.size() : 1;
      List<RawRecord> still = attempt(left.subList(0, count));
      boolean failed = !still.isEmpty();
      still.addAll(left.subList(count, left.size()));
      left = still;
      if (failed) {
        backOff();
      } else {
        pause = MIN_PAUSE;
      }
    }
  }

  /** Returns those that were not acknowledged. */
  private List<RawRecord> attempt(List<RawRecord> records) throws InterruptedException {
    List<CompletableFuture<Receipt>> receipts = new ArrayList<>(records.size());
    for (RawRecord record : records) {
      receipts.add(kafka.publishToKafka(record));
    }
    List<RawRecord> failed = new ArrayList<>();
    for (int i = 0; i < records.size(); i++) {
      try {
        receipts.get(i).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        failed.add(records.get(i));
        if (e.getCause() instanceof PublishException refused
            && refused.reason() == PublishException.Reason.TOO_LARGE) {
          LOG.atError()
              .addKeyValue("source", spool.source())
              .addKeyValue("topic", records.get(i).topic())
              .log("spooled record is larger than the topic allows; raise max.message.bytes");
        }
      } catch (TimeoutException e) {
        failed.add(records.get(i));
      }
    }
    return failed;
  }

  private void backOff() throws InterruptedException {
    sleeper.sleep(pause);
    Duration twice = pause.multipliedBy(2);
    pause = twice.compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : twice;
  }

  private void warn(String message, IOException e) {
    LOG.atWarn()
        .addKeyValue("source", spool.source())
        .addKeyValue("error", e.getClass().getSimpleName())
        .addKeyValue("reason", e.getMessage())
        .log(message);
  }
}
