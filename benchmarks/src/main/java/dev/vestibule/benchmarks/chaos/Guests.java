package dev.vestibule.benchmarks.chaos;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.serde.HttpSchemaRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Visitors of a source {@code lobby} who sign in at a steady rate; most of them leave some seconds
 * later. Written as the deduper writes events.
 */
final class Guests implements Runnable, AutoCloseable {
  private static final Duration STAY = Duration.ofSeconds(3);

  private final AvroSerializer serializer;
  private final Producer<byte[], byte[]> producer;
  private final String account;
  private final String site;
  private final Duration between;
  private final Random random;
  private final Deque<Integer> inside = new ArrayDeque<>();
  private final BitSet left = new BitSet();
  private int visits;
  private long sent;
  private volatile boolean ending;

  /**
   * @param between one visitor and the next
   */
  Guests(
      String bootstrap,
      HttpSchemaRegistry schemas,
      String account,
      String site,
      Duration between,
      long seed) {
    this.serializer = new AvroSerializer(schemas);
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    this.account = account;
    this.site = site;
    this.between = between;
    this.random = new Random(seed);
  }

  /** The vendor's id of a visit. */
  static String id(int visit) {
    return "v-" + visit;
  }

  @Override
  public void run() {
    long next = System.nanoTime();
    while (!ending) {
      step();
      next += between.toNanos();
      LockSupport.parkNanos(next - System.nanoTime());
    }
    producer.flush();
  }

  private synchronized void step() {
    int visit = visits++;
    send(id(visit), EventType.SIGNED_IN);
    inside.add(visit);
    if (between.multipliedBy(inside.size()).compareTo(STAY) > 0) {
      int leaving = inside.remove();
      if (random.nextInt(10) < 7) {
        left.set(leaving);
        send(id(leaving), EventType.SIGNED_OUT);
      }
    }
  }

  /** Something happens to a visit now. */
  synchronized void send(String visit, EventType type) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    VisitorEvent event =
        VisitorEvent.newBuilder()
            .setEventId(new UUID(random.nextLong(), random.nextLong()).toString())
            .setRevision("0000000000000000")
            .setType(type)
            .setVendor("envoy")
            .setSource("lobby")
            .setAccount(account)
            .setOccurredAt(now)
            .setReceivedAt(now)
            .setPath("webhook")
            .setVisit(Visit.newBuilder().setId(visit).setSignedInAt(now).build())
            .setPerson(Person.newBuilder().setFullName("Guest " + visit).build())
            .setHost(Host.newBuilder().build())
            .setSite(Site.newBuilder().setId(site).build())
            .setCredential(AccessCredential.newBuilder().build())
            .setOutcome(Outcome.newBuilder().build())
            .setSensitivity(Sensitivity.STANDARD)
            .setOrigin(new Position("visitor.raw.envoy", 0, sent++))
            .build();
    write(Topics.EVENTS, account + ":" + visit, serializer.serialize(Topics.EVENTS, event), type);
  }

  private void write(String topic, String key, byte @Nullable [] value, EventType type) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value);
    Headers.put(record.headers(), Headers.VERDICT, Verdict.NEW.name());
    Headers.put(record.headers(), Headers.PATH, "webhook");
    Headers.put(record.headers(), Headers.SOURCE, "lobby");
    Headers.put(
        record.headers(),
        Headers.CE_TYPE,
        "dev.vestibule.visitor." + type.name().toLowerCase(Locale.ROOT));
    var _ = producer.send(record);
  }

  /** Writes anything else, durable on return. */
  void write(String topic, byte[] value) {
    var _ = producer.send(new ProducerRecord<>(topic, value));
    producer.flush();
  }

  synchronized int visits() {
    return visits;
  }

  synchronized int left() {
    return left.cardinality();
  }

  synchronized boolean inside(int visit) {
    return !left.get(visit);
  }

  void end() {
    ending = true;
  }

  @Override
  public void close() {
    ending = true;
    producer.close(Duration.ofSeconds(5));
    serializer.close();
  }
}
