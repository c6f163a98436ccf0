package dev.vestibule.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Vendor;
import dev.vestibule.normalizer.NormalizedRecords;
import dev.vestibule.serde.SchemaRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The records of {@code bench dedupe}: arrivals of one day, each tenth a retry of one of the
 * records before it, made by the normalizer from a vendor's webhooks.
 */
final class DedupeInput {
  private static final int RETRY_EVERY = 10;
  private static final int RETRY_REACH = 50_000;
  private static final int CHUNK = 4_000;
  private static final long SEED = 20261121;

  /** How many keys an event carries, besides the one of our own transport. */
  enum Keys {
    /** Curacel: a delivery key alone. */
    ONE(Vendor.CURACEL),
    /** Sign In App: a delivery key and a fact key. */
    TWO(Vendor.SIGN_IN_APP);

    private final Vendor vendor;

    Keys(Vendor vendor) {
      this.vendor = vendor;
    }
  }

  private final Keys keys;
  private final int count;
  private final NormalizedRecords records;
  private final Instant start = Instant.now().minus(Duration.ofDays(1));

  DedupeInput(Keys keys, int count, SchemaRegistry registry) {
    this.keys = keys;
    this.count = count;
    this.records =
        new NormalizedRecords(new IdentityKey(new byte[32]), TopicNames.UNPREFIXED, registry);
  }

  /** How many of the first records are no retries. */
  static int distinct(int count) {
    return count - count / RETRY_EVERY;
  }

  /**
   * Fills a topic; returns the mean size of a value in bytes.
   *
   * @throws IllegalStateException when a record was not written
   */
  double fill(KafkaProducer<byte[], byte[]> producer, String topic) {
    long bytes = 0;
    AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    for (int from = 0; from < count; from += CHUNK) {
      List<Record<byte[], byte[]>> chunk =
          IntStream.range(from, Math.min(count, from + CHUNK))
              .parallel()
              .mapToObj(this::record)
              .toList();
      for (Record<byte[], byte[]> record : chunk) {
        bytes += record.value().length;
        var _ =
            producer.send(
                new ProducerRecord<>(
                    topic,
                    null,
                    record.timestamp(),
                    record.key(),
                    record.value(),
                    record.headers()),
                (_, error) -> failure.compareAndSet(null, error));
      }
    }
    producer.flush();
    if (failure.get() != null) {
      throw new IllegalStateException("the input is incomplete", failure.get());
    }
    return (double) bytes / count;
  }

  private Record<byte[], byte[]> record(int index) {
    int original = original(index);
    SplittableRandom random = new SplittableRandom(SEED + original);
    Instant arrival = arrival(index);
    String requestId =
        new UUID((arrival.toEpochMilli() << 16) | 0x7000 | (index & 0xFFF), index | Long.MIN_VALUE)
            .toString();
    String person = Long.toString(random.nextLong(1L << 40));
    return records.of(
        keys.vendor,
        "bench:" + person,
        requestId,
        body(new UUID(random.nextLong(), random.nextLong()), person, arrival(original), random)
            .getBytes(UTF_8),
        index,
        arrival);
  }

  private Instant arrival(int index) {
    return start.plusMillis(Duration.ofDays(1).toMillis() * index / count);
  }

  /** Which record an index repeats; itself when it is no retry. */
  private static int original(int index) {
    if (index % RETRY_EVERY != RETRY_EVERY - 1) {
      return index;
    }
    int reach = Math.min(index, RETRY_REACH);
    int found = index - 1 - new SplittableRandom(SEED - index).nextInt(reach);
    return found % RETRY_EVERY == RETRY_EVERY - 1 ? found - 1 : found;
  }

  private String body(UUID id, String person, Instant at, SplittableRandom random) {
    return switch (keys) {
      case ONE ->
          """
          {"event":"checkin.outcome","data":{"event_id":"%s","status":"succeeded","auth_type":"FV",\
          "hmo_id":1,"provider_id":%d,"enrollee_id":"%s","checkin_id":"chk_%s","confirmed_at":"%s",\
          "reason_code":"NONE","message":"%s","http_status":200,"occurred_at":"%s"}}\
          """
              .formatted(id, random.nextInt(1000), person, person, at, filler(random, 515), at);
      case TWO ->
          """
          {"event":"visitor.signin","event_at":"%s","pushed_at":"%s","idempotency_key":"%s",\
          "site":{"id":"%d","type":"standard","name":"Main Office","timezone":"Europe/London"},\
          "visitor":{"id":"%s","name":"Test Visitor","photo_url":null,"badge_url":null,\
          "additional":{"Company":"Example","Notes":"%s"},"personal_fields":{"role":"Visitor"},\
          "is_returning":false,"is_pre_registered":false,"is_remote":false},\
          "visiting":{"id":"7","name":"Test Host","role":"Host","email":"host@example.com","mobile":""}}\
          """
              .formatted(at, at, id, random.nextInt(1000), person, filler(random, 280));
    };
  }

  /** Words, so that a value has the usual size. */
  private static String filler(SplittableRandom random, int length) {
    StringBuilder text = new StringBuilder(length + 16);
    while (text.length() < length) {
      text.append(Long.toString(random.nextLong(1L << 30), 36)).append(' ');
    }
    return text.substring(0, length);
  }
}
