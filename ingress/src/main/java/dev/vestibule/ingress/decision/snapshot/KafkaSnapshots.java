package dev.vestibule.ingress.decision.snapshot;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.ingress.decision.Answers;
import dev.vestibule.ingress.decision.Snapshot;
import dev.vestibule.ingress.decision.Snapshots;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Snapshots of {@code visitor.policies} and {@code visitor.watchlist}, and what other ingresses
 * answered, kept up to date by a thread for each topic. Before the topics have been read there are
 * neither policies nor entries, {@link #caughtUp} is false and the snapshot's freshness is {@link
 * Instant#EPOCH}; while Kafka is away the last snapshot stays, and grows old.
 */
public final class KafkaSnapshots implements Snapshots {
  /** How much later than it was made a decision may have been written. */
  private static final Duration WRITTEN_LATE = Duration.ofMinutes(1);

  private static final String PREFIX = "vestibule.ingress.snapshot.";

  private final TopicFollower<PolicySet> policies;
  private final TopicFollower<Watchlist> watchlist;
  private final TopicFollower<Answers> recent;
  private volatile Snapshot current;

  private KafkaSnapshots(
      Map<String, ?> kafka,
      TopicNames names,
      Normal normal,
      Answers answers,
      Deserializer<Decision> decisions,
      InstantSource clock) {
    Watchlist nobody = Watchlist.empty(normal);
    this.current = new Snapshot(PolicySet.EMPTY, nobody, -1, -1, Instant.EPOCH);
    this.policies =
        new TopicFollower<>(
            names.of(Topics.POLICIES),
            CompactedTopic.consumer(kafka),
            new Policies(),
            PolicySet.EMPTY,
            clock,
            null,
            TopicFollower.ASK_EVERY,
            this::swap);
    this.watchlist =
        new TopicFollower<>(
            names.of(Topics.WATCHLIST),
            CompactedTopic.consumer(kafka),
            new Entries(normal),
            nobody,
            clock,
            null,
            TopicFollower.ASK_EVERY,
            this::swap);
    String topic = names.of(Topics.DECISIONS);
    this.recent =
        new TopicFollower<>(
            topic,
            CompactedTopic.consumer(kafka),
            new Recent(topic, decisions, answers, clock),
            answers,
            clock,
            Answers.KEPT.plus(WRITTEN_LATE),
            TopicFollower.ASK_EVERY,
            this::swap);
  }

  /**
   * Starts to read, without waiting for Kafka.
   *
   * @param kafka the installation's client settings
   * @param answers learns what was answered
   * @param decisions reads the records of decisions
   * @throws org.apache.kafka.common.KafkaException when Kafka's client refuses the settings
   */
  public static KafkaSnapshots start(
      Map<String, ?> kafka,
      TopicNames names,
      Normal normal,
      Answers answers,
      Deserializer<Decision> decisions,
      InstantSource clock,
      MeterRegistry meters) {
    KafkaSnapshots snapshots = new KafkaSnapshots(kafka, names, normal, answers, decisions, clock);
    watch(meters, clock, Topics.POLICIES, snapshots.policies);
    watch(meters, clock, Topics.WATCHLIST, snapshots.watchlist);
    watch(meters, clock, Topics.DECISIONS, snapshots.recent);
    snapshots.policies.start();
    snapshots.watchlist.start();
    snapshots.recent.start();
    return snapshots;
  }

  @Override
  public Snapshot current() {
    return current;
  }

  private synchronized void swap() {
    Reading<PolicySet> rules = policies.reading();
    Reading<Watchlist> entries = watchlist.reading();
    Instant freshAt =
        Stream.of(rules, entries, recent.reading())
            .map(Reading::freshAt)
            .min(Comparator.naturalOrder())
            .orElse(Instant.EPOCH);
    current =
        new Snapshot(rules.value(), entries.value(), rules.offset(), entries.offset(), freshAt);
  }

  private static void watch(
      MeterRegistry meters, InstantSource clock, String topic, TopicFollower<?> follower) {
    Instant start = clock.instant();
    gauge(
        meters,
        topic,
        follower,
        "age",
        "Seconds since the snapshot was last known to hold all there is; until then since the"
            + " start",
        reading -> {
          Instant since = reading.complete() ? reading.freshAt() : start;
          return Math.max(0, Duration.between(since, clock.instant()).toMillis() / 1000.0);
        });
    gauge(
        meters,
        topic,
        follower,
        "offset",
        "Offset of the newest record in the snapshot; -1 when there is none",
        Reading::offset);
    gauge(
        meters,
        topic,
        follower,
        "records",
        "Policies or entries in the snapshot",
        Reading::records);
    gauge(
        meters,
        topic,
        follower,
        "malformed",
        "Ids whose newest record cannot be understood",
        Reading::malformed);
  }

  private static void gauge(
      MeterRegistry meters,
      String topic,
      TopicFollower<?> follower,
      String name,
      String description,
      ToDoubleFunction<Reading<?>> value) {
    Gauge.builder(PREFIX + name, follower, followed -> value.applyAsDouble(followed.reading()))
        .description(description)
        .tag("topic", topic)
        .register(meters);
  }

  @Override
  public void close() {
    policies.close();
    watchlist.close();
    recent.close();
  }
}
