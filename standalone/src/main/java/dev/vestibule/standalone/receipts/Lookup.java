package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.standalone.receipts.Facts.Copy;
import dev.vestibule.standalone.receipts.Facts.Dead;
import dev.vestibule.standalone.receipts.Facts.Outcome;
import dev.vestibule.standalone.receipts.Facts.Outcome.Duplicate;
import dev.vestibule.standalone.receipts.Facts.Outcome.Emitted;
import dev.vestibule.standalone.receipts.Facts.Progress;
import dev.vestibule.standalone.receipts.Facts.Raw;
import dev.vestibule.standalone.receipts.Trace.Letter;
import dev.vestibule.standalone.receipts.Trace.Searched;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the facts about one raw record. What came of it keeps its key and its time, so few
 * partitions have to be looked at, and those from that time on; all but a few bytes of headers is
 * passed over.
 *
 * <p>Positions of groups are read before what those groups write: who has passed a record has then
 * left what he made of it before the end of the search.
 */
final class Lookup {
  private static final String EXPIRED = "records of that time may have expired";

  /** Records of one search: far more than any lag that is worth asking about. */
  private static final long MOST = 200_000;

  /** What one raw record became lies close together. */
  private static final int AFTER_THE_FIRST = 1_000;

  private final Kafka kafka;
  private final Reports reports;
  private final byte @Nullable [] key;
  private final Raw raw;
  private final Instant start;

  private Lookup(
      Kafka kafka, Reports reports, InstantSource clock, ConsumerRecord<byte[], byte[]> record) {
    this.kafka = kafka;
    this.reports = reports;
    this.key = record.key();
    this.raw =
        new Raw(
            Place.of(record),
            Instant.ofEpochMilli(record.timestamp()),
            Headers.all(record.headers()));
    this.start = start(raw, clock.instant());
  }

  /**
   * @param reports read what the deduper and the normalizer reported
   * @param record of a raw topic
   */
  static Facts facts(
      Kafka kafka, Reports reports, InstantSource clock, ConsumerRecord<byte[], byte[]> record) {
    return new Lookup(kafka, reports, clock, record).facts();
  }

  /**
   * From when on to look. What comes of a record keeps its time, unless that lies in the future.
   */
  private static Instant start(Raw raw, Instant now) {
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

  private Facts facts() {
    kafka.stages().refresh();
    Progress normalizer = kafka.stages().normalizer(raw.place());
    List<ConsumerRecord<byte[], byte[]>> made = new ArrayList<>();
    List<Dead> dead = new ArrayList<>();
    Searched normalized = findNormalized(made);
    Searched judged = findDeadLetters(dead);
    List<ConsumerRecord<byte[], byte[]>> live = live(made);
    Outcomes outcomes = new Outcomes(kafka.topic(Topics.DUPLICATES), reports, live);
    judged = judged.plus(findOutcomes(live, outcomes));
    List<Copy> copies = copies(live, outcomes);
    boolean settled = !copies.isEmpty() || !dead.isEmpty();
    boolean explained = settled && copies.stream().allMatch(copy -> copy.outcome() != null);
    return new Facts(
        raw,
        normalizer,
        copies,
        dead,
        settled ? normalized.enough() : normalized,
        explained ? judged.enough() : judged);
  }

  private Searched read(
      Set<TopicPartition> partitions, Predicate<ConsumerRecord<byte[], byte[]>> wantsMore) {
    Map<TopicPartition, Range> ranges = kafka.cluster().since(start, partitions);
    Searched searched = kafka.log().read(ranges, MOST, wantsMore);
    return ranges.values().stream().anyMatch(Range::expired)
        ? searched.plus(Searched.cutShort(0, EXPIRED))
        : searched;
  }

  private boolean isOurs(ConsumerRecord<byte[], byte[]> record) {
    return raw.place().toString().equals(Headers.text(record.headers(), Headers.RAW));
  }

  // ---- What the normalizer made

  private Searched findNormalized(List<ConsumerRecord<byte[], byte[]>> made) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (Generation generation : kafka.stages().generations()) {
      partitions.addAll(kafka.cluster().partitions(generation.topic(kafka.names()), key));
    }
    int[] after = {0};
    return read(
        partitions,
        record -> {
          if (isOurs(record)) {
            made.add(record);
          }
          return made.isEmpty() || ++after[0] <= AFTER_THE_FIRST;
        });
  }

  private Searched findDeadLetters(List<Dead> dead) {
    return read(
        kafka.cluster().partitions(kafka.topic(Topics.DEAD_LETTERS)),
        record -> {
          String about = Headers.text(record.headers(), Headers.RAW);
          if (about == null || isOurs(record)) {
            Optional<DeadLetter> letter = reports.deadLetter(record);
            @Nullable Place origin = letter.map(DeadLetter::getOrigin).map(Place::of).orElse(null);
            // One that was too large for its topic has lost its headers.
            if (about != null || raw.place().equals(origin)) {
              dead.add(new Dead(letter(record, letter), origin));
            }
          }
          return true;
        });
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
    List<ConsumerRecord<byte[], byte[]>> own =
        made.stream().filter(record -> !isSeed(record)).toList();
    return made.stream()
        .filter(record -> !isSeed(record) || own.stream().noneMatch(o -> same(record, o)))
        .filter(record ->
            passed(record)
                || own.stream()
                    .noneMatch(o -> same(record, o) && generation(o) > generation(record)))
        .sorted(Comparator.comparingInt(this::generation).thenComparing(Place::of))
        .toList();
  }

  private static boolean isSeed(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(Headers.SEED) != null;
  }

  private static boolean same(
      ConsumerRecord<byte[], byte[]> record, ConsumerRecord<byte[], byte[]> other) {
    return Outcomes.transport(record).equals(Outcomes.transport(other));
  }

  private int generation(ConsumerRecord<byte[], byte[]> normalized) {
    return kafka.stages().generation(normalized.topic()).number();
  }

  private boolean passed(ConsumerRecord<byte[], byte[]> normalized) {
    Place place = Place.of(normalized);
    return kafka.stages().deduper(place).passed(place);
  }

  // ---- What the deduper made

  private Searched findOutcomes(List<ConsumerRecord<byte[], byte[]>> live, Outcomes outcomes) {
    Set<String> topics =
        live.stream()
            .map(record -> kafka.topic(Topics.events(sensitivity(record))))
            .collect(Collectors.toSet());
    topics.add(kafka.topic(Topics.DUPLICATES));
    Set<TopicPartition> expected = new HashSet<>();
    topics.forEach(topic -> expected.addAll(kafka.cluster().partitions(topic, key)));
    Searched searched = findOutcomes(expected, outcomes);
    if (outcomes.wanting().anyMatch(this::passed)) {
      // Before a topic grew, the key had another partition.
      Set<TopicPartition> others = new HashSet<>();
      topics.forEach(topic -> others.addAll(kafka.cluster().partitions(topic)));
      others.removeAll(expected);
      return searched.plus(findOutcomes(others, outcomes));
    }
    return searched;
  }

  private Searched findOutcomes(Set<TopicPartition> partitions, Outcomes outcomes) {
    if (outcomes.wanting().findAny().isEmpty()) {
      return Searched.all(0);
    }
    return read(
        partitions,
        record -> {
          if (isOurs(record)) {
            outcomes.add(record);
          }
          return outcomes.wanting().findAny().isPresent();
        });
  }

  private List<Copy> copies(List<ConsumerRecord<byte[], byte[]>> live, Outcomes outcomes) {
    Map<String, List<Place>> conflicts = live.isEmpty() ? Map.of() : conflicts();
    Set<String> seen = new HashSet<>();
    List<Copy> copies = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : live) {
      String id = Headers.text(record.headers(), Headers.CE_ID);
      ConsumerRecord<byte[], byte[]> found = outcomes.of(record);
      copies.add(
          new Copy(
              Place.of(record),
              id,
              type(record),
              !seen.add(Outcomes.transport(record)),
              kafka.stages().deduper(Place.of(record)),
              found == null ? null : outcome(found),
              conflicts.getOrDefault(String.valueOf(id), List.of())));
    }
    return copies;
  }

  private Outcome outcome(ConsumerRecord<byte[], byte[]> found) {
    Place place = Place.of(found);
    if (found.topic().equals(kafka.topic(Topics.DUPLICATES))) {
      Optional<Place> first =
          reports.duplicate(found).map(DuplicateReport::getFirst).map(Place::of);
      return new Duplicate(place, first.orElse(null), first.flatMap(this::receipt).orElse(null));
    }
    String verdict = Headers.text(found.headers(), Headers.VERDICT);
    return new Emitted(
        place,
        Arrays.stream(Verdict.values())
            .filter(known -> known.name().equals(verdict))
            .findFirst()
            .orElse(null),
        kafka.stages().sinks(place));
  }

  private Optional<String> receipt(Place normalized) {
    return Optional.of(normalized)
        .filter(kafka.cluster()::has)
        .flatMap(kafka.log()::read)
        .map(record -> Headers.text(record.headers(), Headers.RAW));
  }

  /** Reports about keys that were used twice, by event id; decides nothing. */
  private Map<String, List<Place>> conflicts() {
    Map<String, List<Place>> conflicts = new HashMap<>();
    read(
        kafka.cluster().partitions(kafka.topic(Topics.CONFLICTS)),
        record -> {
          if (isOurs(record)) {
            reports
                .conflict(record)
                .map(report -> String.valueOf(report.getEventId()))
                .ifPresent(event ->
                    conflicts.computeIfAbsent(event, _ -> new ArrayList<>()).add(Place.of(record)));
          }
          return true;
        });
    return conflicts;
  }

  // ---- Headers

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
}
