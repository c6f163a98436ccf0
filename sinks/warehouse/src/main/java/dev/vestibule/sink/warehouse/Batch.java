package dev.vestibule.sink.warehouse;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * What is written at once.
 *
 * @param events events in the order of consumption
 * @param records decisions and alerts in the order of consumption
 * @param rejected records that cannot be stored
 * @param ranges what was consumed of each partition that has a record in the batch
 * @param loadedAt time of the writing
 */
record Batch(
    List<EventRow> events,
    List<RecordRow> records,
    List<RejectedRow> rejected,
    Map<TopicPartition, OffsetRange> ranges,
    Instant loadedAt) {

  Batch {
    events = List.copyOf(events);
    records = List.copyOf(records);
    rejected = List.copyOf(rejected);
    ranges = Map.copyOf(ranges);
  }
}
