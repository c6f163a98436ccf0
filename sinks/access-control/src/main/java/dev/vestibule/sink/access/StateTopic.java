package dev.vestibule.sink.access;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.sink.StateLog;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/** States on the compacted topic {@code sink.<name>.access}, and in memory. */
final class StateTopic implements States, AutoCloseable {
  private static final String VISIT = "visit/";
  private static final String LOCKDOWNS = "lockdowns";

  private final StateFormat format;
  private final InstantSource clock;
  private final StateLog log;
  private final Map<String, Stored> visits = new ConcurrentHashMap<>();
  private volatile Lockdowns lockdowns = Lockdowns.NONE;

  /**
   * A state that is durable.
   *
   * @param at when it was written
   */
  private record Stored(VisitAccess state, Instant at) {}

  /**
   * Shuts out whoever held the states before, and reads them all.
   *
   * @throws KafkaException when the topic is missing or Kafka does not answer
   * @throws dev.vestibule.sink.UnreadableStateException for a state that this release does not
   *     understand
   */
  StateTopic(VestibuleConfig config, SinkConfig sink, StateFormat format, InstantSource clock) {
    this.format = format;
    this.clock = clock;
    this.log =
        StateLog.open(
            config,
            sink,
            "access",
            config.topicNames().of(Topics.access(sink.name()).name()),
            this::take);
  }

  private void take(String key, byte @Nullable [] value, Instant at) {
    if (key.equals(LOCKDOWNS)) {
      lockdowns = value == null ? Lockdowns.NONE : format.readLockdowns(value);
    } else if (key.startsWith(VISIT)) {
      String visit = key.substring(VISIT.length());
      if (value == null) {
        visits.remove(visit);
      } else {
        visits.put(visit, new Stored(format.read(value), at));
      }
    } else {
      throw new KafkaException("the states hold a key that is not ours: " + key);
    }
  }

  @Override
  public VisitAccess read(String visit) {
    Stored stored = visits.get(visit);
    return stored == null ? VisitAccess.NONE : stored.state();
  }

  @Override
  public Lockdowns lockdowns() {
    return lockdowns;
  }

  @Override
  public Set<String> visits() {
    return Set.copyOf(visits.keySet());
  }

  /** Visits that nothing was written about since then. */
  List<String> untouchedSince(Instant then) {
    return visits.entrySet().stream()
        .filter(visit -> visit.getValue().at().isBefore(then))
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public void write(String visit, VisitAccess state) {
    put(VISIT + visit, format.write(state));
    visits.put(visit, new Stored(state, clock.instant()));
  }

  @Override
  public void write(Lockdowns next) {
    put(LOCKDOWNS, format.write(next));
    lockdowns = next;
  }

  @Override
  public void forget(String visit) {
    put(VISIT + visit, null);
    visits.remove(visit);
  }

  /** Returns when it is durable. */
  private void put(String key, byte @Nullable [] value) {
    try {
      log.write(List.of(log.record(key, value))).join();
    } catch (CompletionException e) {
      throw new KafkaException("a state was not written", e.getCause());
    }
  }

  /** Why this cannot be used any more, or null while it can. */
  @Nullable KafkaException failure() {
    return log.failure();
  }

  /** Writes what is waiting, and ends. */
  @Override
  public void close() {
    log.close();
  }
}
