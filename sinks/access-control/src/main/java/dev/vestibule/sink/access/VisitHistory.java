package dev.vestibule.sink.access;

import dev.vestibule.contract.Headers;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.serde.AvroDeserializer;
import dev.vestibule.service.ServiceContext;
import dev.vestibule.sink.Decoded;
import dev.vestibule.sink.EventDecoder;
import dev.vestibule.sink.Follower;
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
import org.apache.kafka.common.TopicPartition;

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
    Answered.Reader reader = new Answered.Reader(context);
    EventDecoder events =
        new EventDecoder(new AvroDeserializer<>(VisitorEvent.class, context.registry()));
    Map<String, List<Explanation.Known>> found = new TreeMap<>();
    Map<String, List<Explanation.Known>> answers = new HashMap<>();
    List<String> topics = new ArrayList<>(sink.topics());
    topics.addAll(reader.topics());
    Instant from = context.clock().instant().minus(since);
    boolean complete =
        read(
            sink,
            topics,
            from,
            record -> {
              if (reader.topics().contains(record.topic())) {
                Answered answer = reader.read(record);
                if (answer != null) {
                  add(
                      answers,
                      answer.visit(),
                      answer.fact(),
                      Instant.ofEpochMilli(record.timestamp()));
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

  private static boolean read(AccessSink sink, List<String> topics, Instant from, Look look) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Consumer<byte[], byte[]> consumer =
        sink.openReader(
            Map.of(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) PATIENCE.toMillis()))) {
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
