package dev.vestibule.deduper;

import dev.vestibule.contract.Generation;
import dev.vestibule.serde.AvroSerializer;
import dev.vestibule.service.Service;
import dev.vestibule.service.ServiceContext;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The deduper as a running service: one Kafka Streams application, exactly once. */
public final class DeduperApplication implements Service {
  /** The Streams application, before the installation's topic prefix. */
  public static final String APPLICATION_ID = "vestibule-deduper";

  private static final Logger log = LoggerFactory.getLogger(DeduperApplication.class);
  private static final String NAME = "deduper";
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final KafkaStreams streams;
  private final RocksMemory memory;
  private final Serializer<SpecificRecord> serializer;
  private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.STARTING);

  private DeduperApplication(
      KafkaStreams streams, RocksMemory memory, Serializer<SpecificRecord> serializer) {
    this.streams = streams;
    this.memory = memory;
    this.serializer = serializer;
  }

  /**
   * Starts the service; returns before it is ready.
   *
   * @throws IllegalStateException when the input topic is missing, or its partition count is not
   *     the one that the state was built with
   */
  public static DeduperApplication start(ServiceContext context) {
    DeduperSettings settings =
        DeduperSettings.of(context.config(), context.dataDir().resolve(NAME));
    PartitionCheck.check(settings.adminClient(), context.config().topicNames(), settings.id());

    Serializer<SpecificRecord> serializer =
        AvroSerializer.from(
            context.config().kafka(), context.config().registry(), context.registry());
    Topology topology =
        new DeduperTopology(
                Generation.FIRST,
                context.config().topicNames(),
                serializer,
                context.clock(),
                context.meters())
            .build();
    RocksMemory memory = RocksMemory.allocate();
    KafkaStreams streams = new KafkaStreams(
            topology, new StreamsConfig(settings.streams(memory)), new DeduperClients());
    DeduperApplication application = new DeduperApplication(streams, memory, serializer);
    streams.setStateListener((now, before) -> application.enter(now));
    streams.setUncaughtExceptionHandler(new ThreadFailures(context.clock()));
    streams.start();
    return application;
  }

  private void enter(KafkaStreams.State state) {
    if (state == KafkaStreams.State.RUNNING) {
      phase.compareAndSet(Phase.STARTING, Phase.SERVING);
    }
    log.atInfo().addKeyValue("state", state).log("Deduper changed state");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    return phase.get() == Phase.SERVING && streams.state().isRunningOrRebalancing();
  }

  @Override
  public boolean live() {
    return phase.get() == Phase.CLOSED
        || switch (streams.state()) {
          case CREATED, REBALANCING, RUNNING -> true;
          case PENDING_SHUTDOWN, NOT_RUNNING, PENDING_ERROR, ERROR -> false;
        };
  }

  @Override
  public void close() {
    if (phase.getAndSet(Phase.CLOSED) == Phase.CLOSED) {
      return;
    }
    boolean inTime = streams.close(CLOSE_WITHIN);
    if (inTime) {
      memory.close();
    } else {
      // Stores may still be open, and they use this memory; the process is about to end anyway.
      log.warn("Deduper did not stop in time");
    }
    serializer.close();
  }

  private enum Phase {
    STARTING,
    SERVING,
    CLOSED
  }
}
