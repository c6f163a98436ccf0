package dev.vestibule.standalone.receipts;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlException;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.receipts.Answer.Found;
import dev.vestibule.standalone.receipts.Answer.Malformed;
import dev.vestibule.standalone.receipts.Answer.Unavailable;
import dev.vestibule.standalone.receipts.Trace.Searched;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Says where a delivery is, or every delivery of an event or a visit. Asks Kafka anew each time;
 * safe for several threads.
 */
public final class Tracer {
  private final Map<String, String> kafka;
  private final TopicNames names;
  private final Map<String, SourceConfig> sources;
  private final Collection<SinkGroup> sinks;
  private final Supplier<List<SpoolStatus>> spools;
  private final SchemaRegistry registry;
  private final InstantSource clock;
  private final Pattern normalized;

  /**
   * @param sinks those that are part of the installation
   * @param spools what the ingress in this process holds, if there is one; asked each time
   * @param registry where reports can be read with; without it they are told with less detail
   */
  public Tracer(
      VestibuleConfig config,
      Collection<SinkConfig> sinks,
      Supplier<List<SpoolStatus>> spools,
      SchemaRegistry registry,
      InstantSource clock) {
    this.kafka = Map.copyOf(config.kafka());
    this.names = config.topicNames();
    this.sources = config.sources();
    this.sinks = sinks.stream().map(sink -> SinkGroup.of(config, sink)).toList();
    this.spools = spools;
    this.registry = registry;
    this.clock = clock;
    this.normalized =
        Pattern.compile(Pattern.quote(Generation.FIRST.topic(names)) + "(\\.g[0-9]{1,6})?");
  }

  /**
   * The delivery of a receipt or a request id.
   *
   * @param patience for the whole answer
   */
  public Answer delivery(String id, Duration patience) {
    return Reference.toDelivery(id, names)
        .map(reference -> ask(reference, patience))
        .orElseGet(
            () -> new Malformed("'" + Reference.printable(id) + "' is not " + Reference.EXPECTED));
  }

  /**
   * The deliveries of a receipt, a request id, an event id or a visit; of many the newest.
   *
   * @param patience for the whole answer
   */
  public Answer anything(String id, Duration patience) {
    return id.isBlank()
        ? new Malformed("expected a receipt, a request id, an event id or a visit")
        : ask(Reference.toAnything(id, names), patience);
  }

  /**
   * How far each stage is behind.
   *
   * @param patience for the whole answer
   * @throws KafkaException when Kafka cannot be asked
   */
  public List<StageLag> stages(Duration patience) {
    return within(patience, seen -> seen.stages().lags());
  }

  private Answer ask(Reference reference, Duration patience) {
    List<SpoolStatus> held = spools.get();
    Optional<Answer> spooled = spooled(reference, held);
    if (spooled.isPresent()) {
      return spooled.get();
    }
    try {
      return within(
          patience,
          seen -> {
            Reports reports = new Reports(registry);
            return new RawSearch(
                    seen,
                    sources.values(),
                    held,
                    raw -> Judgement.of(Lookup.facts(seen, reports, clock, raw)))
                .answer(reference);
          });
    } catch (KafkaException e) {
      return new Unavailable(
          "Kafka cannot be asked right now: " + e.getClass().getSimpleName(), null);
    } catch (ControlException e) {
      return new Unavailable(String.valueOf(e.getMessage()), null);
    }
  }

  /** What still lies here is told without Kafka, which may be the one that is away. */
  private Optional<Answer> spooled(Reference reference, List<SpoolStatus> held) {
    if (!(reference instanceof Reference.Spooled spooled)) {
      return Optional.empty();
    }
    return held.stream()
        .filter(spool -> spool.source().equals(spooled.source()) && spool.holds(spooled.number()))
        .findFirst()
        .map(spool -> Trace.spooled(spooled.text(), spool, sources.get(spooled.source())))
        .<Answer>map(trace -> new Found(List.of(trace), Searched.all(0)));
  }

  /** Whatever clients of Kafka and of the registry do, there is an answer in time. */
  private <T> T within(Duration patience, Function<Kafka, T> question) {
    FutureTask<T> answer = new FutureTask<>(() -> asked(patience, question));
    Thread thread = Thread.ofVirtual().name("receipts").start(answer);
    try {
      return answer.get(patience.plusMillis(200).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw new org.apache.kafka.common.errors.TimeoutException("no answer in time");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      throw new IllegalStateException("a look-up failed", e);
    } catch (InterruptedException e) {
      thread.interrupt();
      throw new InterruptException(e);
    }
  }

  private <T> T asked(Duration patience, Function<Kafka, T> question) {
    // What was read in time is told, rather than thrown away for a last question.
    Deadline reading = Deadline.in(patience.multipliedBy(2).dividedBy(3));
    try (Cluster cluster = Cluster.open(kafka, this::isOurs, Deadline.in(patience), clock);
        Log log = new Log(kafka, reading)) {
      Stages stages = new Stages(cluster, control(cluster), names, sinks);
      return question.apply(new Kafka(cluster, log, stages, names));
    }
  }

  /** Which generation counts, where there is more than the first. */
  private ControlState control(Cluster cluster) {
    if (!cluster.topics().contains(names.of(Topics.CONTROL))) {
      return ControlState.ABSENT;
    }
    try (ControlReader reader = new ControlReader(kafka, names)) {
      return reader.read();
    }
  }

  private boolean isOurs(String topic) {
    return normalized.matcher(topic).matches()
        || Stream.concat(
                Stream.of(Vendor.values()).map(Vendor::rawTopic),
                Stream.of(
                    Topics.EVENTS,
                    Topics.EVENTS_RESTRICTED,
                    Topics.EVENTS_HEALTH,
                    Topics.DUPLICATES,
                    Topics.CONFLICTS,
                    Topics.DEAD_LETTERS,
                    Topics.CONTROL))
            .map(names::of)
            .anyMatch(topic::equals);
  }
}
