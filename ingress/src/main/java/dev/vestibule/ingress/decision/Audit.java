package dev.vestibule.ingress.decision;

import dev.vestibule.contract.Headers;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Writes decisions down: approvals before they are answered, and everything else as soon as it can
 * be written. What waits is in memory until the publisher has taken it, and within a bound.
 */
final class Audit implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final int BATCH = 500;
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  private final Publisher publisher;
  private final Serializer<SpecificRecord> serializer;
  private final String topic;
  private final int max;
  private final Duration ackTimeout;
  private final Duration retryAfter;
  private final Counter lost;
  private final Deque<Decision> waiting = new ArrayDeque<>();
  private final Thread writer = Thread.ofPlatform().daemon().name("decisions").unstarted(this::run);
  private int sending;
  private boolean failing;
  private boolean started;
  private boolean closed;

  /**
   * @param topic full name of the decisions' topic
   * @param max decisions that may wait; beyond it they are lost, those of answers at three quarters
   * @param ackTimeout how long a decision may take before it is written once more
   * @param retryAfter pause after a failure
   */
  Audit(
      Publisher publisher,
      Serializer<SpecificRecord> serializer,
      String topic,
      MeterRegistry meters,
      int max,
      Duration ackTimeout,
      Duration retryAfter) {
    this.publisher = publisher;
    this.serializer = serializer;
    this.topic = topic;
    this.max = max;
    this.ackTimeout = ackTimeout;
    this.retryAfter = retryAfter;
    this.lost =
        Counter.builder("vestibule.ingress.decisions.lost")
            .description("Decisions that were never written down")
            .register(meters);
    Gauge.builder("vestibule.ingress.decisions.waiting", this::size)
        .description("Decisions that wait to be written down")
        .register(meters);
  }

  /**
   * Writes a decision to Kafka; nothing else counts. May take a while to hand over.
   *
   * @throws RuntimeException when it cannot be encoded
   */
  CompletableFuture<Receipt> write(Decision decision) {
    return publisher.publishToKafka(encode(decision));
  }

  /** Writes a decision when that is possible; never waits. */
  synchronized void later(Decision decision) {
    int room = decision.getPhase() == DecisionPhase.ANSWERED ? max - max / 4 : max;
    if (closed || waiting.size() + sending >= room) {
      lost.increment();
      return;
    }
    waiting.add(decision);
    if (!started) {
      started = true;
      writer.start();
    }
    notifyAll();
  }

  private synchronized int size() {
    return waiting.size() + sending;
  }

  private RawRecord encode(Decision decision) {
    return new RawRecord(
        topic,
        decision.getDecisionId(),
        Map.of(
            Headers.SOURCE, decision.getSource(),
            Headers.VENDOR, decision.getVendor(),
            Headers.ACCOUNT, decision.getAccount(),
            Headers.REQUEST_ID, decision.getRequestId()),
        serializer.serialize(topic, decision));
  }

  private void run() {
    try {
      List<Decision> batch = next();
      while (!batch.isEmpty()) {
        List<Decision> failed = send(batch);
        putBack(failed);
        if (!failed.isEmpty()) {
          Thread.sleep(retryAfter);
        }
        batch = next();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<Decision> next() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    List<Decision> batch = new ArrayList<>();
    while (batch.size() < BATCH && !waiting.isEmpty()) {
      batch.add(waiting.removeFirst());
    }
    sending = batch.size();
    return batch;
  }

  /** Returns those that are not written, in their order. */
  private List<Decision> send(List<Decision> batch) throws InterruptedException {
    List<CompletableFuture<Receipt>> sent = new ArrayList<>();
    for (Decision decision : batch) {
      CompletableFuture<Receipt> result;
      try {
        result = publisher.publish(encode(decision));
      } catch (RuntimeException e) { // the registry, most likely
        result = CompletableFuture.failedFuture(e);
      }
      sent.add(result);
    }
    long end = System.nanoTime() + ackTimeout.toNanos();
    List<Decision> failed = new ArrayList<>();
    String error = "";
    for (int i = 0; i < batch.size(); i++) {
      try {
        sent.get(i).get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        error = String.valueOf(e.getCause());
        failed.add(batch.get(i));
      } catch (TimeoutException e) {
        error = "timeout";
        failed.add(batch.get(i));
      }
    }
    if (failing == failed.isEmpty()) {
      failing = !failing;
      LOG.atLevel(failing ? Level.WARN : Level.INFO)
          .addKeyValue("error", error)
          .log(failing ? "decisions wait to be written down" : "decisions are written down again");
    }
    return failed;
  }

  private synchronized void putBack(List<Decision> failed) {
    failed.reversed().forEach(waiting::addFirst);
    sending = 0;
  }

  /** Writes what it can within two seconds; the rest is lost. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      if (writer.isAlive()) {
        writer.join(CLOSE_WITHIN);
        writer.interrupt();
        writer.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    int left = size();
    if (left > 0) {
      lost.increment(left);
      LOG.atError().addKeyValue("decisions", left).log("decisions were never written down");
    }
  }
}
