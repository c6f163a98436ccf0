package dev.vestibule.deduper;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;

/**
 * The deduper's shape, as a value.
 *
 * <pre>
 * visitor.normalized → judge → outcomes → visitor.events*, duplicates, conflicts, dead letters
 *                        └──→ key uses, in batches by key → detect → conflicts
 * </pre>
 */
public final class DeduperTopology {
  private static final Serde<byte[]> BYTES = Serdes.ByteArray();

  /** The node below the judge that takes verdicts on their way out. */
  static final String SEND_OUTCOMES = "send-outcomes";

  /** The node below the judge that takes key uses. */
  private static final String SEND_KEY_USES = "key-use-bytes";

  /** Uses of keys meet in fewer places, so that batches are worth their while. */
  private static final int PARTITIONS_PER_MEETING = 4;

  private final Generation generation;
  private final int meetings;
  private final TopicNames topics;
  private final InstantSource clock;
  private final Reports reports;
  private final DeduperMetrics metrics;
  private final Runnable gate;

  /**
   * The same with nobody to ask.
   *
   * @param generation of the normalized records
   * @param partitions of the generation's topic
   * @param reportSerializer for duplicate reports, conflict reports and dead letters
   */
  public DeduperTopology(
      Generation generation,
      int partitions,
      TopicNames topics,
      Serializer<SpecificRecord> reportSerializer,
      InstantSource clock,
      MeterRegistry meters) {
    this(generation, partitions, () -> {}, topics, reportSerializer, clock, meters);
  }

  /**
   * @param generation of the normalized records
   * @param partitions of the generation's topic
   * @param gate asked by each task before its first record; throws when it must not run
   * @param reportSerializer for duplicate reports, conflict reports and dead letters
   */
  public DeduperTopology(
      Generation generation,
      int partitions,
      Runnable gate,
      TopicNames topics,
      Serializer<SpecificRecord> reportSerializer,
      InstantSource clock,
      MeterRegistry meters) {
    this.generation = generation;
    this.meetings = Math.max(1, partitions / PARTITIONS_PER_MEETING);
    this.gate = gate;
    this.topics = topics;
    this.clock = clock;
    this.reports = new Reports(topics, reportSerializer, clock);
    this.metrics = new DeduperMetrics(meters);
  }

  public Topology build() {
    StreamsBuilder builder = new StreamsBuilder(everyNameIsOurs());
    KStream<byte[], Outbound> judged = judge(normalized(builder));
    sendOutcomes(judged);
    sendConflicts(detect(keyUses(judged)));
    return builder.build();
  }

  private KStream<byte[], byte[]> normalized(StreamsBuilder builder) {
    return builder.stream(
        generation.topic(topics),
        Consumed.with(BYTES, BYTES)
            .withName("normalized")
            .withTimestampExtractor(new ArrivalTime(clock)));
  }

  private KStream<byte[], Outbound> judge(KStream<byte[], byte[]> normalized) {
    return normalized.process(
        new Supplier(
            () -> gated(new DedupeProcessor(generation, topics, reports, metrics)),
            DeduperStores.ofTheJudge(new KeyUseOutbox.Builder(SEND_KEY_USES, meetings))),
        Named.as("judge"));
  }

  private void sendOutcomes(KStream<byte[], Outbound> judged) {
    judged.to(new Outbound.Route(), Produced.with(BYTES, Outbound.serde()).withName(SEND_OUTCOMES));
  }

  private KStream<byte[], byte[]> keyUses(KStream<byte[], Outbound> judged) {
    return judged
        .mapValues(Outbound::value, Named.as(SEND_KEY_USES))
        .repartition(
            Repartitioned.with(BYTES, BYTES)
                .withName("key-uses")
                .withNumberOfPartitions(meetings)
                .withStreamPartitioner(DeduperTopology::partition));
  }

  private static Optional<Set<Integer>> partition(
      String topic, byte[] key, byte[] batch, int partitions) {
    return Optional.of(Set.of(KeyUseOutbox.partition(key)));
  }

  private KStream<byte[], Outbound> detect(KStream<byte[], byte[]> keyUses) {
    return keyUses.process(
        new Supplier(
            () -> gated(new KeyUseDetector(generation.topic(topics), reports, metrics)),
            DeduperStores.ofTheDetector()),
        Named.as("detect"));
  }

  private void sendConflicts(KStream<byte[], Outbound> conflicts) {
    conflicts.to(
        topics.of(Topics.CONFLICTS),
        Produced.with(BYTES, Outbound.serde()).withName("send-conflicts"));
  }

  private Processor<byte[], byte[], byte[], Outbound> gated(
      Processor<byte[], byte[], byte[], Outbound> processor) {
    return new Gated(gate, processor);
  }

  /** Without this the builder would let generated names slip into changelog topics. */
  private static TopologyConfig everyNameIsOurs() {
    return new TopologyConfig(
        new StreamsConfig(
            Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG, "vestibule-deduper",
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092",
                StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true)));
  }

  /** A processor that asks before it starts. */
  private record Gated(Runnable gate, Processor<byte[], byte[], byte[], Outbound> processor)
      implements Processor<byte[], byte[], byte[], Outbound> {
    @Override
    public void init(ProcessorContext<byte[], Outbound> context) {
      gate.run();
      processor.init(context);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      processor.process(record);
    }

    @Override
    public void close() {
      processor.close();
    }
  }

  /** A processor together with its stores. */
  private record Supplier(
      java.util.function.Supplier<Processor<byte[], byte[], byte[], Outbound>> processor,
      Set<StoreBuilder<?>> stores)
      implements ProcessorSupplier<byte[], byte[], byte[], Outbound> {
    @Override
    public Processor<byte[], byte[], byte[], Outbound> get() {
      return processor.get();
    }
  }
}
