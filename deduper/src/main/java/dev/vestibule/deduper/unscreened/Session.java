package dev.vestibule.deduper.unscreened;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.deduper.unscreened.Watch.Judged;
import dev.vestibule.events.Alert;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.service.ServiceContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch from one trouble to the next, as steps that somebody repeats. Begins with what the
 * topics tell and keeps nothing that they do not.
 */
final class Session implements ConsumerRebalanceListener {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration ASK_EVERY = Duration.ofSeconds(1);
  private static final Duration FORGET_EVERY = Duration.ofHours(1);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private final Set<String> sources;
  private final Instant startedAt;
  private final TopicNames names;
  private final IdentityKey identity;
  private final InstantSource clock;
  private final Metrics metrics;
  private final Serializer<SpecificRecord> serializer;
  private final Deserializer<VisitorEvent> events;
  private final Deserializer<Decision> decisions;
  private final Deserializer<Alert> alerts;
  private final Consumer<byte[], byte[]> entries;
  private final Consumer<byte[], byte[]> records;
  private final Producer<byte[], byte[]> producer;
  private final Watch watch = new Watch();

  /** What was last committed. */
  private final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();

  /** Where the leaders said that decisions and alerts end; empty when they were not asked. */
  private Map<TopicPartition, Long> ends = Map.of();

  private Instant askedAt = Instant.EPOCH;
  private Instant forgotAt;

  /**
   * @param sources names of those with a hook
   * @param startedAt when the first session of this process began
   * @param serializer of alerts
   * @param entries shares the events with other copies of this service
   * @param records reads decisions and alerts alone and whole
   */
  Session(
      ServiceContext context,
      Set<String> sources,
      Instant startedAt,
      Serializer<SpecificRecord> serializer,
      Metrics metrics,
      Consumer<byte[], byte[]> entries,
      Consumer<byte[], byte[]> records,
      Producer<byte[], byte[]> producer) {
    this.sources = sources;
    this.startedAt = startedAt;
    this.names = context.config().topicNames();
    this.identity = context.identity();
    this.clock = context.clock();
    this.metrics = metrics;
    this.serializer = serializer;
    this.events = new AvroDeserializer<>(VisitorEvent.class, context.registry());
    this.decisions = new AvroDeserializer<>(Decision.class, context.registry());
    this.alerts = new AvroDeserializer<>(Alert.class, context.registry());
    this.entries = entries;
    this.records = records;
    this.producer = producer;
    this.forgotAt = clock.instant();
  }

  /** Takes up the watch where it was left. */
  void begin() {
    remember();
    beginNow();
    entries.subscribe(List.of(names.of(Topics.EVENTS)), this);
  }

  /**
   * Reads on, and judges what can be judged. Takes a moment where there is nothing to read.
   *
   * @return whether something was judged
   */
  boolean step() {
    // One of the two waits for records, and only when the other has none.
    ConsumerRecords<byte[], byte[]> known = records.poll(ends.isEmpty() ? Duration.ZERO : POLL);
    known.forEach(this::recall);
    boolean quiet = ends.isEmpty() && known.isEmpty();
    entries.poll(quiet ? POLL : Duration.ZERO).forEach(this::notice);
    boolean complete = !ends.isEmpty() && isRead();
    if (complete) {
      ends = Map.of();
      judge(askedAt);
    }
    Instant now = clock.instant();
    Instant due = watch.nextDue();
    if (ends.isEmpty()
        && due != null
        && !due.isAfter(now)
        && !askedAt.plus(ASK_EVERY).isAfter(now)) {
      ask(now);
    }
    if (!forgotAt.plus(FORGET_EVERY).isAfter(now)) {
      watch.forget(now);
      forgotAt = now;
    }
    commit();
    metrics.waits(watch);
    return complete;
  }

  // ---- Decisions and alerts

  /** Reads again what was decided and raised within memory. */
  private void remember() {
    Set<TopicPartition> partitions = recordPartitions();
    records.assign(partitions);
    offsets(records, partitions, clock.instant().minus(Watch.REMEMBERED)).forEach(records::seek);
  }

  private Set<TopicPartition> recordPartitions() {
    return Stream.of(Topics.DECISIONS, Topics.ALERTS)
        .flatMap(topic -> partitions(records, names.of(topic)).stream())
        .collect(Collectors.toSet());
  }

  private void recall(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(names.of(Topics.ALERTS))) {
      Alert alert = read(alerts, record);
      if (alert != null && alert.getKind().equals(SignIn.KIND)) {
        watch.raised(alert.getAlertId(), alert.getRaisedAt());
      }
      return;
    }
    Decision decision = read(decisions, record);
    if (decision != null && decision.getPhase() == DecisionPhase.DECIDED) {
      watch.decided(decision.getSource(), decision.getVisitKey(), decision.getDecidedAt());
    }
  }

  /** Asks the leaders where decisions and alerts end at this moment. */
  private void ask(Instant now) {
    askedAt = now;
    try {
      Set<TopicPartition> partitions = recordPartitions();
      Set<TopicPartition> fresh = new HashSet<>(partitions);
      fresh.removeAll(records.assignment());
      if (!fresh.isEmpty()) {
        records.assign(partitions);
        records.seekToBeginning(fresh);
      }
      ends = records.endOffsets(partitions, ANSWER_WITHIN);
    } catch (TimeoutException e) {
      LOG.atWarn()
          .addKeyValue("waiting", watch.waiting())
          .log("Kafka does not say where decisions end; nothing can be judged");
    }
  }

  private boolean isRead() {
    return ends.entrySet().stream()
        .allMatch(end -> records.position(end.getKey()) >= end.getValue());
  }

  // ---- Sign-ins

  /**
   * The first watch of all begins with what comes in from now on. Later, partitions without a
   * position are new ones and are read from their beginning.
   */
  private void beginNow() {
    Set<TopicPartition> partitions = partitions(entries, names.of(Topics.EVENTS));
    if (entries.committed(partitions).values().stream().anyMatch(Objects::nonNull)) {
      return;
    }
    entries.assign(partitions);
    Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
    offsets(entries, partitions, startedAt)
        .forEach((partition, offset) -> positions.put(partition, new OffsetAndMetadata(offset)));
    try {
      entries.commitSync(positions);
      LOG.atInfo().addKeyValue("sources", sources).log("watch for unscreened entries begins");
    } catch (CommitFailedException e) {
      LOG.debug("another copy has begun to watch");
    }
    entries.unsubscribe();
  }

  private void notice(ConsumerRecord<byte[], byte[]> record) {
    String source = Headers.text(record.headers(), Headers.SOURCE);
    if (source != null && !sources.contains(source)) {
      return;
    }
    VisitorEvent event = read(events, record);
    if (event != null
        && event.getType() == EventType.SIGNED_IN
        && sources.contains(event.getSource())) {
      watch.signedIn(
          SignIn.of(event, identity, Instant.ofEpochMilli(record.timestamp())),
          new TopicPartition(record.topic(), record.partition()),
          record.offset());
    }
  }

  private void judge(Instant complete) {
    List<Judged> judged = watch.judge(complete);
    Instant now = clock.instant();
    Map<SignIn, Future<RecordMetadata>> sent = new HashMap<>();
    for (Judged one : judged) {
      if (one.finding() == Finding.UNSCREENED) {
        sent.put(one.signIn(), producer.send(record(one.signIn(), now)));
      }
    }
    sent.forEach((signIn, result) -> {
      await(result);
      watch.raised(signIn.alertId(), now);
      metrics.entries(signIn.source()).increment();
      LOG.atWarn()
          .addKeyValue("source", signIn.source())
          .addKeyValue("alertId", signIn.alertId())
          .addKeyValue("eventId", signIn.eventId())
          .addKeyValue("siteId", signIn.siteId())
          .log("a visitor signed in and nothing was decided about the visit");
    });
    judged.forEach(one -> metrics.judged(one.finding()).increment());
  }

  private ProducerRecord<byte[], byte[]> record(SignIn signIn, Instant now) {
    String topic = names.of(Topics.ALERTS);
    String key = signIn.visitKey() == null ? signIn.eventId() : signIn.visitKey();
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic,
            key.getBytes(StandardCharsets.UTF_8),
            serializer.serialize(topic, signIn.alert(now)));
    Headers.put(record.headers(), Headers.SOURCE, signIn.source());
    Headers.put(record.headers(), Headers.VENDOR, signIn.vendor());
    Headers.put(record.headers(), Headers.ACCOUNT, signIn.account());
    return record;
  }

  private void await(Future<RecordMetadata> result) {
    try {
      result.get();
    } catch (ExecutionException e) {
      throw new KafkaException("an alert was not written", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while an alert was written", e);
    }
  }

  // ---- Positions

  /**
   * Commits what was read, so that a topic that waits for its readers can grow, and beside it where
   * the first sign-in lies that was not judged yet: the next session begins there.
   */
  private void commit() {
    Map<TopicPartition, OffsetAndMetadata> moved = moved(entries.assignment());
    if (!moved.isEmpty()) {
      entries.commitAsync(
          moved,
          (offsets, error) -> {
            if (error != null) {
              LOG.atDebug().setCause(error).log("position not committed");
              offsets.keySet().forEach(committed::remove);
            }
          });
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> moved(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
    for (TopicPartition partition : partitions) {
      long position = entries.position(partition);
      long resume = watch.firstWaiting(partition).orElse(position);
      OffsetAndMetadata now = new OffsetAndMetadata(position, Long.toString(resume));
      if (!now.equals(committed.put(partition, now))) {
        moved.put(partition, now);
      }
    }
    return moved;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> known = entries.committed(Set.copyOf(partitions));
    known.forEach((partition, position) -> {
      if (position != null && position.metadata().matches("\\d{1,18}")) {
        entries.seek(partition, Math.min(position.offset(), Long.parseLong(position.metadata())));
      }
    });
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> moved = moved(partitions);
    if (!moved.isEmpty()) {
      entries.commitSync(moved);
    }
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    watch.giveUp(Set.copyOf(partitions));
    partitions.forEach(committed::remove);
  }

  // ---- Both

  /** Where records of a time or later begin. */
  private static Map<TopicPartition, Long> offsets(
      Consumer<byte[], byte[]> consumer, Set<TopicPartition> partitions, Instant since) {
    // The ends first: what is written in between must not be passed over.
    Map<TopicPartition, Long> offsets = new HashMap<>(consumer.endOffsets(partitions));
    consumer
        .offsetsForTimes(
            partitions.stream().collect(Collectors.toMap(one -> one, _ -> since.toEpochMilli())))
        .forEach((partition, first) -> {
          if (first != null) {
            offsets.put(partition, first.offset());
          }
        });
    return offsets;
  }

  private Set<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
    Set<TopicPartition> partitions =
        consumer.partitionsFor(topic, ANSWER_WITHIN).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .collect(Collectors.toSet());
    if (partitions.isEmpty()) {
      throw new KafkaException("topic " + topic + " does not exist");
    }
    return partitions;
  }

  /** Null when nobody can read it. */
  private <T> @Nullable T read(Deserializer<T> values, ConsumerRecord<byte[], byte[]> record) {
    try {
      T value = values.deserialize(record.topic(), record.value());
      if (value != null) {
        return value;
      }
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("partition", record.partition())
          .addKeyValue("offset", record.offset())
          .log("a record cannot be read and does not count");
    }
    metrics.unreadable().increment();
    return null;
  }
}
