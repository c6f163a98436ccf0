package dev.vestibule.normalizer;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.control.ControlFollower;
import dev.vestibule.control.Orders;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The normalizer as a running service: one stateless Kafka Streams application. It writes to the
 * current generation of the normalized topic, and stands still while the next one takes over.
 */
public final class NormalizerApplication implements Service {
  /** The Streams application, before the installation's topic prefix. */
  public static final String APPLICATION_ID = "vestibule-normalizer";

  private static final Logger log = LoggerFactory.getLogger(NormalizerApplication.class);
  private static final String NAME = "normalizer";
  private static final Duration REGISTRY_PATIENCE = Duration.ofMinutes(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final Duration PAUSE_WITHIN = Duration.ofSeconds(20);
  private static final Duration ORDERS_WITHIN = Duration.ofSeconds(30);

  private final ServiceContext context;
  private final Normalizer normalizer;
  private final Serializer<SpecificRecord> serializer;
  private final ControlFollower follower;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Run run;
  private volatile boolean paused;

  private NormalizerApplication(ServiceContext context) {
    VestibuleConfig config = context.config();
    this.context = context;
    this.normalizer =
        new Normalizer(
            context.identity(), context.credentialKey(), config.sources(), KeyScheme.OF_THIS_BUILD);
    this.serializer = AvroSerializer.from(config.kafka(), config.registry(), context.registry());
    this.follower =
        new ControlFollower(config.kafka(), config.topicNames(), WriterKind.NORMALIZER, this::obey);
  }

  /**
   * Starts the service; returns before it is ready.
   *
   * @throws dev.vestibule.config.ConfigException when a source's mapping cannot be understood
   * @throws IllegalStateException when Kafka is silent
   */
  public static NormalizerApplication start(ServiceContext context) {
    NormalizerApplication application = new NormalizerApplication(context);
    try {
      application.follower.start(ORDERS_WITHIN);
      return application;
    } catch (RuntimeException e) {
      application.serializer.close();
      throw e;
    }
  }

  private void obey(Orders orders) {
    Run running = run;
    if (running != null) {
      if (running.generation.equals(orders.generation()) && orders.pause() == null) {
        return;
      }
      if (!running.leave(PAUSE_WITHIN)) {
        throw new IllegalStateException("the normalizer did not stop in time");
      }
      run = null;
    }
    Pause pause = orders.pause();
    paused = pause != null;
    if (pause == null) {
      run = new Run(orders);
    } else {
      log.atInfo()
          .addKeyValue("topic", pause.topic())
          .log("normalizer stands still while it grows");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    Run running = run;
    return running != null && running.streams.state() == KafkaStreams.State.RUNNING;
  }

  @Override
  public boolean paused() {
    return paused;
  }

  @Override
  public boolean live() {
    Run running = run;
    return closed.get() || running == null || running.live();
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    follower.close();
    Run running = run;
    // Without state there is nothing to come back to: the next start takes over at once.
    if (running != null && !running.leave(CLOSE_WITHIN)) {
      log.warn("normalizer did not stop in time; what is not committed is read again");
    }
    serializer.close();
  }

  /** The application with one generation as its output, from a start to a stop. */
  private final class Run {
    private final Generation generation;
    private final OutagePatience patience;
    private final ThreadReplacement failures;
    private final KafkaStreams streams;
    private volatile boolean leaving;

    Run(Orders orders) {
      this.generation = orders.generation();
      this.patience = new OutagePatience(REGISTRY_PATIENCE, context.meters());
      this.failures = new ThreadReplacement(FIRST_PAUSE, context.clock());
      TopicNames topics = context.config().topicNames();
      Refusals refusals = new Refusals();
      NormalizerTopology topology =
          new NormalizerTopology(
              topics,
              generation,
              () -> confirm(orders),
              normalizer,
              new RecordWriter(topics, serializer, patience),
              refusals,
              context.clock(),
              context.meters());
      Map<String, Object> settings =
          NormalizerSettings.of(context.config(), context.dataDir().resolve(NAME), refusals);
      this.streams = new KafkaStreams(topology.build(), new StreamsConfig(settings));
      streams.setUncaughtExceptionHandler(failures);
      streams.setStateListener((now, before) -> entered(now));
      streams.start();
    }

    /** Asked once the group counts this process in, so that nobody can miss it. */
    private void confirm(Orders orders) {
      if (!follower.confirm(orders)) {
        throw new IllegalStateException("told to stand still before the first record");
      }
    }

    private void entered(KafkaStreams.State state) {
      log.atInfo()
          .addKeyValue("state", state)
          .addKeyValue("generation", generation.number())
          .log("normalizer changed state");
    }

    boolean live() {
      return leaving || !streams.state().hasCompletedShutdown();
    }

    /** Commits, and gives up the place in the group: this is how others know that it stopped. */
    boolean leave(Duration within) {
      leaving = true;
      failures.close();
      patience.close();
      return streams.close(
          CloseOptions.timeout(within)
              .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    }
  }
}
