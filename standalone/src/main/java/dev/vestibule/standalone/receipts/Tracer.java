package dev.vestibule.standalone.receipts;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.ControlException;
import dev.vestibule.control.ControlReader;
import dev.vestibule.control.ControlState;
import dev.vestibule.serde.SchemaRegistry;
import dev.vestibule.standalone.receipts.Answer.Expired;
import dev.vestibule.standalone.receipts.Answer.Found;
import dev.vestibule.standalone.receipts.Answer.Malformed;
import dev.vestibule.standalone.receipts.Answer.Unavailable;
import dev.vestibule.standalone.receipts.Answer.Unknown;
import dev.vestibule.standalone.receipts.Log.Ending;
import dev.vestibule.standalone.receipts.Log.Range;
import dev.vestibule.standalone.receipts.Trace.Searched;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Says where a delivery is, or every delivery of an event or a visit. Asks Kafka anew each time;
 * safe for several threads.
 */
public final class Tracer {
  /** Ingress and broker may disagree about the time. */
  private static final Duration SKEW = Duration.ofMinutes(2);

  private static final long MOST = 500_000;
  private static final int MOST_DELIVERIES = 20;

  private final Map<String, String> kafka;
  private final TopicNames names;
  private final Collection<SourceConfig> sources;
  private final Collection<SinkGroup> sinks;
  private final SchemaRegistry registry;
  private final InstantSource clock;
  private final Pattern normalized;

  /**
   * @param sinks those that are part of the installation
   * @param registry where reports can be read with; without it they are told with less detail
   */
  public Tracer(
      VestibuleConfig config,
      Collection<SinkConfig> sinks,
      SchemaRegistry registry,
      InstantSource clock) {
    this.kafka = Map.copyOf(config.kafka());
    this.names = config.topicNames();
    this.sources = config.sources().values();
    this.sinks = sinks.stream().map(sink -> SinkGroup.of(config, sink)).toList();
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
        .orElseGet(() -> new Malformed("'" + printable(id) + "' is not " + Reference.EXPECTED));
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
    return within(patience, (_, lookup) -> lookup.stages(rawTopics()));
  }

  private Answer ask(Reference reference, Duration patience) {
    try {
      return within(patience, (log, lookup) -> answer(log, lookup, reference));
    } catch (KafkaException e) {
      return new Unavailable(
          "Kafka cannot be asked right now: " + e.getClass().getSimpleName(), null);
    } catch (ControlException e) {
      return new Unavailable(String.valueOf(e.getMessage()), null);
    }
  }

  /** Whatever clients of Kafka and of the registry do, there is an answer in time. */
  private <T> T within(Duration patience, BiFunction<Log, Lookup, T> question) {
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

  private <T> T asked(Duration patience, BiFunction<Log, Lookup, T> question) {
    try (Log log = Log.open(kafka, this::isOurs, patience, clock)) {
      Lookup lookup = new Lookup(log, control(log), names, sinks, new Reports(registry), clock);
      return question.apply(log, lookup);
    }
  }

  private Answer answer(Log log, Lookup lookup, Reference reference) {
    return switch (reference) {
      case Reference.Stored(Place place) -> stored(log, lookup, place);
      case Reference.Request request -> request(log, lookup, request);
      case Reference.Spooled spooled -> spooled(log, lookup, spooled);
      case Reference.Event(String id) -> event(log, lookup, id);
      case Reference.Visit(String id) -> visit(log, lookup, id);
    };
  }

  /** Which generation counts, where there is more than the first. */
  private ControlState control(Log log) {
    if (!log.topics().contains(names.of(Topics.CONTROL))) {
      return ControlState.ABSENT;
    }
    try (ControlReader reader = new ControlReader(kafka, names)) {
      return reader.read();
    }
  }

  private boolean isOurs(String topic) {
    return rawTopics().contains(topic)
        || normalized.matcher(topic).matches()
        || List.of(
                Topics.EVENTS,
                Topics.EVENTS_RESTRICTED,
                Topics.EVENTS_HEALTH,
                Topics.DUPLICATES,
                Topics.CONFLICTS,
                Topics.DEAD_LETTERS,
                Topics.CONTROL)
            .stream()
            .map(names::of)
            .anyMatch(topic::equals);
  }

  private List<String> rawTopics() {
    return Arrays.stream(Vendor.values()).map(vendor -> names.of(vendor.rawTopic())).toList();
  }

  // ---- One delivery

  private Answer stored(Log log, Lookup lookup, Place place) {
    Range there =
        log.partitions(place.topic()).contains(place.topicPartition())
            ? log.everything(Set.of(place.topicPartition())).get(place.topicPartition())
            : null;
    if (there == null || place.offset() >= there.to()) {
      return new Unknown(
          "there is no record " + place + (there == null ? "" : "; the next one is " + there.to()),
          new Searched(0, true, null));
    }
    if (place.offset() < there.from()) {
      return new Expired(
          "record "
              + place
              + " has been deleted by the topic's retention; the oldest one left is "
              + there.from());
    }
    return log.read(place)
        .<Answer>map(record -> found(lookup, record))
        .orElseGet(() -> new Unknown("there is no record " + place, new Searched(1, true, null)));
  }

  private static Found found(Lookup lookup, ConsumerRecord<byte[], byte[]> raw) {
    return new Found(List.of(Judgement.of(lookup.facts(raw))), new Searched(1, true, null));
  }

  private Answer request(Log log, Lookup lookup, Reference.Request request) {
    Set<TopicPartition> partitions = new HashSet<>();
    rawTopics().forEach(topic -> partitions.addAll(log.partitions(topic)));
    Map<TopicPartition, Range> ranges = log.since(request.time().minus(SKEW), partitions);
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    Ending ending =
        log.read(
            ranges,
            MOST,
            record -> {
              if (request
                  .id()
                  .toString()
                  .equals(Headers.text(record.headers(), Headers.REQUEST_ID))) {
                found.add(record);
              }
              return found.isEmpty();
            });
    if (!found.isEmpty()) {
      return found(lookup, found.getFirst());
    }
    return missing(
        "no delivery has the request id " + request.id(),
        new Searched(log.records(), ending == Ending.COMPLETE, cutShort(ending)),
        ranges);
  }

  /** What a spool held is found once Kafka has it. */
  private Answer spooled(Log log, Lookup lookup, Reference.Spooled spooled) {
    Set<TopicPartition> partitions = new HashSet<>();
    sources.stream()
        .filter(source -> source.name().equals(spooled.source()))
        .map(source -> names.of(source.vendor().rawTopic()))
        .forEach(topic -> partitions.addAll(log.partitions(topic)));
    Map<TopicPartition, Range> ranges = log.everything(partitions);
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
    Ending ending =
        log.readNewestFirst(
            ranges,
            MOST,
            record -> {
              if (spooled.text().equals(Headers.text(record.headers(), Headers.SPOOL_RECEIPT))) {
                found.add(record);
              }
              return found.isEmpty();
            },
            () -> !found.isEmpty());
    if (!found.isEmpty()) {
      return found(lookup, found.getFirst());
    }
    return missing(
        "Kafka has no delivery with the receipt "
            + spooled.text()
            + "; if it was given, it is still in the spool of its ingress",
        new Searched(log.records(), ending == Ending.COMPLETE, cutShort(ending)),
        ranges);
  }

  /** Nothing, or nothing yet; a search that was cut short never says that there is nothing. */
  private static Answer missing(String what, Searched searched, Map<TopicPartition, Range> ranges) {
    if (!searched.complete()) {
      return new Unavailable(
          what
              + " among "
              + searched.records()
              + " records, and there are more: "
              + searched.cutShort()
              + "; a receipt (topic-partition@offset) is found at once",
          searched);
    }
    boolean expired = ranges.values().stream().anyMatch(Range::expired);
    return new Unknown(
        what + (expired ? ", or its records have been deleted by retention" : ""), searched);
  }

  private static @Nullable String cutShort(Ending ending) {
    return ending == Ending.COMPLETE ? null : ending.reason();
  }

  // ---- Many

  private Answer event(Log log, Lookup lookup, String id) {
    Set<TopicPartition> partitions = new HashSet<>();
    lookup
        .generations()
        .forEach(generation -> partitions.addAll(log.partitions(generation.topic(names))));
    Map<TopicPartition, Range> ranges = log.everything(partitions);
    Set<Place> origins = new TreeSet<>();
    Ending ending =
        log.readNewestFirst(
            ranges,
            MOST,
            record -> {
              if (id.equals(Headers.text(record.headers(), Headers.CE_ID))) {
                Place.parse(Headers.text(record.headers(), Headers.RAW)).ifPresent(origins::add);
              }
              return true;
            },
            () -> !origins.isEmpty());
    if (origins.isEmpty()) {
      return missing(
          "no event has the id " + id,
          new Searched(log.records(), ending == Ending.COMPLETE, cutShort(ending)),
          ranges);
    }
    List<ConsumerRecord<byte[], byte[]>> raws = new ArrayList<>();
    origins.stream().limit(MOST_DELIVERIES).map(log::read).forEach(raw -> raw.ifPresent(raws::add));
    return raws.isEmpty()
        ? new Expired(
            "the raw record " + origins.iterator().next() + " has been deleted by retention")
        : many(log, lookup, raws, origins.size() > MOST_DELIVERIES ? Ending.TOO_MANY : ending);
  }

  private Answer visit(Log log, Lookup lookup, String id) {
    Set<TopicPartition> expected = new HashSet<>();
    Set<TopicPartition> others = new HashSet<>();
    Map<String, Predicate<String>> keys = new HashMap<>();
    for (Vendor vendor : Vendor.values()) {
      String topic = names.of(vendor.rawTopic());
      Set<String> exact = keys(vendor, id);
      keys.put(
          topic,
          vendor == Vendor.SIGN_IN_APP ? behindASite(id).or(exact::contains) : exact::contains);
      Set<TopicPartition> usual =
          vendor == Vendor.SIGN_IN_APP
              ? log.partitions(topic)
              : exact.stream()
                  .map(key -> log.partitions(topic, key.getBytes(StandardCharsets.UTF_8)))
                  .flatMap(Set::stream)
                  .collect(Collectors.toSet());
      expected.addAll(usual);
      others.addAll(log.partitions(topic));
    }
    others.removeAll(expected);
    List<ConsumerRecord<byte[], byte[]>> raws = new ArrayList<>();
    Predicate<ConsumerRecord<byte[], byte[]>> collect =
        record -> {
          String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
          if (keys.getOrDefault(record.topic(), _ -> false).test(key)) {
            raws.add(record);
          }
          return true;
        };
    BooleanSupplier enough = () -> raws.size() >= MOST_DELIVERIES;
    Map<TopicPartition, Range> ranges = new HashMap<>(log.everything(expected));
    Ending ending = log.readNewestFirst(ranges, MOST, collect, enough);
    if (raws.isEmpty() && ending == Ending.COMPLETE) {
      // Before a topic grew, the key had another partition.
      Map<TopicPartition, Range> rest = log.everything(others);
      ending = log.readNewestFirst(rest, MOST, collect, enough);
      ranges.putAll(rest);
    }
    if (raws.isEmpty()) {
      return missing(
          "no delivery is about the visit '" + printable(id) + "'",
          new Searched(log.records(), ending == Ending.COMPLETE, cutShort(ending)),
          ranges);
    }
    return many(log, lookup, raws, raws.size() > MOST_DELIVERIES ? Ending.TOO_MANY : ending);
  }

  /** Ordering keys of a visit, named with or without its account. */
  private Set<String> keys(Vendor vendor, String id) {
    Set<String> keys = new HashSet<>(Set.of(id));
    accounts(vendor).forEach(account -> keys.add(account + ":" + id));
    return keys;
  }

  /** Sign In App's keys name the site before the visitor. */
  private Predicate<String> behindASite(String id) {
    return key ->
        key.endsWith(":" + id)
            && accounts(Vendor.SIGN_IN_APP).stream()
                .anyMatch(account -> key.startsWith(account + ":"));
  }

  private Set<String> accounts(Vendor vendor) {
    return sources.stream()
        .filter(source -> source.vendor() == vendor)
        .map(SourceConfig::account)
        .collect(Collectors.toSet());
  }

  private Answer many(
      Log log, Lookup lookup, List<ConsumerRecord<byte[], byte[]>> raws, Ending ending) {
    Searched searched = new Searched(log.records(), ending == Ending.COMPLETE, cutShort(ending));
    List<Trace> traces =
        raws.stream()
            .sorted(
                Comparator.<ConsumerRecord<byte[], byte[]>>comparingLong(ConsumerRecord::timestamp)
                    .reversed())
            .limit(MOST_DELIVERIES)
            .map(lookup::facts)
            .map(Judgement::of)
            .toList();
    return new Found(traces.reversed(), searched);
  }

  private static String printable(String id) {
    String start = id.length() <= 120 ? id : id.substring(0, 120) + "…";
    return start.replaceAll("[^\\p{Graph}\\p{L}\\p{N} ]", "?");
  }
}
