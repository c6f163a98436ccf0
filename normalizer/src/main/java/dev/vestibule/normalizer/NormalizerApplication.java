package dev.vestibule.normalizer;

import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.TopicNames;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The normalizer as a running service: one stateless Kafka Streams application. */
public final class NormalizerApplication implements Service {
  /** The Streams application, before the installation's topic prefix. */
  public static final String APPLICATION_ID = "vestibule-normalizer";

  private static final Logger log = LoggerFactory.getLogger(NormalizerApplication.class);
  private static final String NAME = "normalizer";
  private static final Duration REGISTRY_PATIENCE = Duration.ofMinutes(2);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

  private final KafkaStreams streams;
  private final Serializer<SpecificRecord> serializer;
  private final ThreadReplacement failures;
  private final OutagePatience patience;
  private final AtomicBoolean closed = new AtomicBoolean();

  private NormalizerApplication(
      KafkaStreams streams,
      Serializer<SpecificRecord> serializer,
      ThreadReplacement failures,
      OutagePatience patience) {
    this.streams = streams;
    this.serializer = serializer;
    this.failures = failures;
    this.patience = patience;
  }

  /**
   * Starts the service; returns before it is ready.
   *
   * @throws dev.vestibule.config.ConfigException when a source's mapping cannot be understood
   */
  public static NormalizerApplication start(ServiceContext context) {
    TopicNames topics = context.config().topicNames();
    Normalizer normalizer =
        new Normalizer(
            context.identity(),
            context.credentialKey(),
            context.config().sources(),
            KeyScheme.OF_THIS_BUILD);
    Serializer<SpecificRecord> serializer =
        AvroSerializer.from(
            context.config().kafka(), context.config().registry(), context.registry());
    OutagePatience patience = new OutagePatience(REGISTRY_PATIENCE, context.meters());
    RecordWriter writer = new RecordWriter(topics, serializer, patience);
    Refusals refusals = new Refusals();
    NormalizerTopology topology =
        new NormalizerTopology(
            topics, normalizer, writer, refusals, context.clock(), context.meters());
    Map<String, Object> settings =
        NormalizerSettings.of(context.config(), context.dataDir().resolve(NAME), refusals);
    KafkaStreams streams = new KafkaStreams(topology.build(), new StreamsConfig(settings));
    ThreadReplacement failures = new ThreadReplacement(FIRST_PAUSE, context.clock());
    streams.setUncaughtExceptionHandler(failures);
    streams.setStateListener((now, before) -> entered(now));
    streams.start();
    return new NormalizerApplication(streams, serializer, failures, patience);
  }

  private static void entered(KafkaStreams.State state) {
    log.atInfo().addKeyValue("state", state).log("normalizer changed state");
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean ready() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  @Override
  public boolean live() {
    return closed.get() || !streams.state().hasCompletedShutdown();
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    failures.close();
    patience.close();
    // Without state there is nothing to come back to: the next start takes over at once.
    CloseOptions leaving =
        CloseOptions.timeout(CLOSE_WITHIN)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP);
    if (!streams.close(leaving)) {
      log.warn("normalizer did not stop in time; what is not committed is read again");
    }
    serializer.close();
  }
}
