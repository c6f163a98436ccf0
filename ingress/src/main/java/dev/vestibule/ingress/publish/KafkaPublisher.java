package dev.vestibule.ingress.publish;

import dev.vestibule.config.ConfigException;
import dev.vestibule.ingress.publish.PublishException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes with one idempotent producer, {@code acks=all}. Starts without a broker: topics are
 * looked up in the background, and until Kafka answers every record fails within a few seconds.
 */
public final class KafkaPublisher implements Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaPublisher.class);

  /** Longest wait for topic metadata or buffer memory. */
  static final Duration MAX_BLOCK = Duration.ofSeconds(1);

  /** Longest wait for the acknowledgement once a record is in the buffer. */
  static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(3);

  private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(1500);
  private static final Duration PROBE_INTERVAL = Duration.ofSeconds(3);
  private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LATELY = Duration.ofSeconds(15);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(4);
  private static final Pattern NAMED_KEY = Pattern.compile("configuration ([a-z.]+)");

  private final Map<String, String> settings;

  /** Held shared to send, alone to change what may be sent and by which producer. */
  private final ReadWriteLock sending = new ReentrantReadWriteLock(true);

  private final Admin admin;
  private final Set<String> topics;
  private final InstantSource clock;
  private final ScheduledExecutorService prober =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("ingress-kafka-probe").factory());
  private volatile Instant heardOf = Instant.MIN;
  private volatile boolean reachable;
  private volatile boolean warm;
  private volatile Producer<byte[], byte[]> producer;
  private volatile @Nullable String paused;

  private KafkaPublisher(
      Map<String, String> settings,
      Producer<byte[], byte[]> producer,
      Admin admin,
      Set<String> topics,
      InstantSource clock) {
    this.settings = Map.copyOf(settings);
    this.producer = producer;
    this.admin = admin;
    this.topics = Set.copyOf(topics);
    this.clock = clock;
  }

  /**
   * Starts the producer.
   *
   * @param settings the installation's Kafka settings; what the guarantees rest on is not theirs
   * @param topics full names of the topics that will be written
   * @throws ConfigException when Kafka's client refuses the settings
   */
  public static KafkaPublisher start(
      Map<String, String> settings, Set<String> topics, InstantSource clock) {
    Producer<byte[], byte[]> producer;
    Admin admin;
    try {
      producer = producer(settings);
    } catch (KafkaException e) {
      throw refused(e);
    }
    try {
      admin = Admin.create(adminSettings(settings));
    } catch (KafkaException e) {
      producer.close(Duration.ZERO);
      throw refused(e);
    }
    KafkaPublisher publisher = new KafkaPublisher(settings, producer, admin, topics, clock);
    var _ =
        publisher.prober.scheduleWithFixedDelay(
            publisher::probe, 0, PROBE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    return publisher;
  }

  private static Producer<byte[], byte[]> producer(Map<String, String> settings) {
    return new KafkaProducer<>(
        producerSettings(settings), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Refuses records for a topic until {@link #resume}. When this returns, what was handed over
   * before is durable or has failed.
   */
  public void pause(String topic) {
    sending.writeLock().lock();
    try {
      paused = topic;
    } finally {
      sending.writeLock().unlock();
    }
    producer.flush();
  }

  /**
   * Takes records for every topic again, with a producer that knows today's partitions: one that
   * counted them before would send a visit's next record to another partition than its peers do.
   */
  public void resume() {
    Producer<byte[], byte[]> fresh = producer(settings);
    Producer<byte[], byte[]> old = producer;
    sending.writeLock().lock();
    try {
      // No record may overtake an earlier one that is still with the old producer.
      old.flush();
      producer = fresh;
      paused = null;
    } finally {
      sending.writeLock().unlock();
    }
    old.close(CLOSE_TIMEOUT);
  }

  /** The topic that takes no records at the moment, or null. */
  public @Nullable String pausedTopic() {
    return paused;
  }

  /**
   * What a Kafka client's refusal of its settings means. Kafka's own message may quote a value,
   * which may be a secret; only its key is passed on.
   */
  public static ConfigException refused(KafkaException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      Matcher matcher = NAMED_KEY.matcher(message == null ? "" : message);
      if (matcher.find()) {
        return new ConfigException(
            "vestibule.kafka." + matcher.group(1), "refused by the Kafka client");
      }
      if (message != null && message.contains("bootstrap")) {
        return new ConfigException(
            "vestibule.kafka.bootstrap.servers", "expected host:port that can be resolved");
      }
    }
    return new ConfigException("vestibule.kafka", "refused by the Kafka client");
  }

  static Map<String, Object> producerSettings(Map<String, String> settings) {
    Map<String, Object> all = new HashMap<>();
    all.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-ingress");
    // Nobody waits for a batch to fill: it fills while the one before is under way.
    all.put(ProducerConfig.LINGER_MS_CONFIG, "0");
    all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, "1");
    all.put(ProducerConfig.BATCH_SIZE_CONFIG, Integer.toString(64 * 1024));
    all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.toString(4 * 1024 * 1024));
    all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, Integer.toString(64 * 1024 * 1024));
    all.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, "1000");
    all.putAll(settings);
    all.put(ProducerConfig.ACKS_CONFIG, "all");
    all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.toString(MAX_BLOCK.toMillis()));
    all.put(
        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
        Integer.toString((int) DELIVERY_TIMEOUT.toMillis()));
    all.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        Integer.toString((int) REQUEST_TIMEOUT.toMillis()));
    all.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
    return all;
  }

  private static Map<String, Object> adminSettings(Map<String, String> settings) {
    Map<String, Object> all = new HashMap<>(settings);
    all.put(ProducerConfig.CLIENT_ID_CONFIG, "vestibule-ingress-probe");
    all.put("request.timeout.ms", Integer.toString((int) PROBE_TIMEOUT.toMillis()));
    all.put("default.api.timeout.ms", Integer.toString((int) PROBE_TIMEOUT.toMillis()));
    return all;
  }

  @Override
  public CompletableFuture<Receipt> publish(RawRecord record) {
    CompletableFuture<Receipt> result = new CompletableFuture<>();
    ProducerRecord<byte[], byte[]> message =
        new ProducerRecord<>(
            record.topic(), record.key().getBytes(StandardCharsets.UTF_8), record.value());
    record
        .headers()
        .forEach(
            (name, value) -> message.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    sending.readLock().lock();
    try {
      if (record.topic().equals(paused)) {
        result.completeExceptionally(new PublishException(Reason.PAUSED));
        return result;
      }
      var _ =
          producer.send(
              message,
              (metadata, failure) -> {
                if (failure == null) {
                  heardOf = clock.instant();
                  result.complete(
                      new Receipt.InKafka(
                          metadata.topic(), metadata.partition(), metadata.offset()));
                } else {
                  result.completeExceptionally(failed(failure));
                }
              });
    } catch (IllegalStateException e) {
      result.completeExceptionally(new PublishException(Reason.CLOSED));
    } catch (KafkaException e) {
      result.completeExceptionally(failed(e));
    } finally {
      sending.readLock().unlock();
    }
    return result;
  }

  private static PublishException failed(Exception failure) {
    return switch (failure) {
      case RecordTooLargeException _ -> new PublishException(Reason.TOO_LARGE);
      case RetriableException _ -> new PublishException(Reason.TIMEOUT);
      default -> {
        LOG.atWarn()
            .addKeyValue("error", failure.getClass().getSimpleName())
            .log("publish refused");
        yield new PublishException(Reason.REFUSED);
      }
    };
  }

  @Override
  public boolean reachable() {
    return heardOf.plus(LATELY).isAfter(clock.instant());
  }

  /** Asks Kafka for a sign of life, and once for the topics, so that the first request is fast. */
  private void probe() {
    boolean alive = ping();
    if (alive != reachable) {
      reachable = alive;
      if (alive) {
        LOG.atInfo().log("Kafka is reachable");
      } else {
        LOG.atWarn().log("Kafka is not reachable, only what is spooled can be accepted");
      }
    }
    if (alive && !warm) {
      warm = topics.stream().allMatch(this::lookUp);
    }
  }

  private boolean ping() {
    try {
      var _ =
          admin.describeCluster().clusterId().get(PROBE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      heardOf = clock.instant();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      return false;
    }
  }

  private boolean lookUp(String topic) {
    try {
      return !producer.partitionsFor(topic).isEmpty();
    } catch (KafkaException | IllegalStateException e) {
      return false;
    }
  }

  @Override
  public void close() {
    prober.shutdownNow();
    producer.close(CLOSE_TIMEOUT);
    admin.close(Duration.ZERO);
  }
}
