package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Headers;
import dev.vestibule.events.DuplicateReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What the deduper wrote about the normalized records of one delivery. */
final class Outcomes {
  private final String duplicates;
  private final Reports reports;
  private final Map<ConsumerRecord<byte[], byte[]>, @Nullable ConsumerRecord<byte[], byte[]>>
      found = new LinkedHashMap<>();

  /**
   * @param duplicates full name of the topic of duplicate reports
   * @param made the normalized records, oldest first
   */
  Outcomes(String duplicates, Reports reports, List<ConsumerRecord<byte[], byte[]>> made) {
    this.duplicates = duplicates;
    this.reports = reports;
    made.forEach(record -> found.put(record, null));
  }

  /** Takes an event or a duplicate report of the delivery. */
  void add(ConsumerRecord<byte[], byte[]> outcome) {
    origin(outcome).ifPresent(origin -> found.put(origin, outcome));
  }

  private Optional<ConsumerRecord<byte[], byte[]>> origin(ConsumerRecord<byte[], byte[]> outcome) {
    if (!outcome.topic().equals(duplicates)) {
      return wanting().filter(record -> transport(record).equals(transport(outcome))).findFirst();
    }
    @Nullable Place copy =
        reports.duplicate(outcome).map(DuplicateReport::getCopy).map(Place::of).orElse(null);
    return wanting().filter(record -> copy == null || Place.of(record).equals(copy)).findFirst();
  }

  /** The records of every event about which nothing was found. */
  Stream<ConsumerRecord<byte[], byte[]>> wanting() {
    Set<String> settled =
        found.entrySet().stream()
            .filter(entry -> entry.getValue() != null)
            .map(entry -> transport(entry.getKey()))
            .collect(Collectors.toSet());
    return found.keySet().stream().filter(record -> !settled.contains(transport(record)));
  }

  /** The outcome of a normalized record. */
  @Nullable ConsumerRecord<byte[], byte[]> of(ConsumerRecord<byte[], byte[]> normalized) {
    return found.get(normalized);
  }

  /** What tells the events of one raw record apart. */
  static String transport(ConsumerRecord<byte[], byte[]> record) {
    return String.valueOf(Headers.text(record.headers(), Headers.KEY_TRANSPORT));
  }
}
