package dev.vestibule.normalizer;

import dev.vestibule.contract.Headers;
import dev.vestibule.events.Position;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Normalization.Events;
import dev.vestibule.normalizer.adapter.Normalization.Ignored;
import dev.vestibule.normalizer.adapter.Normalization.Reason;
import dev.vestibule.normalizer.adapter.Normalization.Unprocessable;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * Reads a raw record, has it normalized and hands on what came of it. All of a record's outputs are
 * made before the first is handed on, so a record is never half published by its own fault.
 *
 * <p>The one exception that leaves is a registry out of reach: nothing is then committed, the
 * thread is replaced, and the record is read again.
 */
final class NormalizeProcessor extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
  /** A broker's clock can jump; from here on nobody sees a time further ahead than this. */
  private static final Duration FUTURE_TOLERANCE = Duration.ofMinutes(5);

  private final Runnable gate;
  private final Normalizer normalizer;
  private final RecordWriter writer;
  private final Refusals refusals;
  private final InstantSource clock;
  private final NormalizerMetrics metrics;

  NormalizeProcessor(
      Runnable gate,
      Normalizer normalizer,
      RecordWriter writer,
      Refusals refusals,
      InstantSource clock,
      NormalizerMetrics metrics) {
    this.gate = gate;
    this.normalizer = normalizer;
    this.writer = writer;
    this.refusals = refusals;
    this.clock = clock;
    this.metrics = metrics;
  }

  @Override
  public void init(ProcessorContext<byte[], byte[]> context) {
    gate.run();
    super.init(context);
  }

  @Override
  public void process(Record<byte[], byte[]> record) {
    RawRecord raw = raw(record);
    switch (normalizer.normalize(raw)) {
      case Events<Normalized>(List<Normalized> events) -> publish(record, raw, events);
      case Ignored<Normalized>(Normalization.IgnoredReason reason) -> metrics.ignored(raw, reason);
      case Unprocessable<Normalized> why -> giveUp(record, raw, why);
    }
  }

  private void publish(Record<byte[], byte[]> record, RawRecord raw, List<Normalized> events) {
    List<Record<byte[], byte[]>> outputs = new ArrayList<>();
    try {
      for (Normalized event : events) {
        outputs.add(writer.event(record.key(), event, timestamp(record)));
      }
    } catch (SerializationException e) {
      if (isOutage(e)) {
        throw e;
      }
      giveUp(record, raw, new Unprocessable<>(Reason.INTERNAL_ERROR, null, null));
      return;
    }
    if (!outputs.stream().allMatch(RecordWriter::fits) || refusals.contains(raw.origin())) {
      giveUp(
          record,
          raw,
          new Unprocessable<>(Reason.TOO_LARGE, null, "an event that its topic takes"));
      return;
    }
    outputs.forEach(output -> context().forward(output, NormalizerTopology.EVENTS));
    metrics.normalized(raw, events);
  }

  private void giveUp(Record<byte[], byte[]> record, RawRecord raw, Unprocessable<?> why) {
    Record<byte[], byte[]> letter =
        writer.deadLetter(
            record.key(), DeadLetters.of(raw, why, clock.instant()), timestamp(record));
    context().forward(letter, NormalizerTopology.DEAD_LETTERS);
    metrics.unprocessable(raw, why.reason());
  }

  /**
   * Our serializer reports an outage with an exception of its own; others wrap it. What is no
   * outage is an event that does not fit its schema.
   */
  private static boolean isOutage(SerializationException e) {
    Throwable cause = e.getCause();
    return cause != null
        && (!(cause instanceof RuntimeException) || cause instanceof KafkaException);
  }

  private RawRecord raw(Record<byte[], byte[]> record) {
    RecordMetadata metadata =
        context()
            .recordMetadata()
            .orElseThrow(() -> new IllegalStateException("a record without a position"));
    return new RawRecord(
        Headers.all(record.headers()),
        record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8),
        record.value() == null ? new byte[0] : record.value(),
        new Position(metadata.topic(), metadata.partition(), metadata.offset()),
        Instant.ofEpochMilli(record.timestamp()));
  }

  private long timestamp(Record<byte[], byte[]> record) {
    long latest = clock.instant().plus(FUTURE_TOLERANCE).toEpochMilli();
    if (record.timestamp() <= latest) {
      return Math.max(record.timestamp(), 0);
    }
    metrics.clamped();
    return latest;
  }
}
