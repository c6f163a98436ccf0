package dev.vestibule.standalone.deadletters;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.receipts.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The topic that says which dead letters were sent on their way again. */
final class Replays {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Replays() {}

  /**
   * All of them by dead letter, oldest first; none where there is no such topic.
   *
   * @param progress told how many were read
   */
  static Map<Place, List<Replayed>> read(Records records, TopicNames names, LongConsumer progress) {
    String topic = names.of(Topics.REPLAYS);
    Map<Place, List<Replayed>> replays = new HashMap<>();
    if (records.partitions(topic).isEmpty()) {
      return replays;
    }
    long read = 0;
    for (Iterator<ConsumerRecord<byte[], byte[]>> all = records.all(topic); all.hasNext(); ) {
      ConsumerRecord<byte[], byte[]> record = all.next();
      progress.accept(++read);
      Optional<Place> place =
          record.key() == null ? Optional.empty() : Place.parse(new String(record.key(), UTF_8));
      place.ifPresent(of ->
          replayed(record)
              .ifPresent(one -> replays.computeIfAbsent(of, _ -> new ArrayList<>()).add(one)));
    }
    return replays;
  }

  /** What nobody can read still says that there was a replay. */
  private static Optional<Replayed> replayed(ConsumerRecord<byte[], byte[]> record) {
    Instant stored = Instant.ofEpochMilli(record.timestamp());
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      JsonNode json = JSON.readTree(record.value());
      return Optional.of(
          new Replayed(
              Instant.parse(json.path("at").asText()),
              json.path("by").asText(),
              json.path("to").asText()));
    } catch (IOException | DateTimeException e) {
      return Optional.of(new Replayed(stored, "?", "?"));
    }
  }

  static ProducerRecord<byte[], byte[]> record(TopicNames names, Place letter, Replayed replayed) {
    try {
      byte[] value =
          JSON.writeValueAsBytes(
              JSON.createObjectNode()
                  .put("at", replayed.at().toString())
                  .put("by", replayed.by())
                  .put("to", replayed.to()));
      return new ProducerRecord<>(
          names.of(Topics.REPLAYS), letter.toString().getBytes(UTF_8), value);
    } catch (IOException e) {
      throw new UncheckedIOException("three texts are always JSON", e);
    }
  }
}
