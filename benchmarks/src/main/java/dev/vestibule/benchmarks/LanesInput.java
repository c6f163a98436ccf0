package dev.vestibule.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.contract.Verdict;
import dev.vestibule.normalizer.NormalizedRecords;
import dev.vestibule.serde.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The events of {@code bench lanes}: sign-ins that the normalizer makes from webhooks, with the
 * verdict that the deduper adds. The visits take turns.
 */
final class LanesInput implements AutoCloseable {
  private static final int CHUNK = 4_000;

  private final NormalizedRecords records;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
  private int made;

  LanesInput(String bootstrap, SchemaRegistry registry) {
    this.records =
        new NormalizedRecords(new IdentityKey(new byte[32]), TopicNames.UNPREFIXED, registry);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap, "acks", "all", "linger.ms", "0"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** The key of a visit's records. */
  static String key(int visit) {
    return "bench:" + visit;
  }

  /** Appends so many events of so many visits, as fast as it goes. */
  void fill(int count, int visits) {
    Instant now = Instant.now();
    for (int from = made; from < made + count; from += CHUNK) {
      IntStream.range(from, Math.min(made + count, from + CHUNK))
          .parallel()
          .mapToObj(number -> event(number, number % visits, now))
          .toList()
          .forEach(this::send);
    }
    made += count;
    flush();
  }

  /** Appends at a steady rate; what an event says of its receipt is when it was due. */
  int send(int perSecond, Duration length, int visits) {
    int count = (int) (perSecond * length.toMillis() / 1000);
    long start = System.nanoTime();
    Instant began = Instant.now();
    for (int number = 0; number < count; number++) {
      long due = number * 1_000_000_000L / perSecond;
      while (System.nanoTime() - start < due) {
        LockSupport.parkNanos(due - (System.nanoTime() - start));
      }
      send(event(made++, number % visits, began.plusNanos(due)));
    }
    flush();
    return count;
  }

  private ProducerRecord<byte[], byte[]> event(int number, int visit, Instant at) {
    Record<byte[], byte[]> event =
        records.of(
            Vendor.SIGN_IN_APP,
            key(visit),
            new UUID((at.toEpochMilli() << 16) | 0x7000, number | Long.MIN_VALUE).toString(),
            body(number, visit, at).getBytes(UTF_8),
            number,
            at);
    Headers.put(event.headers(), Headers.VERDICT, Verdict.NEW.name());
    return new ProducerRecord<>(
        Topics.EVENTS, null, event.timestamp(), event.key(), event.value(), event.headers());
  }

  private static String body(int number, int visit, Instant at) {
    return """
    {"event":"visitor.signin","event_at":"%s","pushed_at":"%s","idempotency_key":"%s",\
    "site":{"id":"7","type":"standard","name":"Main Office","timezone":"Europe/London"},\
    "visitor":{"id":"%d","name":"Test Visitor","photo_url":null,"badge_url":null,\
    "additional":{"Company":"Example"},"personal_fields":{"role":"Visitor"},\
    "is_returning":false,"is_pre_registered":false,"is_remote":false},\
    "visiting":{"id":"7","name":"Test Host","role":"Host","email":"host@example.com","mobile":""}}\
    """
        .formatted(at, at, new UUID(1, number), visit);
  }

  private void send(ProducerRecord<byte[], byte[]> record) {
    var _ = producer.send(record, (_, error) -> failure.compareAndSet(null, error));
  }

  private void flush() {
    producer.flush();
    Exception error = failure.get();
    if (error != null) {
      throw new IllegalStateException("the input is incomplete", error);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
