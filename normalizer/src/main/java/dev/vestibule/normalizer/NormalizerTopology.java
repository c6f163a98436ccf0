package dev.vestibule.normalizer;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;

/**
 * The shape of the normalizer: every raw topic in, events and dead letters out. It has no state, so
 * copies scale with the partitions, and every record keeps its key.
 *
 * <p>Bytes in and bytes out: nothing can fail outside the one processor, which turns every failure
 * of a record into a dead letter and lets only outages through.
 */
public final class NormalizerTopology {
  static final String RAW = "raw";
  static final String NORMALIZE = "normalize";
  static final String EVENTS = "events";
  static final String DEAD_LETTERS = "dead-letters";

  private final TopicNames topics;
  private final String output;
  private final Runnable gate;
  private final Normalizer normalizer;
  private final RecordWriter writer;
  private final Refusals refusals;
  private final InstantSource clock;
  private final MeterRegistry meters;

  /**
   * @param generation of the normalized topic
   * @param gate asked by each task before its first record; throws when it must not run
   */
  NormalizerTopology(
      TopicNames topics,
      Generation generation,
      Runnable gate,
      Normalizer normalizer,
      RecordWriter writer,
      Refusals refusals,
      InstantSource clock,
      MeterRegistry meters) {
    this.topics = topics;
    this.output = generation.topic(topics);
    this.gate = gate;
    this.normalizer = normalizer;
    this.writer = writer;
    this.refusals = refusals;
    this.clock = clock;
    this.meters = meters;
  }

  /**
   * The topology by itself, for one who drives it without the service around it. Gives up at once
   * when the registry is out of reach.
   *
   * @param sources settings by source name
   */
  public static Topology of(
      TopicNames topics,
      IdentityKey identity,
      Map<String, SourceConfig> sources,
      Serializer<SpecificRecord> serializer,
      InstantSource clock,
      MeterRegistry meters) {
    Normalizer normalizer = new Normalizer(identity, null, sources, KeyScheme.OF_THIS_BUILD);
    RecordWriter writer =
        new RecordWriter(topics, serializer, new OutagePatience(Duration.ZERO, meters));
    return new NormalizerTopology(
            topics, Generation.FIRST, () -> {}, normalizer, writer, new Refusals(), clock, meters)
        .build();
  }

  Topology build() {
    ByteArrayDeserializer reader = new ByteArrayDeserializer();
    ByteArraySerializer bytes = new ByteArraySerializer();
    Topology topology = new Topology();
    topology.addSource(RAW, reader, reader, rawTopics());
    topology.addProcessor(NORMALIZE, this::processor, RAW);
    topology.addSink(EVENTS, output, bytes, bytes, NORMALIZE);
    topology.addSink(DEAD_LETTERS, topics.of(Topics.DEAD_LETTERS), bytes, bytes, NORMALIZE);
    return topology;
  }

  private NormalizeProcessor processor() {
    return new NormalizeProcessor(
        gate, normalizer, writer, refusals, clock, new NormalizerMetrics(meters));
  }

  private String[] rawTopics() {
    return Arrays.stream(Vendor.values())
        .map(vendor -> topics.of(vendor.rawTopic()))
        .toArray(String[]::new);
  }
}
