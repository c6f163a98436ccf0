package dev.vestibule.sink.slack;

import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.StateLog;
import dev.vestibule.sink.slack.click.Question;
import dev.vestibule.sink.slack.click.Question.Given;
import java.nio.charset.StandardCharsets;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/** States on the sink's own topic, and answers on {@code visitor.reviews}. */
final class DeskLog implements Desk.Log {
  private final StateLog log;
  private final ServiceContext context;
  private final String sink;
  private final Serializer<SpecificRecord> reviews;

  DeskLog(StateLog log, ServiceContext context, String sink, Serializer<SpecificRecord> reviews) {
    this.log = log;
    this.context = context;
    this.sink = sink;
    this.reviews = reviews;
  }

  @Override
  public ProducerRecord<byte[], byte[]> record(String key, byte @Nullable [] value) {
    return log.record(key, value);
  }

  @Override
  public ProducerRecord<byte[], byte[]> review(Question question, Given given) {
    String topic = context.config().topicNames().of(Topics.REVIEWS);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic,
            question.visit().getBytes(StandardCharsets.UTF_8),
            reviews.serialize(topic, value(question, given)));
    Headers.put(record.headers(), Headers.SOURCE, question.source());
    return record;
  }

  @Override
  public CompletableFuture<@Nullable Void> write(List<ProducerRecord<byte[], byte[]>> records) {
    return log.write(records);
  }

  @Override
  public @Nullable KafkaException failure() {
    return log.failure();
  }

  @Override
  public void close() {
    log.close();
  }

  private Review value(Question question, Given given) {
    SourceConfig source = context.config().sources().get(question.source());
    if (source == null) {
      throw new IllegalStateException("no source " + question.source());
    }
    return Review.newBuilder()
        .setReviewId(
            context
                .identity()
                .hash(
                    "review",
                    sink,
                    question.visit(),
                    question.eventId(),
                    question.decisionId(),
                    Long.toString(question.round())))
        .setVisitKey(question.visit())
        .setSource(source.name())
        .setVendor(source.vendor().id())
        .setAccount(source.account())
        .setEventId(question.eventId())
        .setDecisionId(question.decisionId())
        .setOutcome(given.approved() ? ReviewOutcome.APPROVED : ReviewOutcome.REFUSED)
        .setSink(sink)
        .setAnsweredBy(given.by())
        .setAnsweredAt(given.at().truncatedTo(ChronoUnit.MICROS))
        .build();
  }
}
