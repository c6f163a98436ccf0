package dev.vestibule.sink.lane;

import dev.vestibule.sink.Decoded;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record and what it turned out to be.
 *
 * @param event null when nobody can read it
 */
record Incoming(ConsumerRecord<byte[], byte[]> record, Decoded.@Nullable Event event) {
  // Records name people, so they do not print.
  @Override
  public String toString() {
    return record.topic() + "-" + record.partition() + "@" + record.offset();
  }
}
