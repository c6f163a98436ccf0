package dev.vestibule.ingress.spool;

import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what it acknowledges; can fail, never answer, or take its time. */
final class FakeKafka implements Publisher {
  private final List<RawRecord> records = new CopyOnWriteArrayList<>();
  private volatile @Nullable Reason failure;
  private volatile boolean reachable = true;
  private volatile boolean silent;
  private volatile Duration delay = Duration.ZERO;
  private volatile boolean closed;

  /** Fails every record, as if it knew nothing of Kafka being away. */
  void failWith(Reason reason) {
    failure = reason;
  }

  /** Is away, and says so. */
  void goAway() {
    reachable = false;
    failure = Reason.TIMEOUT;
  }

  void comeBack() {
    failure = null;
    silent = false;
    reachable = true;
  }

  /** Takes records and never says a word. */
  void fallSilent() {
    silent = true;
  }

  /** Takes so long for each record, whichever other is under way. */
  void delay(Duration length) {
    delay = length;
  }

  List<RawRecord> records() {
    return records;
  }

  boolean closed() {
    return closed;
  }

  @Override
  public synchronized CompletableFuture<Receipt> publish(RawRecord record) {
    Reason reason = failure;
    if (reason != null) {
      return CompletableFuture.failedFuture(new PublishException(reason));
    }
    if (silent) {
      return new CompletableFuture<>();
    }
    records.add(record);
    Receipt receipt = new Receipt.InKafka(record.topic(), 0, records.size() - 1);
    return delay.isZero()
        ? CompletableFuture.completedFuture(receipt)
        : CompletableFuture.supplyAsync(
            () -> receipt,
            CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS));
  }

  @Override
  public boolean reachable() {
    return reachable;
  }

  @Override
  public void close() {
    closed = true;
  }
}
