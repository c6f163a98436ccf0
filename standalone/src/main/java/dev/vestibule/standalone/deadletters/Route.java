package dev.vestibule.standalone.deadletters;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * The way back into the pipeline, to whoever gave the record up and to nobody else.
 *
 * <p>What ids, dedupe and order rest on stays: key, bytes, request id, times, hashes. Only the path
 * becomes {@code replay}, so that no door opens.
 */
sealed interface Route {
  String REPLAY = "replay";

  /** A call of a hook stays one: the path is all that tells the question from a sign-in. */
  String HOOK = "hook";

  /** To a topic. */
  sealed interface To extends Route {
    String topic();
  }

  /**
   * To the normalizer, which reads the body anew. The broker gives the record its time, as it does
   * to every raw record.
   */
  record Raw(String topic) implements To {}

  /** To the deduper, with the time that the record had: its clock is the arrival of the raw one. */
  record Normalized(String topic) implements To {}

  /** To one sink. */
  record Sink(String topic) implements To {}

  /**
   * Nowhere.
   *
   * @param because a sentence for people
   */
  record Closed(String because) implements Route {}

  /**
   * @param generation of the normalized topic that counts now
   */
  static Route of(Letter letter, TopicNames names, Generation generation) {
    String origin = letter.origin().topic();
    String stage = letter.content().getStage();
    if (letter.isSealed()) {
      return new Closed("the ingress sealed the body since it cannot be read, so nobody can");
    }
    if (Arrays.stream(Vendor.values())
        .anyMatch(vendor -> names.of(vendor.rawTopic()).equals(origin))) {
      return new Raw(origin);
    }
    String normalized = names.of(Topics.NORMALIZED);
    if (origin.equals(normalized) || origin.matches("\\Q" + normalized + "\\E\\.g\\d+")) {
      return new Normalized(generation.topic(names));
    }
    String replays = names.of(Topics.replay(stage).name());
    if (origin.equals(names.of(Topics.EVENTS))
        || origin.equals(names.of(Topics.EVENTS_RESTRICTED))
        || origin.equals(names.of(Topics.EVENTS_HEALTH))
        || origin.equals(replays)) {
      return new Sink(replays);
    }
    return new Closed("nothing of this installation reads " + origin);
  }

  /**
   * The record to write.
   *
   * @param original as it was
   * @param by who asks for it, and when
   */
  static ProducerRecord<byte[], byte[]> record(
      To to, Letter letter, ConsumerRecord<byte[], byte[]> original, Replayed by) {
    RecordHeaders headers = new RecordHeaders(original.headers());
    boolean hook = to instanceof Raw && HOOK.equals(Headers.text(headers, Headers.PATH));
    Headers.put(headers, Headers.PATH, hook ? HOOK : REPLAY);
    Headers.put(headers, Headers.REPLAY_OF, letter.id().toString());
    Headers.put(headers, Headers.REPLAYED_BY, by.by());
    Headers.put(headers, Headers.REPLAYED_AT, by.at().toString());
    // A key finds its own partition; without one a record stays where its neighbours were.
    Integer partition = original.key() == null && to instanceof Raw ? original.partition() : null;
    Long time = to instanceof Normalized ? (Long) Math.max(0, original.timestamp()) : null;
    return new ProducerRecord<>(
        to.topic(), partition, time, original.key(), original.value(), headers);
  }
}
