package dev.vestibule.normalizer;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.Position;
import dev.vestibule.normalizer.adapter.Normalization.Reason;
import dev.vestibule.normalizer.adapter.Normalization.Unprocessable;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Last resort for a topic that takes less than it was created for: the record becomes a dead letter
 * with its raw position, and the stream goes on. All other failures of sending are outages and are
 * left to Kafka's own handler.
 */
public final class TooLargeToSend implements ProductionExceptionHandler {
  /** Key under which the settings carry the {@link Outlet}. */
  static final String OUTLET = "vestibule.normalizer.outlet";

  private static final Logger log = LoggerFactory.getLogger(TooLargeToSend.class);

  private final ProductionExceptionHandler others = new DefaultProductionExceptionHandler();
  private @Nullable Outlet outlet;

  /** What a dead letter takes; Kafka makes the handler, so it comes through the settings. */
  record Outlet(TopicNames topics, RecordWriter writer, InstantSource clock) {}

  @Override
  public void configure(Map<String, ?> configs) {
    outlet = (Outlet) Objects.requireNonNull(configs.get(OUTLET), OUTLET);
    others.configure(configs);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (!(exception instanceof RecordTooLargeException) || outlet == null) {
      return others.handleError(context, record, exception);
    }
    log.atError()
        .addKeyValue("topic", context.topic())
        .addKeyValue("partition", context.partition())
        .addKeyValue("offset", context.offset())
        .addKeyValue("to", record.topic())
        .log("topic takes smaller records than it was created for, record is a dead letter");
    return Response.resume(List.of(deadLetter(outlet, context)));
  }

  private static ProducerRecord<byte[], byte[]> deadLetter(
      Outlet outlet, ErrorHandlerContext context) {
    RawRecord raw =
        new RawRecord(
            Headers.all(context.headers()),
            null,
            new byte[0],
            new Position(context.topic(), context.partition(), context.offset()),
            Instant.ofEpochMilli(context.timestamp()));
    DeadLetter letter =
        DeadLetters.positionOnly(
            DeadLetters.of(
                raw,
                new Unprocessable<>(Reason.TOO_LARGE, null, "a record that its topic takes"),
                outlet.clock().instant()));
    Record<byte[], byte[]> record =
        outlet.writer().deadLetter(null, letter, Math.max(context.timestamp(), 0));
    return new ProducerRecord<>(
        outlet.topics().of(Topics.DEAD_LETTERS),
        null,
        record.timestamp(),
        null,
        record.value(),
        record.headers());
  }
}
