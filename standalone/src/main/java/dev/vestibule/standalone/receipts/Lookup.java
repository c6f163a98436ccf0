package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.deduper.DeduperApplication;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.normalizer.NormalizerApplication;
import dev.vestibule.standalone.receipts.Facts.Copy;
import dev.vestibule.standalone.receipts.Facts.Dead;
import dev.vestibule.standalone.receipts.Facts.Outcome;
import dev.vestibule.standalone.receipts.Facts.Outcome.Duplicate;
import dev.vestibule.standalone.receipts.Facts.Outcome.Emitted;
import dev.vestibule.standalone.receipts.Facts.Progress;
import dev.vestibule.standalone.receipts.Facts.Raw;
import dev.vestibule.standalone.receipts.Log.Ending;
import dev.vestibule.standalone.receipts.Log.Range;
import dev.vestibule.standalone.receipts.Trace.Letter;
import dev.vestibule.standalone.receipts.Trace.Searched;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the facts about one delivery. Records of one raw record keep its key and its time, so few
 * partitions have to be looked at, and those from that time on; all but a few bytes of their
 * headers is passed over.
 *
 * <p>Positions of groups are read before what those groups write: who has passed a record has then
 * left what he made of it before the end of the search.
 */
final class Lookup {
  /** Records of one search: far more than any lag that is worth asking about. */
  private static final long MOST = 200_000;

  /** What one raw record became lies close together. */
  private static final int AFTER_THE_FIRST = 1_000;

  private final Log log;
  private final ControlState control;
  private final TopicNames names;
  private final Collection<SinkGroup> sinks;
  private final Reports reports;
  private final InstantSource clock;
  private final Map<String, Integer> members;
  private final Map<String, Map<TopicPartition, Long>> positions = new HashMap<>();
  private final Map<TopicPartition, Range> ranges = new HashMap<>();

  Lookup(
      Log log,
      ControlState control,
      TopicNames names,
      Collection<SinkGroup> sinks,
      Reports reports,
      InstantSource clock) {
    this.log = log;
    this.control = control;
    this.names = names;
    this.sinks = sinks;
    this.reports = reports;
    this.clock = clock;
    Set<String> groups = new HashSet<>();
    groups.add(normalizerGroup());
    generations().forEach(generation -> groups.add(deduperGroup(generation)));
    sinks.forEach(sink -> groups.add(sink.group()));
    this.members = log.members(groups);
  }

  /** The generations of the normalized topic that are there, the current one last. */
  List<Generation> generations() {
    List<Generation> there = new ArrayList<>();
    for (Generation generation = Generation.FIRST;
        generation.number() <= control.generation().number();
        generation = generation.next()) {
      if (log.topics().contains(generation.topic(names))) {
        there.add(generation);
      }
    }
    return there;
  }

  /** Every stage, in the order of the path. */
  List<StageLag> stages(Collection<String> rawTopics) {
    List<StageLag> stages = new ArrayList<>();
    stages.add(stage("normalizer", normalizerGroup(), rawTopics, WriterKind.NORMALIZER));
    Generation current = control.generation();
    stages.add(
        stage("deduper", deduperGroup(current), List.of(current.topic(names)), WriterKind.DEDUPER));
    sinks.forEach(sink -> stages.add(stage(sink.name(), sink.group(), sink.topics(), null)));
    return stages;
  }

  private StageLag stage(
      String name, String group, Collection<String> topics, @Nullable WriterKind kind) {
    Set<TopicPartition> partitions = new HashSet<>();
    topics.forEach(topic -> partitions.addAll(log.partitions(topic)));
    ranges.putAll(log.everything(partitions));
    long lag =
        partitions.stream()
            .mapToLong(partition -> progress(name, group, partition, kind).lag())
            .sum();
    return new StageLag(name, group, lag, members.getOrDefault(group, -1), pausedFor(kind));
  }

  /** Follows a raw record. */
  Facts facts(ConsumerRecord<byte[], byte[]> record) {
    positions.clear();
    ranges.clear();
    Raw raw =
        new Raw(
            Place.of(record),
            Instant.ofEpochMilli(record.timestamp()),
            Headers.all(record.headers()));
    remember(normalizerGroup());
    generations().forEach(generation -> remember(deduperGroup(generation)));
    Progress normalizer =
        progress(
            "normalizer", normalizerGroup(), raw.place().topicPartition(), WriterKind.NORMALIZER);
    Instant start = start(raw);

    Search normalized = new Search();
    List<ConsumerRecord<byte[], byte[]>> made = normalized(record.key(), raw, start, normalized);
    Search letters = new Search();
    List<Dead> dead = deadLetters(raw, start, letters);
    boolean settled = !made.isEmpty() || !dead.isEmpty();
    Searched first = settled ? normalized.plus(letters).done() : normalized.plus(letters).told();

    Search judged = new Search();
    List<Copy> copies = judged(record.key(), raw, start, live(made), judged);
    boolean explained = copies.stream().allMatch(copy -> copy.outcome() != null);
    return new Facts(
        raw, normalizer, copies, dead, first, explained ? judged.done() : judged.told(letters));
  }

  /**
   * From when on to look. What comes of a record keeps its time, unless that lies in the future.
   */
  private Instant start(Raw raw) {
    Instant now = clock.instant();
    if (!raw.storedAt().isAfter(now)) {
      return raw.storedAt();
    }
    try {
      Instant received = Instant.parse(String.valueOf(raw.headers().get(Headers.RECEIVED_AT)));
      return received.isBefore(now) ? received : Instant.EPOCH;
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  // ---- What the normalizer made

  private List<ConsumerRecord<byte[], byte[]>> normalized(
      byte @Nullable [] key, Raw raw, Instant start, Search search) {
    Set<TopicPartition> partitions = new HashSet<>();
    generations()
        .forEach(generation -> partitions.addAll(log.partitions(generation.topic(names), key)));
    List<ConsumerRecord<byte[], byte[]>> made = new ArrayList<>();
    int[] after = {0};
    search.read(
        log.since(start, partitions),
        record -> {
          if (isOf(raw, record)) {
            made.add(record);
          }
          return made.isEmpty() || ++after[0] <= AFTER_THE_FIRST;
        });
    return made;
  }

  private List<Dead> deadLetters(Raw raw, Instant start, Search search) {
    List<Dead> dead = new ArrayList<>();
    search.read(
        log.since(start, log.partitions(names.of(Topics.DEAD_LETTERS))),
        record -> {
          String about = Headers.text(record.headers(), Headers.RAW);
          if (about == null || about.equals(raw.place().toString())) {
            Optional<DeadLetter> letter = reports.deadLetter(record);
            @Nullable Place origin =
                letter.map(DeadLetter::getOrigin).map(Lookup::place).orElse(null);
            // One that was too large for its topic has lost its headers.
            if (about != null || raw.place().equals(origin)) {
              dead.add(new Dead(letter(record, letter), origin));
            }
          }
          return true;
        });
    return dead;
  }

  private static Letter letter(ConsumerRecord<byte[], byte[]> record, Optional<DeadLetter> letter) {
    return new Letter(
        letter.map(DeadLetter::getStage).orElse(null),
        letter.map(DeadLetter::getReason).orElse(null),
        letter.map(DeadLetter::getField).orElse(null),
        letter.map(DeadLetter::getExpected).orElse(null),
        letter.map(DeadLetter::getDeadAt).map(Instant::toString).orElse(null),
        Place.of(record).toString());
  }

  /**
   * Without what a growth has left: seeds of a newer generation, and in the older one what was
   * carried over before it was judged.
   */
  private List<ConsumerRecord<byte[], byte[]>> live(List<ConsumerRecord<byte[], byte[]>> made) {
    List<ConsumerRecord<byte[], byte[]>> live = new ArrayList<>(made);
    live.removeIf(record ->
        isSeed(record) && made.stream().anyMatch(other -> !isSeed(other) && same(record, other)));
    live.removeIf(record ->
        !deduper(record).passed(Place.of(record))
            && made.stream()
                .anyMatch(other ->
                    !isSeed(other)
                        && same(record, other)
                        && generation(other).number() > generation(record).number()));
    live.sort(
        Comparator.<ConsumerRecord<byte[], byte[]>>comparingInt(
                record -> generation(record).number())
            .thenComparing(Place::of));
    return live;
  }

  private static boolean isSeed(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(Headers.SEED) != null;
  }

  private static boolean same(
      ConsumerRecord<byte[], byte[]> record, ConsumerRecord<byte[], byte[]> other) {
    return transport(record).equals(transport(other));
  }

  private Generation generation(ConsumerRecord<byte[], byte[]> normalized) {
    return generations().stream()
        .filter(generation -> generation.topic(names).equals(normalized.topic()))
        .findFirst()
        .orElseThrow();
  }

  private Progress deduper(ConsumerRecord<byte[], byte[]> normalized) {
    return progress(
        "deduper",
        deduperGroup(generation(normalized)),
        Place.of(normalized).topicPartition(),
        WriterKind.DEDUPER);
  }

  // ---- What the deduper made

  private List<Copy> judged(
      byte @Nullable [] key,
      Raw raw,
      Instant start,
      List<ConsumerRecord<byte[], byte[]>> made,
      Search search) {
    if (made.isEmpty()) {
      return List.of();
    }
    Set<String> topics =
        made.stream()
            .map(record -> names.of(Topics.events(sensitivity(record))))
            .collect(Collectors.toSet());
    topics.add(names.of(Topics.DUPLICATES));
    Outcomes outcomes = new Outcomes(made);
    Set<TopicPartition> expected = new HashSet<>();
    topics.forEach(topic -> expected.addAll(log.partitions(topic, key)));
    search.read(log.since(start, expected), record -> outcomes.add(raw, record));
    if (outcomes.wanting().anyMatch(record -> deduper(record).passed(Place.of(record)))) {
      // Before a topic grew, the key had another partition.
      Set<TopicPartition> others = new HashSet<>();
      topics.forEach(topic -> others.addAll(log.partitions(topic)));
      others.removeAll(expected);
      search.read(log.since(start, others), record -> outcomes.add(raw, record));
    }
    Map<String, List<Place>> conflicts = conflicts(raw, start);
    Set<String> seen = new HashSet<>();
    List<Copy> copies = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : made) {
      String id = Headers.text(record.headers(), Headers.CE_ID);
      copies.add(
          new Copy(
              Place.of(record),
              id,
              type(record),
              !seen.add(transport(record)),
              deduper(record),
              outcomes.of(record).map(this::outcome).orElse(null),
              conflicts.getOrDefault(String.valueOf(id), List.of())));
    }
    return copies;
  }

  private Outcome outcome(ConsumerRecord<byte[], byte[]> found) {
    Place place = Place.of(found);
    if (found.topic().equals(names.of(Topics.DUPLICATES))) {
      Optional<Place> first =
          reports.duplicate(found).map(DuplicateReport::getFirst).map(Lookup::place);
      return new Duplicate(
          place,
          first.orElse(null),
          first
              .flatMap(log::read)
              .map(record -> Headers.text(record.headers(), Headers.RAW))
              .orElse(null));
    }
    String verdict = Headers.text(found.headers(), Headers.VERDICT);
    List<Progress> granted =
        sinks.stream()
            .filter(sink -> sink.topics().contains(found.topic()))
            .map(sink -> progress(sink.name(), sink.group(), place.topicPartition(), null))
            .toList();
    return new Emitted(
        place,
        Arrays.stream(Verdict.values())
            .filter(known -> known.name().equals(verdict))
            .findFirst()
            .orElse(null),
        granted);
  }

  /** Reports about keys that were used twice, by event id; decides nothing. */
  private Map<String, List<Place>> conflicts(Raw raw, Instant start) {
    Map<String, List<Place>> conflicts = new HashMap<>();
    new Search()
        .read(
            log.since(start, log.partitions(names.of(Topics.CONFLICTS))),
            record -> {
              if (isOf(raw, record)) {
                reports
                    .conflict(record)
                    .ifPresent(report ->
                        conflicts
                            .computeIfAbsent(
                                String.valueOf(report.getEventId()), _ -> new ArrayList<>())
                            .add(Place.of(record)));
              }
              return true;
            });
    return conflicts;
  }

  /** Records of the deduper, each with the normalized record that it is about. */
  private final class Outcomes {
    private final Map<ConsumerRecord<byte[], byte[]>, @Nullable ConsumerRecord<byte[], byte[]>>
        found = new LinkedHashMap<>();

    Outcomes(List<ConsumerRecord<byte[], byte[]>> made) {
      made.forEach(record -> found.put(record, null));
    }

    /** Takes it when it is one of ours; whether one is still wanting. */
    boolean add(Raw raw, ConsumerRecord<byte[], byte[]> record) {
      if (isOf(raw, record)) {
        origin(record).ifPresent(origin -> found.put(origin, record));
      }
      return wanting().findAny().isPresent();
    }

    private Optional<ConsumerRecord<byte[], byte[]>> origin(
        ConsumerRecord<byte[], byte[]> outcome) {
      if (!outcome.topic().equals(names.of(Topics.DUPLICATES))) {
        return wanting().filter(record -> same(record, outcome)).findFirst();
      }
      @Nullable Place copy =
          reports.duplicate(outcome).map(DuplicateReport::getCopy).map(Lookup::place).orElse(null);
      return wanting().filter(record -> copy == null || Place.of(record).equals(copy)).findFirst();
    }

    /** Of each event the first record, where nothing was found about any. */
    Stream<ConsumerRecord<byte[], byte[]>> wanting() {
      Set<String> settled =
          found.entrySet().stream()
              .filter(entry -> entry.getValue() != null)
              .map(entry -> transport(entry.getKey()))
              .collect(Collectors.toSet());
      return found.keySet().stream().filter(record -> !settled.contains(transport(record)));
    }

    Optional<ConsumerRecord<byte[], byte[]>> of(ConsumerRecord<byte[], byte[]> record) {
      return Optional.ofNullable(found.get(record));
    }
  }

  // ---- Groups

  private String normalizerGroup() {
    return names.of(NormalizerApplication.APPLICATION_ID);
  }

  private String deduperGroup(Generation generation) {
    return names.of(DeduperApplication.applicationId(generation));
  }

  private void remember(String group) {
    positions.put(group, log.committed(group));
  }

  private Progress progress(
      String name, String group, TopicPartition partition, @Nullable WriterKind kind) {
    Map<TopicPartition, Long> committed = positions.computeIfAbsent(group, log::committed);
    Range range =
        ranges.computeIfAbsent(
            partition,
            _ -> Objects.requireNonNull(log.everything(Set.of(partition)).get(partition)));
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

  // ---- Records

  private static boolean isOf(Raw raw, ConsumerRecord<byte[], byte[]> record) {
    return raw.place().toString().equals(Headers.text(record.headers(), Headers.RAW));
  }

  /** What tells the events of one raw record apart. */
  private static String transport(ConsumerRecord<byte[], byte[]> record) {
    return String.valueOf(Headers.text(record.headers(), Headers.KEY_TRANSPORT));
  }

  private static @Nullable String type(ConsumerRecord<byte[], byte[]> record) {
    String type = Headers.text(record.headers(), Headers.CE_TYPE);
    return type == null ? null : type.substring(type.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
  }

  /** As the deduper takes it: the most protected class when the record names none. */
  private static Sensitivity sensitivity(ConsumerRecord<byte[], byte[]> record) {
    String text = Headers.text(record.headers(), Headers.SENSITIVITY);
    return Arrays.stream(Sensitivity.values())
        .filter(sensitivity -> sensitivity.name().equals(text))
        .findFirst()
        .orElse(Sensitivity.HEALTH);
  }

  private static Place place(Position position) {
    return new Place(position.getTopic(), position.getPartition(), position.getOffset());
  }

  /** One look through some partitions, and how it ended. */
  private final class Search {
    private final List<String> reasons = new ArrayList<>();
    private long records;

    void read(
        Map<TopicPartition, Range> ranges, Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
      long before = log.records();
      Ending ending = log.read(ranges, MOST, wantsMore);
      records += log.records() - before;
      if (ending != Ending.COMPLETE) {
        reasons.add(ending.reason());
      }
      if (ranges.values().stream().anyMatch(Range::expired)) {
        reasons.add("records of that time may have expired");
      }
    }

    Search plus(Search other) {
      Search sum = new Search();
      sum.records = records + other.records;
      sum.reasons.addAll(reasons);
      sum.reasons.addAll(other.reasons);
      return sum;
    }

    Searched done() {
      return new Searched(records, true, null);
    }

    /** As it went, given that another search had to come to its end, too. */
    Searched told(Search... others) {
      List<String> all = new ArrayList<>(reasons);
      for (Search other : others) {
        all.addAll(other.reasons);
      }
      return new Searched(
          records,
          all.isEmpty(),
          all.isEmpty() ? null : String.join("; ", new LinkedHashSet<>(all)));
    }
  }
}
