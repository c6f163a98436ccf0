package dev.vestibule.standalone.receipts;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Vendor;
import dev.vestibule.ingress.spool.SpoolStatus;
import dev.vestibule.standalone.receipts.Answer.Expired;
import dev.vestibule.standalone.receipts.Answer.Found;
import dev.vestibule.standalone.receipts.Answer.Unavailable;
import dev.vestibule.standalone.receipts.Answer.Unknown;
import dev.vestibule.standalone.receipts.Trace.Searched;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Finds the raw records that somebody asks about, or says why it cannot. */
final class RawSearch {
  /** Ingress and broker may disagree about the time. */
  private static final Duration SKEW = Duration.ofMinutes(2);

  private static final long MOST = 500_000;
  private static final int MOST_DELIVERIES = 20;

  private final Kafka kafka;
  private final Collection<SourceConfig> sources;
  private final List<SpoolStatus> spools;
  private final Function<ConsumerRecord<byte[], byte[]>, Trace> trace;

  /**
   * @param spools what is accepted and not in Kafka
   * @param trace says what became of a raw record
   */
  RawSearch(
      Kafka kafka,
      Collection<SourceConfig> sources,
      List<SpoolStatus> spools,
      Function<ConsumerRecord<byte[], byte[]>, Trace> trace) {
    this.kafka = kafka;
    this.sources = sources;
    this.spools = spools;
    this.trace = trace;
  }

  Answer answer(Reference reference) {
    return switch (reference) {
      case Reference.Stored(Place place) -> stored(place);
      case Reference.Request request -> request(request);
      case Reference.Spooled spooled -> spooled(spooled);
      case Reference.Event(String id) -> event(id);
      case Reference.Visit(String id) -> visit(id);
    };
  }

  private Answer stored(Place place) {
    if (!kafka.cluster().has(place)) {
      return new Unknown("there is no record " + place, Searched.all(0));
    }
    Range there = kafka.cluster().everything(place.topicPartition());
    if (place.offset() >= there.to()) {
      return new Unknown(
          "there is no record " + place + "; the next one is " + there.to(), Searched.all(0));
    }
    if (place.offset() < there.from()) {
      return new Expired(
          "record "
              + place
              + " has been deleted by the topic's retention; the oldest one left is "
              + there.from());
    }
    return kafka
        .log()
        .read(place)
        .<Answer>map(this::found)
        .orElseGet(() -> new Unknown("there is no record " + place, Searched.all(1)));
  }

  private Found found(ConsumerRecord<byte[], byte[]> raw) {
    return new Found(List.of(trace.apply(raw)), Searched.all(1));
  }

  private Answer request(Reference.Request request) {
    Map<TopicPartition, Range> ranges =
        kafka.cluster().since(request.time().minus(SKEW), partitions(Stream.of(Vendor.values())));
    First first = new First(Headers.REQUEST_ID, request.id().toString());
    Searched searched = kafka.log().read(ranges, MOST, first);
    return first.found.isEmpty()
        ? missingOrSpooled("no delivery has the request id " + request.id(), searched, ranges)
        : found(first.found.getFirst());
  }

  /** What a spool held is found once Kafka has it. */
  private Answer spooled(Reference.Spooled spooled) {
    Map<TopicPartition, Range> ranges =
        kafka
            .cluster()
            .everything(
                partitions(
                    sources.stream()
                        .filter(source -> source.name().equals(spooled.source()))
                        .map(SourceConfig::vendor)));
    First first = new First(Headers.SPOOL_RECEIPT, spooled.text());
    Searched searched =
        kafka.log().readNewestFirst(ranges, MOST, first, () -> !first.found.isEmpty());
    boolean ours = spools.stream().anyMatch(held -> held.source().equals(spooled.source()));
    return first.found.isEmpty()
        ? missing(
            "Kafka has no delivery with the receipt "
                + spooled.text()
                + (ours ? "" : "; if it was given, it is still in the spool of its ingress"),
            searched,
            ranges)
        : found(first.found.getFirst());
  }

  private Set<TopicPartition> partitions(Stream<Vendor> vendors) {
    return vendors
        .flatMap(vendor -> kafka.cluster().partitions(kafka.topic(vendor.rawTopic())).stream())
        .collect(Collectors.toSet());
  }

  /** Takes the first record with that header. */
  private static final class First implements Predicate<ConsumerRecord<byte[], byte[]>> {
    private final String header;
    private final String text;
    private final List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();

    First(String header, String text) {
      this.header = header;
      this.text = text;
    }

    @Override
    public boolean test(ConsumerRecord<byte[], byte[]> record) {
      if (text.equals(Headers.text(record.headers(), header))) {
        found.add(record);
      }
      return found.isEmpty();
    }
  }

  private Answer event(String id) {
    Set<TopicPartition> partitions = new HashSet<>();
    kafka
        .stages()
        .generations()
        .forEach(generation ->
            partitions.addAll(kafka.cluster().partitions(generation.topic(kafka.names()))));
    Map<TopicPartition, Range> ranges = kafka.cluster().everything(partitions);
    Set<Place> origins = new TreeSet<>();
    Searched searched =
        kafka
            .log()
            .readNewestFirst(
                ranges,
                MOST,
                record -> {
                  if (id.equals(Headers.text(record.headers(), Headers.CE_ID))) {
                    Place.parse(Headers.text(record.headers(), Headers.RAW))
                        .filter(kafka.cluster()::has)
                        .ifPresent(origins::add);
                  }
                  return true;
                },
                () -> !origins.isEmpty());
    if (origins.isEmpty()) {
      return missingOrSpooled("no event has the id " + id, searched, ranges);
    }
    List<ConsumerRecord<byte[], byte[]>> raws =
        origins.stream()
            .limit(MOST_DELIVERIES + 1)
            .map(kafka.log()::read)
            .flatMap(Optional::stream)
            .toList();
    return raws.isEmpty()
        ? new Expired(
            "the raw record " + origins.iterator().next() + " has been deleted by retention")
        : newest(raws, searched);
  }

  private Answer visit(String id) {
    Map<String, Predicate<String>> keys = new HashMap<>();
    Set<TopicPartition> expected = new HashSet<>();
    for (Vendor vendor : Vendor.values()) {
      String topic = kafka.topic(vendor.rawTopic());
      Set<String> exact = keys(vendor, id);
      if (vendor == Vendor.SIGN_IN_APP) {
        keys.put(topic, behindASite(id).or(exact::contains));
        expected.addAll(kafka.cluster().partitions(topic));
      } else {
        keys.put(topic, exact::contains);
        exact.forEach(key ->
            expected.addAll(
                kafka.cluster().partitions(topic, key.getBytes(StandardCharsets.UTF_8))));
      }
    }
    List<ConsumerRecord<byte[], byte[]>> raws = new ArrayList<>();
    Map<TopicPartition, Range> ranges = new HashMap<>(kafka.cluster().everything(expected));
    Searched searched = visit(keys, ranges, raws);
    if (raws.isEmpty() && searched.complete()) {
      // Before a topic grew, the key had another partition.
      Set<TopicPartition> others = partitions(Stream.of(Vendor.values()));
      others.removeAll(expected);
      Map<TopicPartition, Range> rest = kafka.cluster().everything(others);
      searched = searched.plus(visit(keys, rest, raws));
      ranges.putAll(rest);
    }
    return raws.isEmpty()
        ? missingOrSpooled(
            "no delivery is about the visit '" + Reference.printable(id) + "'", searched, ranges)
        : newest(raws, searched);
  }

  private Searched visit(
      Map<String, Predicate<String>> keys,
      Map<TopicPartition, Range> ranges,
      List<ConsumerRecord<byte[], byte[]>> raws) {
    return kafka
        .log()
        .readNewestFirst(
            ranges,
            MOST,
            record -> {
              byte[] key = record.key() == null ? new byte[0] : record.key();
              if (keys.getOrDefault(record.topic(), _ -> false)
                  .test(new String(key, StandardCharsets.UTF_8))) {
                raws.add(record);
              }
              return true;
            },
            () -> raws.size() >= MOST_DELIVERIES);
  }

  /** Ordering keys of a visit, named with or without its account. */
  private Set<String> keys(Vendor vendor, String id) {
    Set<String> keys = new HashSet<>(Set.of(id));
    accounts(vendor).forEach(account -> keys.add(account + ":" + id));
    return keys;
  }

  /** Sign In App's keys name the site before the visitor. */
  private Predicate<String> behindASite(String id) {
    Set<String> accounts = accounts(Vendor.SIGN_IN_APP);
    return key ->
        key.endsWith(":" + id)
            && accounts.stream().anyMatch(account -> key.startsWith(account + ":"));
  }

  private Set<String> accounts(Vendor vendor) {
    return sources.stream()
        .filter(source -> source.vendor() == vendor)
        .map(SourceConfig::account)
        .collect(Collectors.toSet());
  }

  private Found newest(List<ConsumerRecord<byte[], byte[]>> raws, Searched searched) {
    List<Trace> traces =
        raws.stream()
            .sorted(
                Comparator.<ConsumerRecord<byte[], byte[]>>comparingLong(ConsumerRecord::timestamp)
                    .reversed())
            .limit(MOST_DELIVERIES)
            .map(trace)
            .toList();
    Searched told =
        raws.size() > MOST_DELIVERIES
            ? searched.plus(Searched.cutShort(0, "there are too many to tell them all"))
            : searched;
    return new Found(traces.reversed(), told);
  }

  /** Nothing, or nothing yet; a search that was cut short never says that there is nothing. */
  private Answer missing(String what, Searched searched, Map<TopicPartition, Range> ranges) {
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

  /** The same of what a spool may hold without anybody knowing. */
  private Answer missingOrSpooled(
      String what, Searched searched, Map<TopicPartition, Range> ranges) {
    long spooled = spools.stream().mapToLong(SpoolStatus::records).sum();
    return searched.complete() && spooled > 0
        ? new Unavailable(
            what + " in Kafka, and " + spooled + " more wait in a spool; ask again", searched)
        : missing(what, searched, ranges);
  }
}
