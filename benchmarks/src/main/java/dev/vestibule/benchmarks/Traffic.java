package dev.vestibule.benchmarks;

import dev.vestibule.config.Secret;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.standalone.simulator.VendorSigner;
import dev.vestibule.standalone.simulator.Webhook;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Posts arrivals at a steady rate and sees them come out as events. */
final class Traffic {
  /** The installation that takes this traffic. */
  static final String CONFIG =
      """
      vestibule:
        sources:
          hq: { vendor: kyberaccess, secrets: ["bench-secret"] }
      """;

  private static final int AT_ONCE = 256;
  private static final String VISIT = "vis_";

  private final VendorSigner signer =
      VendorSigner.forVendor(Vendor.KYBERACCESS, new Secret("bench-secret"));
  private final UpProcess up;
  private final int rate;
  private final List<String> topics;

  /**
   * @param rate requests per second
   */
  Traffic(UpProcess up, int rate) {
    this(up, rate, List.of(Topics.EVENTS));
  }

  private Traffic(UpProcess up, int rate, List<String> topics) {
    this.up = up;
    this.rate = rate;
    this.topics = topics;
  }

  /** The same, reading the topics between as well, which costs the machine some time of its own. */
  Traffic withHops() {
    return new Traffic(
        up, rate, List.of(Vendor.KYBERACCESS.rawTopic(), Topics.NORMALIZED, Topics.EVENTS));
  }

  /**
   * @param toAnswer from the moment a request was due until its 200
   * @param toEvent until its event was read
   * @param each hop between two topics, when they were read
   */
  record Measured(
      int sent, int refused, Latencies toAnswer, Latencies toEvent, Map<String, Latencies> each) {
    int missing() {
      return sent - refused - toEvent.count();
    }
  }

  /**
   * @param name of this run, never used twice on the same installation
   */
  Measured run(Duration length, String name) throws InterruptedException {
    int count = Math.toIntExact(rate * length.toSeconds());
    Latencies toAnswer = new Latencies();
    AtomicInteger refused = new AtomicInteger();
    Watch watch = new Watch();
    Thread reader = Thread.ofPlatform().start(watch);
    watch.ready.await();
    Semaphore free = new Semaphore(AT_ONCE);
    URI url = URI.create(up.ingress() + "/hooks/hq");
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        long due = start + i * 1_000_000_000L / rate;
        while (System.nanoTime() < due) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        byte[] body = body(name, i);
        Webhook webhook = signer.sign(body, "dlv_" + name + i, Instant.now());
        HttpRequest.Builder request =
            HttpRequest.newBuilder(url)
                .timeout(Duration.ofSeconds(10))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        webhook.headers().forEach(request::header);
        free.acquire();
        // From the moment it was due: a slow answer must not hide the ones that waited behind it.
        watch.posted.put(visit(name, i), new Passage(due));
        CompletableFuture<?> _ =
            client
                .sendAsync(request.build(), HttpResponse.BodyHandlers.discarding())
                .whenComplete((response, error) -> {
                  free.release();
                  if (error != null || response.statusCode() != 200) {
                    refused.incrementAndGet();
                  } else {
                    toAnswer.add(System.nanoTime() - due);
                  }
                });
      }
      free.acquire(AT_ONCE);
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!watch.posted.isEmpty() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    watch.done.set(true);
    reader.join();
    return new Measured(count, refused.get(), toAnswer, watch.toEvent, watch.each);
  }

  /**
   * Writes raw records as fast as Kafka takes them, and waits until each is an event.
   *
   * @return events per second, from the first record written until the last event read; NaN when
   *     some did not come within two minutes
   */
  double drain(int count, String name) {
    ConsumerRecord<byte[], byte[]> pattern = anyRaw();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(up.kafka());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", up.kafka(), "linger.ms", "5"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      List<TopicPartition> partitions = assign(consumer, List.of(Topics.EVENTS));
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        Future<?> _ = producer.send(raw(pattern, name, i));
      }
      producer.flush();
      long deadline = start + TimeUnit.MINUTES.toNanos(2);
      int seen = 0;
      while (seen < count) {
        if (System.nanoTime() > deadline) {
          return Double.NaN;
        }
        seen += consumer.poll(Duration.ofMillis(100)).count();
      }
      return count * 1e9 / (System.nanoTime() - start);
    }
  }

  /** A record that ingress wrote: its headers say what the normalizer wants to know. */
  private ConsumerRecord<byte[], byte[]> anyRaw() {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(up.kafka())) {
      consumer.seekToBeginning(assign(consumer, List.of(Vendor.KYBERACCESS.rawTopic())));
      Iterator<ConsumerRecord<byte[], byte[]>> found =
          consumer.poll(Duration.ofSeconds(10)).iterator();
      if (!found.hasNext()) {
        throw new IllegalStateException("nothing was posted before");
      }
      return found.next();
    }
  }

  private static ProducerRecord<byte[], byte[]> raw(
      ConsumerRecord<byte[], byte[]> pattern, String name, int i) {
    String key = new String(pattern.key(), StandardCharsets.UTF_8);
    String account = key.substring(0, key.indexOf(':') + 1);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            pattern.topic(),
            null,
            (account + visit(name, i)).getBytes(StandardCharsets.UTF_8),
            body(name, i),
            pattern.headers());
    Headers.put(record.headers(), Headers.REQUEST_ID, UUID.randomUUID().toString());
    Headers.put(record.headers(), Headers.DELIVERY_ID, "dlv_" + name + i);
    return record;
  }

  private static List<TopicPartition> assign(
      KafkaConsumer<byte[], byte[]> consumer, List<String> topics) {
    List<TopicPartition> partitions =
        topics.stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    return partitions;
  }

  static KafkaConsumer<byte[], byte[]> consumer(String bootstrap) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", bootstrap,
            "isolation.level", "read_committed",
            "enable.auto.commit", "false",
            "fetch.max.wait.ms", "100"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  /** When one request was last seen somewhere; only the reader moves it. */
  private static final class Passage {
    private final long due;
    private long lastSeen;

    Passage(long due) {
      this.due = due;
      this.lastSeen = due;
    }

    long next(long now) {
      long hop = now - lastSeen;
      lastSeen = now;
      return hop;
    }
  }

  private final class Watch implements Runnable {
    private final Map<String, Passage> posted = new ConcurrentHashMap<>();
    private final Latencies toEvent = new Latencies();
    private final Map<String, Latencies> each = new LinkedHashMap<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final AtomicBoolean done = new AtomicBoolean();

    @Override
    public void run() {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer(up.kafka())) {
        List<TopicPartition> partitions = assign(consumer, topics);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        ready.countDown();
        while (!done.get()) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
            see(record, System.nanoTime());
          }
        }
      }
    }

    private void see(ConsumerRecord<byte[], byte[]> record, long now) {
      boolean out = record.topic().equals(Topics.EVENTS);
      String visit = visitOf(record);
      Passage passage = out ? posted.remove(visit) : posted.get(visit);
      if (passage == null) {
        return;
      }
      if (topics.size() > 1) {
        each.computeIfAbsent("to_" + place(record.topic()), _ -> new Latencies())
            .add(passage.next(now));
      }
      if (out) {
        toEvent.add(now - passage.due);
      }
    }

    private static String place(String topic) {
      return switch (topic) {
        case Topics.EVENTS -> "event";
        case Topics.NORMALIZED -> "normalized";
        default -> "raw";
      };
    }

    /** Raw records have no header for it, but their bodies are ours. */
    private static String visitOf(ConsumerRecord<byte[], byte[]> record) {
      String header = Headers.text(record.headers(), Headers.CE_SUBJECT);
      if (header != null) {
        return header;
      }
      String body = new String(record.value(), StandardCharsets.UTF_8);
      int from = Math.max(body.indexOf(VISIT), 0);
      return body.substring(from, Math.max(body.indexOf('"', from), from));
    }
  }

  private static String visit(String name, int i) {
    return VISIT + name + i;
  }

  static byte[] body(String name, int i) {
    return """
    {"id":"evt_%s%d","event":"visitor.checked_in","timestamp":"%s","data":{"visitor":{"id":"%s",\
    "first_name":"Test","last_name":"Visitor","email":"test@example.com","company":"Example","purpose":"Meeting"},\
    "host":{"id":"usr_1","name":"Test Host","department":"Engineering"},"location":{"id":"loc_1","name":"Main Office"},\
    "badge_number":"V-%d","id_scanned":true,"nda_signed":true,"screening_status":"cleared"},"account_id":"acc_1"}\
    """
        .formatted(name, i, Instant.now().truncatedTo(ChronoUnit.SECONDS), visit(name, i), i)
        .getBytes(StandardCharsets.UTF_8);
  }
}
