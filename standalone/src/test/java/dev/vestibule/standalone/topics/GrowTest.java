package dev.vestibule.standalone.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vestibule.config.TopicsConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.WriterKind;
import dev.vestibule.standalone.Failure;
import dev.vestibule.standalone.broker.EmbeddedBroker;
import dev.vestibule.standalone.broker.TopicSetup;
import dev.vestibule.standalone.broker.TopicSetup.Scale;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Growing where nobody writes: what is copied how, what is refused, and what a crash leaves. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GrowTest {
  /** Brokers refuse records from the future and delete those of long ago. */
  private final Instant now = Instant.now().minus(Duration.ofHours(1));

  private EmbeddedBroker broker;
  private Cluster cluster;

  @BeforeAll
  void start(@TempDir Path folder) {
    broker = EmbeddedBroker.start(folder, 0);
    cluster = new Cluster(Map.of("bootstrap.servers", broker.bootstrap()));
  }

  @AfterAll
  void stop() {
    cluster.close();
    broker.close();
  }

  @Test
  void whatWasJudgedBecomesSeedsAndTheRestStaysAsItWas() {
    TopicNames names = installation("half.");
    produce(names, 400, now);
    commit(names, "half.vestibule-deduper", 50);

    grow(names, Topics.NORMALIZED, 12, _ -> {});

    assertCopied(names, 12, 50);
    assertThat(state(names).generation()).isEqualTo(new Generation(2));
    assertThat(state(names).growth()).isNull();
    assertThat(state(names).pauses()).isEmpty();
  }

  @Test
  void whatIsJudgedDuringTheCopyingIsSeededToo() {
    TopicNames names = installation("during.");
    produce(names, 400, now);
    commit(names, "during.vestibule-deduper", 50);

    grow(
        names,
        Topics.NORMALIZED,
        12,
        line -> {
          if (line.startsWith("3/6")) {
            commit(names, "during.vestibule-deduper", 70);
          }
        });

    assertCopied(names, 12, 70);
  }

  @Test
  void whereverTheCommandDiesTheNextOneGoesOnAndNothingIsThereTwice() {
    TopicNames names = installation("crash.");
    produce(names, 400, now);
    commit(names, "crash.vestibule-deduper", 50);
    for (String step : List.of("1/6", "2/6", "3/6", "4/6", "5/6", "6/6")) {
      die(names, Topics.NORMALIZED, step);
      assertThat(state(names).generation()).isEqualTo(Generation.FIRST);
      if (step.equals("3/6")) {
        // The deduper was not told to stop yet, so it went on.
        commit(names, "crash.vestibule-deduper", 70);
      }
    }

    grow(names, Topics.NORMALIZED, 12, _ -> {});

    assertThat(state(names).generation()).isEqualTo(new Generation(2));
    assertCopied(names, 12, 70);
  }

  @Test
  void aDeadGrowthCanBeTakenBackAndAnotherCountChosen() {
    TopicNames names = installation("cancel.");
    produce(names, 400, now);
    commit(names, "cancel.vestibule-deduper", 50);
    for (String step : List.of("2/6", "3/6", "4/6")) {
      die(names, Topics.NORMALIZED, step);

      cancel(names);

      assertThat(state(names).pauses()).as(step).isEmpty();
      assertThat(state(names).growth()).as(step).isNull();
      assertThat(cluster.partitions(new Generation(2).topic(names))).as(step).isEmpty();
      assertThat(cluster.committed("cancel.vestibule-grow-g2")).as(step).isEmpty();
    }
    grow(names, Topics.NORMALIZED, 8, _ -> {});

    assertCopied(names, 8, 50);
  }

  @Test
  void sendersAreLetGoWhenTheGrowthOfTheirTopicIsTakenBack() {
    TopicNames names = installation("let.");
    die(names, Vendor.ENVOY.rawTopic(), "2/4");
    assertThat(state(names).pauses()).containsOnlyKeys(WriterKind.INGRESS);

    cancel(names);

    assertThat(state(names).pauses()).isEmpty();
    assertThat(state(names).growth()).isNull();
    assertThatThrownBy(() -> cancel(names)).hasMessageStartingWith("nothing to take back");
  }

  @Test
  void onceLiveRecordsWereCarriedOverThereIsOnlyForward() {
    TopicNames names = installation("forward.");
    produce(names, 40, now);
    commit(names, "forward.vestibule-deduper", 5);
    die(names, Topics.NORMALIZED, "6/6");

    assertThatThrownBy(() -> cancel(names))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("topics grow forward.visitor.normalized --partitions 12");
    assertThat(state(names).pauses()).containsOnlyKeys(WriterKind.NORMALIZER, WriterKind.DEDUPER);
  }

  @Test
  void whatIsOlderThanTheDedupersMemoryIsLeftBehindUnlessItWasNeverJudged() {
    TopicNames names = installation("old.");
    produce(names, 40, now.minus(Grow.REMEMBERED).minus(Duration.ofHours(1)));
    produce(names, 40, now);
    commit(names, "old.vestibule-deduper", 5);

    grow(names, Topics.NORMALIZED, 8, _ -> {});

    List<ConsumerRecord<byte[], byte[]>> copies = read(new Generation(2).topic(names));
    List<ConsumerRecord<byte[], byte[]>> originals = read(Generation.FIRST.topic(names));
    long unjudged = originals.stream().filter(record -> record.offset() >= 5).count();
    assertThat(copies.stream().filter(GrowTest::isSeed)).isEmpty();
    assertThat(copies).hasSize((int) unjudged);
  }

  @Test
  void aGroupThatDoesNotComeToTheEndIsNamedAndTheWritersAreLetGo() {
    TopicNames names = installation("lag.");
    produce(names, Topics.EVENTS, 40, now);
    commit(names, Topics.EVENTS, "lag.somebody", 3);

    assertThatThrownBy(() -> grow(names, Topics.EVENTS, 12, _ -> {}))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("lag.somebody (")
        .hasMessageContaining("lag.visitor.events");
    assertThat(state(names).pauses()).isEmpty();
    assertThat(state(names).growth()).isNull();
    assertThat(cluster.partitions("lag.visitor.events")).hasValue(4);
  }

  @Test
  void aTopicWhoseReadersAreAtItsEndGrows() {
    TopicNames names = installation("read.");
    produce(names, Topics.EVENTS, 40, now);
    commit(names, Topics.EVENTS, "read.somebody", Long.MAX_VALUE);

    grow(names, Topics.EVENTS, 12, _ -> {});

    assertThat(cluster.partitions("read.visitor.events")).hasValue(12);
    assertThat(state(names).pauses()).isEmpty();
  }

  @Test
  void aRetentionBelowTheDedupersMemoryIsRefused() {
    TopicNames names = installation("short.", Map.of(Topics.NORMALIZED, Duration.ofDays(3)));

    assertThatThrownBy(() -> grow(names, Topics.NORMALIZED, 12, _ -> {}))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("keeps records for PT72H")
        .hasMessageContaining("raise retention.ms");
    assertThat(cluster.partitions("short.visitor.normalized.g2")).isEmpty();
  }

  /** Every record once, in the order of its key, marked according to what was judged. */
  private void assertCopied(TopicNames names, int partitions, long judged) {
    List<ConsumerRecord<byte[], byte[]>> originals = read(Generation.FIRST.topic(names));
    List<ConsumerRecord<byte[], byte[]>> copies = read(new Generation(2).topic(names));
    assertThat(copies).extracting(GrowTest::value).doesNotHaveDuplicates();
    assertThat(byKey(copies)).isEqualTo(byKey(originals));
    Map<String, Long> offsets = new HashMap<>();
    originals.forEach(record -> offsets.put(value(record), record.offset()));
    assertThat(copies)
        .allSatisfy(copy ->
            assertThat(isSeed(copy))
                .as(value(copy))
                .isEqualTo(offsets.getOrDefault(value(copy), -1L) < judged));
    assertThat(copies.stream().map(ConsumerRecord::partition).distinct()).hasSize(partitions);
  }

  private static Map<String, List<String>> byKey(List<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> byKey = new HashMap<>();
    records.forEach(record ->
        byKey
            .computeIfAbsent(
                new String(record.key(), StandardCharsets.UTF_8), _ -> new ArrayList<>())
            .add(value(record)));
    return byKey;
  }

  private static String value(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }

  private static boolean isSeed(ConsumerRecord<byte[], byte[]> record) {
    return Headers.text(record.headers(), Headers.SEED) != null;
  }

  private void die(TopicNames names, String topic, String step) {
    assertThatThrownBy(() ->
            grow(
                names,
                topic,
                12,
                line -> {
                  if (line.startsWith(step)) {
                    throw new Crash();
                  }
                }))
        .as(step)
        .isInstanceOf(Crash.class);
  }

  private void cancel(TopicNames names) {
    new Grow(cluster, names, Duration.ZERO, InstantSource.fixed(now), _ -> {}).cancel();
  }

  private void grow(
      TopicNames names, String topic, int count, java.util.function.Consumer<String> progress) {
    new Grow(cluster, names, Duration.ofSeconds(2), InstantSource.fixed(now), progress)
        .grow(GrowthRequest.of(topic, count, names));
  }

  private TopicNames installation(String prefix) {
    return installation(prefix, Map.of());
  }

  private TopicNames installation(String prefix, Map<String, Duration> retention) {
    new TopicSetup(new TopicsConfig(prefix, (short) 1, Map.of(), retention), Scale.EMBEDDED)
        .apply(cluster.admin());
    return new TopicNames(prefix);
  }

  private ControlState state(TopicNames names) {
    try (ControlReader reader = new ControlReader(cluster.kafka(), names)) {
      return reader.read();
    }
  }

  private void produce(TopicNames names, int count, Instant at) {
    produce(names, Topics.NORMALIZED, count, at);
  }

  private void produce(TopicNames names, String topic, int count, Instant at) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        var _ =
            producer.send(
                new ProducerRecord<>(
                    names.of(topic),
                    null,
                    at.toEpochMilli() + i,
                    ("visit-" + i % 50).getBytes(StandardCharsets.UTF_8),
                    (at + " " + i).getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  private void commit(TopicNames names, String group, long offset) {
    commit(names, Topics.NORMALIZED, group, offset);
  }

  /** As a reader does that has come so far, or to the end of a shorter partition. */
  private void commit(TopicNames names, String topic, String group, long offset) {
    try (Consumer<byte[], byte[]> consumer = cluster.consumer(group)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(names.of(topic)).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      consumer
          .endOffsets(partitions)
          .forEach((partition, end) ->
              offsets.put(partition, new OffsetAndMetadata(Math.min(end, offset))));
      consumer.assign(partitions);
      consumer.commitSync(offsets);
    }
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer = cluster.consumer("test-reader")) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  /** The end of the process, as far as the code can tell. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }
}
