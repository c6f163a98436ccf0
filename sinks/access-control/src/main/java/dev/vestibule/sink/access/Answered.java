package dev.vestibule.sink.access;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.Value;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What was decided about a visit at the door, or what a person said about it.
 *
 * @param source of the visit
 * @param visit its key
 */
record Answered(String source, String visit, Fact fact) {

  /** Reads records of decisions and reviews. For one thread. */
  static final class Reader {
    private final String decisionsTopic;
    private final String reviewsTopic;
    private final AvroDeserializer<Decision> decisions;
    private final AvroDeserializer<Review> reviews;

    Reader(ServiceContext context) {
      TopicNames names = context.config().topicNames();
      this.decisionsTopic = names.of(Topics.DECISIONS);
      this.reviewsTopic = names.of(Topics.REVIEWS);
      this.decisions = new AvroDeserializer<>(Decision.class, context.registry());
      this.reviews = new AvroDeserializer<>(Review.class, context.registry());
    }

    /** Full names. */
    List<String> topics() {
      return List.of(decisionsTopic, reviewsTopic);
    }

    /** The answer of a record of these topics, or null where it holds none about a visit. */
    @Nullable Answered read(ConsumerRecord<byte[], byte[]> record) {
      return record.topic().equals(decisionsTopic) ? decided(record) : reviewed(record);
    }

    private @Nullable Answered decided(ConsumerRecord<byte[], byte[]> record) {
      return Value.of(decisions, record) instanceof Value.Read<Decision>(Decision decision, int _)
              && decision.getPhase() == DecisionPhase.DECIDED
              && decision.getVisitKey() != null
          ? new Answered(
              decision.getSource(),
              decision.getVisitKey(),
              new Fact.Decided(
                  decision.getDecisionId(), decision.getOutcome() == DecisionOutcome.APPROVE))
          : null;
    }

    private @Nullable Answered reviewed(ConsumerRecord<byte[], byte[]> record) {
      return Value.of(reviews, record) instanceof Value.Read<Review>(Review review, int _)
          ? new Answered(
              review.getSource(),
              review.getVisitKey(),
              new Fact.Reviewed(
                  review.getOutcome() == ReviewOutcome.APPROVED, review.getAnsweredAt()))
          : null;
    }
  }
}
