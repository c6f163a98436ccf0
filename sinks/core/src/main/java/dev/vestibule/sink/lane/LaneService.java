package dev.vestibule.sink.lane;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.EventsSubscription;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sink with lanes as a service. It lives in sessions: a session takes up what is parked and what
 * is not committed. Any trouble with Kafka or the registry ends it, and the next one begins from
 * what is stored; there is no other way of recovering.
 *
 * <p>Guarantee: whatever happens to this process, every event of the granted topics comes to the
 * handler until it answers with {@link Outcome.Done}, {@link Outcome.Skip} or {@link
 * Outcome.Reject}; events of one visit in their order, one at a time; no offset is committed before
 * every record in front of it is finished or lies on the parked topic.
 */
public final class LaneService implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(LaneService.class);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);

  private final String name;
  private final SinkConfig sink;
  private final EventsSubscription subscription;
  private final Clients clients;
  private final String replayTopic;
  private final LaneSettings settings;
  private final Handler handler;
  private final EventDecoder decoder;
  private final Audit audit;
  private final ParkedTopic parkedTopic;
  private final LaneMetrics metrics;
  private final Outage outage = new Outage();
  private final InstantSource clock;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Object consumerLock = new Object();
  private final Thread thread;
  private @Nullable Consumer<byte[], byte[]> current;
  private volatile @Nullable LaneSession session;
  private volatile boolean dead;
  private long pauseMillis = FIRST_PAUSE_MILLIS;

  /**
   * How a session talks to Kafka.
   *
   * @param consumers of the sink's group
   * @param readers of no group, for the parked topic
   * @param producers transactional, under the group's name
   */
  record Clients(
      Supplier<Consumer<byte[], byte[]>> consumers,
      Supplier<Consumer<byte[], byte[]>> readers,
      Supplier<Producer<byte[], byte[]>> producers) {

    static Clients of(VestibuleConfig config, EventsSubscription subscription) {
      return new Clients(
          subscription::open,
          () -> subscription.openReader("parked", Map.of()),
          () ->
              new KafkaProducer<>(
                  producer(config.kafka(), subscription.group()),
                  new ByteArraySerializer(),
                  new ByteArraySerializer()));
    }

    private static Map<String, Object> producer(Map<String, String> kafka, String group) {
      Map<String, Object> settings = new HashMap<>();
      settings.put(ProducerConfig.CLIENT_ID_CONFIG, group);
      settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
      settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
      settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
      settings.putAll(kafka);
      // Guarantees, so they are not the installation's to choose.
      settings.put(ProducerConfig.ACKS_CONFIG, "all");
      settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
      settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, group);
      return settings;
    }
  }

  private LaneService(
      ServiceContext context,
      SinkConfig sink,
      Handler handler,
      LaneSettings settings,
      Clients clients) {
    TopicNames names = context.config().topicNames();
    this.name = "sink-" + sink.type();
    this.sink = sink;
    this.subscription = EventsSubscription.of(context.config(), sink);
    this.clients = clients;
    this.settings = settings;
    this.handler = handler;
    this.replayTopic = names.of(Topics.replay(sink.name()).name());
    this.decoder = new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, context.registry()));
    this.audit =
        new Audit(
            sink.name(),
            names,
            context.identity(),
            AvroSerializer.from(
                context.config().kafka(), context.config().registry(), context.registry()),
            context.clock());
    this.parkedTopic = new ParkedTopic(names.of(Topics.parked(sink.name()).name()));
    this.metrics = new LaneMetrics(context.meters(), sink.name());
    this.clock = context.clock();
    this.thread = Thread.ofPlatform().name("sink-" + sink.name()).unstarted(this::run);
  }

  /** Begins to consume what the sink is granted. */
  public static LaneService start(
      ServiceContext context, SinkConfig sink, Handler handler, LaneSettings settings) {
    EventsSubscription subscription = EventsSubscription.of(context.config(), sink);
    return start(context, sink, handler, settings, Clients.of(context.config(), subscription));
  }

  static LaneService start(
      ServiceContext context,
      SinkConfig sink,
      Handler handler,
      LaneSettings settings,
      Clients clients) {
    LaneService service = new LaneService(context, sink, handler, settings, clients);
    service.thread.start();
    LOG.atInfo()
        .addKeyValue("sink", sink.name())
        .addKeyValue("topics", service.subscription.topics())
        .log("sink started");
    return service;
  }

  @Override
  public String name() {
    return name;
  }

  /** Whether events are read; also while the destination is left alone. */
  @Override
  public boolean ready() {
    LaneSession running = session;
    return running != null && running.ready();
  }

  @Override
  public boolean live() {
    return !dead;
  }

  /** Lets handlers that are at work answer for some seconds, commits and ends. */
  @Override
  public void close() {
    stop.countDown();
    synchronized (consumerLock) {
      if (current != null) {
        current.wakeup();
      }
    }
    try {
      if (!thread.join(STOP_PATIENCE)) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
      LOG.atError().addKeyValue("sink", sink.name()).setCause(e).log("sink ended by an error");
      throw e;
    }
  }

  private void session() throws InterruptedException {
    long since = System.nanoTime();
    try (Producer<byte[], byte[]> producer = clients.producers().get();
        Consumer<byte[], byte[]> consumer = open()) {
      LaneSession fresh =
          new LaneSession(
              consumer,
              producer,
              new Lanes<>(sink.name(), settings, clock, new Random()),
              decoder,
              handler,
              audit,
              parkedTopic,
              metrics,
              outage,
              clock);
      producer.initTransactions();
      try (Consumer<byte[], byte[]> reader = clients.readers().get()) {
        fresh.restore(reader);
      }
      session = fresh;
      fresh.run(topics());
    } catch (WakeupException e) {
      // Asked to stop while not polling; what was not committed will be read again.
    } catch (RuntimeException e) {
      metrics.failed(e);
      if (System.nanoTime() - since > TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS)) {
        pauseMillis = FIRST_PAUSE_MILLIS;
      }
      LOG.atWarn()
          .addKeyValue("sink", sink.name())
          .addKeyValue("error", e.getClass().getSimpleName())
          .addKeyValue("reason", e.getMessage())
          .addKeyValue("retryInMillis", pauseMillis)
          .log("sink session ended, starting again from what is committed");
      LOG.atDebug().setCause(e).log("sink session failure");
      boolean stopping = stop.await(pauseMillis, TimeUnit.MILLISECONDS);
      pauseMillis = stopping ? pauseMillis : Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    } finally {
      session = null;
      synchronized (consumerLock) {
        current = null;
      }
    }
  }

  private List<String> topics() {
    List<String> topics = new ArrayList<>(subscription.topics());
    topics.add(replayTopic);
    return topics;
  }

  private Consumer<byte[], byte[]> open() {
    Consumer<byte[], byte[]> consumer = clients.consumers().get();
    synchronized (consumerLock) {
      current = consumer;
      if (stop.getCount() == 0) {
        consumer.wakeup();
      }
    }
    return consumer;
  }
}
