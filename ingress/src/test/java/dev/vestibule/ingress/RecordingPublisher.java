package dev.vestibule.ingress;

import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Keeps what it is given; can be told to fail, or never to answer, or not even to take it. */
final class RecordingPublisher implements Publisher {
  private final List<RawRecord> records = new CopyOnWriteArrayList<>();
  private volatile PublishException.@Nullable Reason failure;
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean silent;
  private volatile boolean stuck;
  private volatile boolean closed;

  void failWith(PublishException.Reason reason) {
    failure = reason;
  }

  void neverAnswer() {
    silent = true;
  }

  /** Handing over takes until this is closed. */
  void neverReturn() {
    stuck = true;
  }

  List<RawRecord> records() {
    return records;
  }

  RawRecord only() {
    if (records.size() != 1) {
      throw new AssertionError("expected one record, have " + records.size());
    }
    return records.getFirst();
  }

  boolean closed() {
    return closed;
  }

  @Override
  public CompletableFuture<Receipt> publish(RawRecord record) {
    if (stuck) {
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return take(record);
  }

  private synchronized CompletableFuture<Receipt> take(RawRecord record) {
    if (silent) {
      return new CompletableFuture<>();
    }
    PublishException.Reason reason = failure;
    if (reason != null) {
      return CompletableFuture.failedFuture(new PublishException(reason));
    }
    records.add(record);
    return CompletableFuture.completedFuture(
        new Receipt.InKafka(record.topic(), 3, records.size() - 1));
  }

  @Override
  public boolean reachable() {
    return failure == null && !silent;
  }

  @Override
  public void close() {
    closed = true;
    released.countDown();
  }
}
