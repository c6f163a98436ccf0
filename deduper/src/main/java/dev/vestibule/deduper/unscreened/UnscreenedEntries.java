package dev.vestibule.deduper.unscreened;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.ServiceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises an alert for each visit that signed in at a source with a hook and that nothing was
 * decided about.
 *
 * <p>Copies of this service share the events; each of them knows all decisions. That none was made
 * is certain when the leaders of {@code visitor.decisions} have said, after a sign-in was due,
 * where it ends, and it has been read to there. No quiet hour, lag or hand-over of partitions can
 * take the place of that, so none can cause a false alarm. The thread lives in sessions: any
 * trouble ends the session, and the next one begins with what the topics tell.
 */
public final class UnscreenedEntries implements AutoCloseable {
  /** The consumer group, before the installation's topic prefix. */
  public static final String GROUP = "vestibule-unscreened";

  private static final Logger LOG = LoggerFactory.getLogger(UnscreenedEntries.class);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final long FIRST_PAUSE_MILLIS = 500;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  private final ServiceContext context;
  private final Set<String> sources;
  private final Instant startedAt;
  private final Clients clients;
  private final Serializer<SpecificRecord> serializer;
  private final Metrics metrics;
  private final Thread thread;
  private final CountDownLatch stop = new CountDownLatch(1);
  private long pauseMillis = FIRST_PAUSE_MILLIS;
  private volatile boolean dead;

  private UnscreenedEntries(ServiceContext context, Set<String> sources) {
    this.context = context;
    this.sources = sources;
    this.startedAt = context.clock().instant();
    this.clients = new Clients(context.config());
    this.serializer =
        AvroSerializer.from(
            context.config().kafka(), context.config().registry(), context.registry());
    this.metrics = new Metrics(context.meters(), sources, context.clock());
    this.thread = Thread.ofPlatform().daemon().name(GROUP).unstarted(this::run);
  }

  /** A watch that has not started; null when no source has a hook. */
  public static @Nullable UnscreenedEntries of(ServiceContext context) {
    Set<String> sources =
        context.config().sources().values().stream()
            .filter(source -> source.screen() != null)
            .map(SourceConfig::name)
            .collect(Collectors.toUnmodifiableSet());
    return sources.isEmpty() ? null : new UnscreenedEntries(context, sources);
  }

  /** Starts to watch, whether Kafka answers or not. */
  public void start() {
    thread.start();
  }

  /** False once it has ended by an error that it cannot recover from. */
  public boolean live() {
    return !dead;
  }

  private void run() {
    try {
      while (stop.getCount() > 0) {
        session();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Error e) {
      dead = true;
      LOG.atError().setCause(e).log("nobody watches for unscreened entries any more");
      throw e;
    }
  }

  private void session() throws InterruptedException {
    try (Consumer<byte[], byte[]> entries = clients.entries();
        Consumer<byte[], byte[]> records = clients.records();
        Producer<byte[], byte[]> producer = clients.alerts()) {
      Session session =
          new Session(context, sources, startedAt, serializer, metrics, entries, records, producer);
      session.begin();
      while (stop.getCount() > 0) {
        if (session.step()) {
          pauseMillis = FIRST_PAUSE_MILLIS;
        }
      }
    } catch (RuntimeException e) {
      if (stop.getCount() == 0) {
        return;
      }
      LOG.atWarn()
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e instanceof KafkaException ? e.getMessage() : "")
          .addKeyValue("retryInMillis", pauseMillis)
          .log("watch for unscreened entries interrupted, beginning again");
      LOG.atDebug().setCause(e).log("watch for unscreened entries failed");
      stop.await(pauseMillis, TimeUnit.MILLISECONDS);
      pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    }
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      if (!thread.join(CLOSE_WITHIN)) {
        thread.interrupt();
        thread.join(CLOSE_WITHIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    serializer.close();
  }
}
