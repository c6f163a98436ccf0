package dev.vestibule.deduper;

import java.time.Duration;
import java.time.InstantSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * The record's own timestamp, which is the append time of its raw record, but never far ahead of
 * the clock: one record stamped decades ahead would expire everything remembered, and the broker
 * would refuse its output. The normalizer clamps too; this guards against anybody else's record.
 */
final class ArrivalTime implements TimestampExtractor {
  /** How far ahead of the clock an arrival may lie. */
  static final Duration AHEAD = Duration.ofMinutes(5);

  private final InstantSource clock;

  ArrivalTime(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
    long latest = clock.instant().plus(AHEAD).toEpochMilli();
    // A negative answer would make Streams skip the record.
    return Math.min(Math.max(record.timestamp(), 0), latest);
  }
}
