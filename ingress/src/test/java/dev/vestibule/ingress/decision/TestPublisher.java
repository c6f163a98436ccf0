package dev.vestibule.ingress.decision;

import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.ingress.publish.PublishException;
import dev.vestibule.ingress.publish.Publisher;
import dev.vestibule.ingress.publish.RawRecord;
import dev.vestibule.ingress.publish.Receipt;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.InMemorySchemaRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Keeps what it acknowledges, and can misbehave in every way that a publisher can. */
final class TestPublisher implements Publisher {
  /** How it behaves. */
  enum Mood {
    WELL,
    FAILS,
    SILENT,
    BLOCKS,
    THROWS,
    /** What needs Kafka fails; what a disk could hold does not. */
    ONLY_SPOOLS
  }

  final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final List<RawRecord> records = new CopyOnWriteArrayList<>();
  private final List<CompletableFuture<Receipt>> unanswered = new CopyOnWriteArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile Mood mood = Mood.WELL;

  void be(Mood other) {
    mood = other;
  }

  /** Those who are blocked go on, and so do those who come. */
  void recover() {
    mood = Mood.WELL;
    released.countDown();
  }

  List<RawRecord> raw() {
    return records.stream().filter(record -> !record.topic().equals(Topics.DECISIONS)).toList();
  }

  List<Decision> decisions() {
    AvroDeserializer<Decision> reader = new AvroDeserializer<>(Decision.class, registry);
    return records.stream()
        .filter(record -> record.topic().equals(Topics.DECISIONS))
        .map(record -> reader.deserialize(Topics.DECISIONS, record.value()))
        .toList();
  }

  /** Acknowledges late what was never acknowledged. */
  void acknowledgeAll() {
    unanswered.forEach(future -> future.complete(new Receipt.InKafka("late", 0, 0)));
  }

  @Override
  public CompletableFuture<Receipt> publish(RawRecord record) {
    return mood == Mood.ONLY_SPOOLS ? keep(record) : publishToKafka(record);
  }

  @Override
  public CompletableFuture<Receipt> publishToKafka(RawRecord record) {
    return switch (mood) {
      case WELL -> keep(record);
      case FAILS, ONLY_SPOOLS ->
          CompletableFuture.failedFuture(new PublishException(PublishException.Reason.TIMEOUT));
      case SILENT -> {
        records.add(record);
        CompletableFuture<Receipt> never = new CompletableFuture<>();
        unanswered.add(never);
        yield never;
      }
      case BLOCKS -> {
        awaitRelease();
        yield keep(record);
      }
      case THROWS -> throw new IllegalStateException("broken");
    };
  }

  private CompletableFuture<Receipt> keep(RawRecord record) {
    records.add(record);
    return CompletableFuture.completedFuture(
        new Receipt.InKafka(record.topic(), 0, records.size()));
  }

  private void awaitRelease() {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public boolean reachable() {
    return mood == Mood.WELL;
  }

  @Override
  public void close() {
    recover();
  }
}
