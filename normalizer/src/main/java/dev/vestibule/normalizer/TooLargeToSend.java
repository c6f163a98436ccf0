package dev.vestibule.normalizer;

import dev.vestibule.events.Position;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.errors.DefaultProductionExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Last resort for a topic that takes less than it was created for: remembers the raw record and
 * lets the thread fail, so that its successor reads the record again and makes it a dead letter.
 * Sending that dead letter from here could block for ever: Kafka calls this on the one thread that
 * fetches the metadata for sending.
 */
public final class TooLargeToSend implements ProductionExceptionHandler {
  /** Key under which the settings carry the {@link Refusals}. */
  static final String REFUSALS = "vestibule.normalizer.refusals";

  private static final Logger log = LoggerFactory.getLogger(TooLargeToSend.class);

  private final ProductionExceptionHandler others = new DefaultProductionExceptionHandler();
  private @Nullable Refusals refusals;

  @Override
  public void configure(Map<String, ?> configs) {
    refusals = (Refusals) Objects.requireNonNull(configs.get(REFUSALS), REFUSALS);
    others.configure(configs);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception exception) {
    if (refusals == null || !(exception instanceof RecordTooLargeException)) {
      return others.handleError(context, record, exception);
    }
    refusals.add(new Position(context.topic(), context.partition(), context.offset()));
    log.atError()
        .addKeyValue("topic", context.topic())
        .addKeyValue("partition", context.partition())
        .addKeyValue("offset", context.offset())
        .addKeyValue("to", record.topic())
        .log("topic takes smaller records than it was created for, record becomes a dead letter");
    return Response.fail();
  }
}
