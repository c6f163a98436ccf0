package dev.vestibule.e2e;

import dev.vestibule.contract.Headers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** What {@link Traffic} calls a fact, as it is found in records. */
final class Facts {
  /** Verdicts with which a record may be on an events topic. */
  static final Set<String> EMITTED = Set.of("NEW", "REVISION", "CONFLICT", "UNVERIFIED");

  private Facts() {}

  static Set<String> keysOf(Collection<ConsumerRecord<byte[], byte[]>> events) {
    return events.stream().map(Facts::fact).collect(Collectors.toSet());
  }

  /** Visit and type: what the traffic calls a fact. */
  static String fact(ConsumerRecord<byte[], byte[]> event) {
    String type = String.valueOf(Log.header(event, Headers.CE_TYPE));
    return Log.key(event) + " " + type.substring(type.lastIndexOf('.') + 1);
  }

  /** Per visit, the facts in the order of their first appearance. */
  static Map<String, List<String>> orderOf(Collection<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, List<String>> order = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      List<String> facts = order.computeIfAbsent(Log.key(record), _ -> new ArrayList<>());
      if (!facts.contains(fact(record))) {
        facts.add(fact(record));
      }
    }
    return order;
  }

  /** How often each fact is there. */
  static Map<String, Integer> copies(Collection<ConsumerRecord<byte[], byte[]>> records) {
    Map<String, Integer> copies = new HashMap<>();
    records.forEach(record -> copies.merge(fact(record), 1, Integer::sum));
    return copies;
  }
}
