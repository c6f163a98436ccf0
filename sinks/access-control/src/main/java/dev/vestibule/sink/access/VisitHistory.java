package dev.vestibule.sink.access;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import dev.vestibule.events.Review;
import dev.vestibule.events.ReviewOutcome;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.Value;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Everything that Kafka still knows about a visit, read anew for somebody who asks.
 *
 * @param visits facts by visit; more than one where several accounts have a visit of that id
 * @param complete whether there was time for all of it
 */
record VisitHistory(Map<String, List<Explanation.Known>> visits, boolean complete) {
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final Duration POLL = Duration.ofMillis(200);

  /**
   * Reads what is newer than some time.
   *
   * @param visit the vendor's id of the visit, alone or behind {@code account:}
   * @throws org.apache.kafka.common.KafkaException when Kafka cannot be asked
   */
  static VisitHistory of(ServiceContext context, AccessSink sink, String visit, Duration since) {
    TopicNames names = context.config().topicNames();
    String decisionsTopic = names.of(Topics.DECISIONS);
    String reviewsTopic = names.of(Topics.REVIEWS);
    EventDecoder events =
        new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, context.registry()));
    AvroDeserializer<Decision> decisions =
        new AvroDeserializer<>(Decision.class, context.registry());
    AvroDeserializer<Review> reviews = new AvroDeserializer<>(Review.class, context.registry());
    Map<String, List<Explanation.Known>> found = new TreeMap<>();
    Map<String, List<Explanation.Known>> answers = new HashMap<>();
    List<String> topics = new ArrayList<>(sink.topics());
    topics.add(decisionsTopic);
    topics.add(reviewsTopic);
    Instant from = context.clock().instant().minus(since);
    boolean complete =
        read(
            context,
            topics,
            from,
            record -> {
              Instant at = Instant.ofEpochMilli(record.timestamp());
              if (record.topic().equals(decisionsTopic)) {
                if (Value.of(decisions, record) instanceof Value.Read<Decision>(Decision one, int _)
                    && one.getPhase() == DecisionPhase.DECIDED
                    && one.getVisitKey() != null) {
                  add(
                      answers,
                      one.getVisitKey(),
                      new Fact.Decided(
                          one.getDecisionId(), one.getOutcome() == DecisionOutcome.APPROVE),
                      at);
                }
              } else if (record.topic().equals(reviewsTopic)) {
                if (Value.of(reviews, record) instanceof Value.Read<Review>(Review one, int _)) {
                  add(
                      answers,
                      one.getVisitKey(),
                      new Fact.Reviewed(
                          one.getOutcome() == ReviewOutcome.APPROVED, one.getAnsweredAt()),
                      at);
                }
              } else if (mayBeAbout(record, visit)
                  && events.decode(record) instanceof Decoded.Event event
                  && isAbout(event.event(), visit)) {
                String key = sink.keys().visit(event.event());
                if (key != null) {
                  add(found, key, Fact.Reported.of(event), event.event().getReceivedAt());
                }
              }
            });
    found.forEach((key, facts) -> {
      facts.addAll(answers.getOrDefault(key, List.of()));
      facts.sort(Comparator.comparing(Explanation.Known::at));
    });
    return new VisitHistory(found, complete);
  }

  private static void add(
      Map<String, List<Explanation.Known>> found, String key, Fact fact, Instant at) {
    found.computeIfAbsent(key, _ -> new ArrayList<>()).add(new Explanation.Known(fact, at));
  }

  /** Most records are of other visits; their keys tell without reading them, but for cards. */
  private static boolean mayBeAbout(ConsumerRecord<byte[], byte[]> record, String visit) {
    String id = visit.substring(visit.lastIndexOf(':') + 1);
    String type = Headers.text(record.headers(), Headers.CE_TYPE);
    return (type != null && type.endsWith("credential_changed"))
        || (record.key() != null && new String(record.key(), StandardCharsets.UTF_8).contains(id));
  }

  private static boolean isAbout(VisitorEvent event, String visit) {
    String id = event.getVisit().getId();
    return id != null && (id.equals(visit) || visit.equals(event.getAccount() + ":" + id));
  }

  private interface Look {
    void at(ConsumerRecord<byte[], byte[]> record);
  }

  private static boolean read(
      ServiceContext context, List<String> topics, Instant from, Look look) {
    Map<String, Object> settings = new HashMap<>(context.config().kafka());
    settings.keySet().retainAll(ConsumerConfig.configNames());
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      Set<TopicPartition> open =
          topics.stream()
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .collect(Collectors.toCollection(HashSet::new));
      consumer.assign(open);
      Map<TopicPartition, Long> ends = consumer.endOffsets(open);
      Follower.since(consumer, open, from).forEach(consumer::seek);
      while (!open.isEmpty()) {
        if (System.nanoTime() - deadline > 0) {
          return false;
        }
        consumer.poll(POLL).forEach(look::at);
        ends.forEach((partition, end) -> {
          if (open.contains(partition) && consumer.position(partition) >= end) {
            open.remove(partition);
          }
        });
        consumer.pause(
            consumer.assignment().stream().filter(partition -> !open.contains(partition)).toList());
      }
      return true;
    }
  }
}
