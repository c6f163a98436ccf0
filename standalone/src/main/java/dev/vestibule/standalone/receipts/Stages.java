package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.standalone.receipts.Facts.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** How far the consumer groups behind the raw topics have read. */
final class Stages {
  private static final String NORMALIZER = "normalizer";
  private static final String DEDUPER = "deduper";

  private final Cluster cluster;
  private final ControlState control;
  private final TopicNames names;
  private final Collection<SinkGroup> sinks;
  private final List<Generation> generations = new ArrayList<>();
  private final Map<String, Integer> members;
  private final Map<String, Map<TopicPartition, Long>> positions = new HashMap<>();
  private final Map<TopicPartition, Range> ranges = new HashMap<>();

  Stages(Cluster cluster, ControlState control, TopicNames names, Collection<SinkGroup> sinks) {
    this.cluster = cluster;
    this.control = control;
    this.names = names;
    this.sinks = sinks;
    for (Generation generation = Generation.FIRST;
        generation.number() <= control.generation().number();
        generation = generation.next()) {
      if (cluster.topics().contains(generation.topic(names))) {
        generations.add(generation);
      }
    }
    Set<String> groups = new HashSet<>(Set.of(normalizerGroup()));
    generations.forEach(generation -> groups.add(deduperGroup(generation)));
    sinks.forEach(sink -> groups.add(sink.group()));
    this.members = cluster.members(groups);
  }

  /** The generations of the normalized topic that are there, the current one last. */
  List<Generation> generations() {
    return generations;
  }

  /** The generation of a normalized topic. */
  Generation generation(String topic) {
    return generations.stream()
        .filter(generation -> generation.topic(names).equals(topic))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Forgets what was read, and reads anew where the normalizer and the dedupers are. Where sinks
   * are is read when it is asked for.
   */
  void refresh() {
    positions.clear();
    ranges.clear();
    positions.put(normalizerGroup(), cluster.committed(normalizerGroup()));
    for (Generation generation : generations) {
      positions.put(deduperGroup(generation), cluster.committed(deduperGroup(generation)));
    }
  }

  Progress normalizer(Place raw) {
    return progress(NORMALIZER, normalizerGroup(), raw.topicPartition(), WriterKind.NORMALIZER);
  }

  Progress deduper(Place normalized) {
    return progress(
        DEDUPER,
        deduperGroup(generation(normalized.topic())),
        normalized.topicPartition(),
        WriterKind.DEDUPER);
  }

  /** Those that may see an event. */
  List<Progress> sinks(Place event) {
    return sinks.stream()
        .filter(sink -> sink.topics().contains(event.topic()))
        .map(sink -> progress(sink.name(), sink.group(), event.topicPartition(), null))
        .toList();
  }

  /** Every stage with all that it reads, in the order of the path. */
  List<StageLag> lags() {
    List<String> raw =
        Arrays.stream(Vendor.values()).map(vendor -> names.of(vendor.rawTopic())).toList();
    Generation current = control.generation();
    List<StageLag> lags = new ArrayList<>();
    lags.add(lag(NORMALIZER, normalizerGroup(), raw, WriterKind.NORMALIZER));
    lags.add(
        lag(DEDUPER, deduperGroup(current), List.of(current.topic(names)), WriterKind.DEDUPER));
    sinks.forEach(sink -> lags.add(lag(sink.name(), sink.group(), sink.topics(), null)));
    return lags;
  }

  private StageLag lag(
      String name, String group, Collection<String> topics, @Nullable WriterKind kind) {
    Set<TopicPartition> partitions = new HashSet<>();
    topics.forEach(topic -> partitions.addAll(cluster.partitions(topic)));
    ranges.putAll(cluster.everything(partitions));
    long lag =
        partitions.stream()
            .mapToLong(partition -> progress(name, group, partition, kind).lag())
            .sum();
    return new StageLag(name, group, lag, members.getOrDefault(group, -1), pausedFor(kind));
  }

  private Progress progress(
      String name, String group, TopicPartition partition, @Nullable WriterKind kind) {
    Map<TopicPartition, Long> committed = positions.computeIfAbsent(group, cluster::committed);
    Range range = ranges.computeIfAbsent(partition, cluster::everything);
    return new Progress(
        name,
        group,
        Math.max(range.from(), committed.getOrDefault(partition, 0L)),
        range.to(),
        members.getOrDefault(group, -1),
        pausedFor(kind));
  }

  private @Nullable String pausedFor(@Nullable WriterKind kind) {
    @Nullable Pause pause = kind == null ? null : control.pauses().get(kind);
    return pause == null ? null : pause.topic();
  }

  private String normalizerGroup() {
    return names.of(NormalizerApplication.APPLICATION_ID);
  }

  private String deduperGroup(Generation generation) {
    return names.of(DeduperApplication.applicationId(generation));
  }
}
