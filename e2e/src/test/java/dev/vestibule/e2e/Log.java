package dev.vestibule.e2e;

import dev.vestibule.benchmarks.chaos.Committed;
import dev.vestibule.contract.Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What a read_committed reader finds in a topic. */
final class Log {
  private Log() {}

  /** Every committed record from the beginning to the current end, in order per partition. */
  static List<ConsumerRecord<byte[], byte[]>> read(String bootstrap, String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    Committed.read(bootstrap, topic, records::add);
    return records;
  }

  static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return Headers.text(record.headers(), name);
  }

  static String key(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.key(), StandardCharsets.UTF_8);
  }
}
