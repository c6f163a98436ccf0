package dev.vestibule.deduper;

import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Generation;
import dev.vestibule.control.ControlFollower;
import dev.vestibule.control.Orders;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.deduper.unscreened.UnscreenedEntries;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deduper as a running service: one Kafka Streams application, exactly once. It works on the
 * current generation of its input, and stands still while that or its output grows. Where a source
 * has a hook, the watch for unscreened entries runs beside it.
 */
public final class DeduperApplication implements Service {
  /** The Streams application of the first generation, before the installation's topic prefix. */
  public static final String APPLICATION_ID = "vestibule-deduper";

  private static final Logger log = LoggerFactory.getLogger(DeduperApplication.class);
  private static final String NAME = "deduper";
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final Duration PAUSE_WITHIN = Duration.ofSeconds(20);
  private static final Duration ORDERS_WITHIN = Duration.ofSeconds(30);

  private final ServiceContext context;
  private final Serializer<SpecificRecord> serializer;
  private final ControlFollower follower;
  private final @Nullable UnscreenedEntries unscreened;
  private volatile @Nullable Run run;
  private volatile boolean paused;
  private volatile boolean closed;

  private DeduperApplication(ServiceContext context) {
    VestibuleConfig config = context.config();
    this.context = context;
    this.serializer = AvroSerializer.from(config.kafka(), config.registry(), context.registry());
    this.follower =
        new ControlFollower(config.kafka(), config.topicNames(), WriterKind.DEDUPER, this::obey);
    this.unscreened = UnscreenedEntries.of(context);
  }

  /**
   * Starts the service; returns before it is ready.
   *
   * @throws IllegalStateException when the input topic is missing, or its partition count is not
   *     the one that the state was built with
   */
  public static DeduperApplication start(ServiceContext context) {
    DeduperApplication application = new DeduperApplication(context);
    try {
      application.follower.start(ORDERS_WITHIN);
      if (application.unscreened != null) {
        application.unscreened.start();
      }
      return application;
    } catch (RuntimeException e) {
      application.serializer.close();
      throw e;
    }
  }

  /**
   * The Streams application of a generation, before the installation's topic prefix; also its
   * consumer group.
   */
  public static String applicationId(Generation generation) {
    return generation.application(APPLICATION_ID);
  }

  /** The topics that hold the state of an application, by its full id. */
  public static List<String> stateTopics(String applicationId) {
    return Arrays.stream(DedupeWindow.values())
        .map(window -> PartitionCheck.changelog(applicationId, window))
        .toList();
  }

  private void obey(Orders orders) {
    Run running = run;
    if (running != null) {
      if (running.generation.equals(orders.generation()) && orders.pause() == null) {
        return;
      }
      running.leave(PAUSE_WITHIN);
      run = null;
    }
    Pause pause = orders.pause();
    paused = pause != null;
    if (pause == null) {
      run = new Run(orders);
    } else {
      log.atInfo().addKeyValue("topic", pause.topic()).log("Deduper stands still while it grows");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    Run running = run;
    return !closed && running != null && running.ready();
  }

  @Override
  public boolean paused() {
    return paused;
  }

  @Override
  public boolean live() {
    Run running = run;
    return closed
        || ((running == null || running.live()) && (unscreened == null || unscreened.live()));
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    follower.close();
    if (unscreened != null) {
      unscreened.close();
    }
    Run running = run;
    if (running != null) {
      running.close();
    }
    serializer.close();
  }

  /** The application on one generation, from a start to a stop. */
  private final class Run {
    private final Generation generation;
    private final RocksMemory memory;
    private final KafkaStreams streams;
    private volatile boolean served;
    private volatile boolean leaving;

    Run(Orders orders) {
      this.generation = orders.generation();
      VestibuleConfig config = context.config();
      DeduperSettings settings =
          DeduperSettings.of(config, context.dataDir().resolve(NAME), generation);
      String input = generation.topic(config.topicNames());
      int partitions = PartitionCheck.check(settings.adminClient(), input, settings.id());
      Topology topology =
          new DeduperTopology(
                  generation,
                  partitions,
                  () -> confirm(orders),
                  config.topicNames(),
                  serializer,
                  context.clock(),
                  context.meters())
              .build();
      this.memory = RocksMemory.allocate(partitions);
      this.streams =
          new KafkaStreams(
              topology, new StreamsConfig(settings.streams(memory)), new DeduperClients());
      streams.setStateListener((now, before) -> enter(now));
      streams.setUncaughtExceptionHandler(new ThreadFailures(context.clock()));
      streams.start();
    }

    /** Asked once the group counts this process in, so that nobody can miss it. */
    private void confirm(Orders orders) {
      if (!follower.confirm(orders)) {
        throw new IllegalStateException("told to stand still before the first record");
      }
    }

    private void enter(KafkaStreams.State state) {
      served |= state == KafkaStreams.State.RUNNING;
      log.atInfo()
          .addKeyValue("state", state)
          .addKeyValue("generation", generation.number())
          .log("Deduper changed state");
    }

    boolean ready() {
      return served && streams.state().isRunningOrRebalancing();
    }

    boolean live() {
      return leaving
          || switch (streams.state()) {
            case CREATED, REBALANCING, RUNNING -> true;
            case PENDING_SHUTDOWN, NOT_RUNNING, PENDING_ERROR, ERROR -> false;
          };
    }

    /** Commits, and gives up the place in the group: this is how others know that it stopped. */
    void leave(Duration patience) {
      leaving = true;
      CloseOptions options =
          CloseOptions.timeout(patience)
              .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
      if (!streams.close(options)) {
        throw new IllegalStateException("the deduper did not stop in time");
      }
      memory.close();
    }

    void close() {
      if (streams.close(CLOSE_WITHIN)) {
        memory.close();
      } else {
        // Stores may still be open, and they use this memory; the process is about to end anyway.
        log.warn("Deduper did not stop in time");
      }
    }
  }
}
