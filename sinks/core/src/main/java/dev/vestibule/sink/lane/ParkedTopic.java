package dev.vestibule.sink.lane;

import dev.vestibule.contract.Headers;
import dev.vestibule.sink.WholeTopic;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/**
 * The compacted topic of what one sink has parked. A record's key is the visit's key, {@code #} and
 * the sequence; its value, headers and time are those of the event's record. A tombstone says that
 * it is finished.
 */
final class ParkedTopic {
  private static final Pattern KEY = Pattern.compile("(.*)#([0-9a-f]{16})", Pattern.DOTALL);
  private static final Pattern ORIGIN = Pattern.compile("(.+)-(\\d{1,9})@(\\d{1,18})");

  private final String topic;

  ParkedTopic(String topic) {
    this.topic = topic;
  }

  ProducerRecord<byte[], byte[]> parked(
      String key, long sequence, ConsumerRecord<byte[], byte[]> record) {
    ProducerRecord<byte[], byte[]> parked =
        new ProducerRecord<>(
            topic,
            null,
            Math.max(0, record.timestamp()),
            key(key, sequence),
            record.value(),
            record.headers());
    Headers.put(
        parked.headers(),
        Headers.PARKED_ORIGIN,
        record.topic() + "-" + record.partition() + "@" + record.offset());
    return parked;
  }

  ProducerRecord<byte[], byte[]> finished(String key, long sequence) {
    return new ProducerRecord<>(topic, key(key, sequence), null);
  }

  /**
   * Everything that is parked, as records of the topics they came from, by sequence.
   *
   * @param consumer of its own, of committed records
   * @throws KafkaException when the topic is missing or cannot be read
   */
  Map<Long, Parked> read(Consumer<byte[], byte[]> consumer) {
    Map<Long, Parked> parked = new TreeMap<>();
    WholeTopic.read(consumer, topic, record -> take(record, parked));
    return parked;
  }

  private static void take(ConsumerRecord<byte[], byte[]> record, Map<Long, Parked> parked) {
    Matcher key = KEY.matcher(text(record.key()));
    if (!key.matches()) {
      throw new KafkaException("no key of a parked record at " + record.offset());
    }
    long sequence = Long.parseLong(key.group(2), 16);
    if (record.value() == null) {
      parked.remove(sequence);
      return;
    }
    Matcher origin =
        ORIGIN.matcher(String.valueOf(Headers.text(record.headers(), Headers.PARKED_ORIGIN)));
    if (!origin.matches()) {
      throw new KafkaException("no origin of the parked record at " + record.offset());
    }
    RecordHeaders headers = new RecordHeaders(record.headers());
    headers.remove(Headers.PARKED_ORIGIN);
    parked.put(
        sequence,
        new Parked(
            key.group(1),
            new ConsumerRecord<>(
                origin.group(1),
                Integer.parseInt(origin.group(2)),
                Long.parseLong(origin.group(3)),
                record.timestamp(),
                TimestampType.CREATE_TIME,
                record.serializedKeySize(),
                record.serializedValueSize(),
                key.group(1).getBytes(StandardCharsets.UTF_8),
                record.value(),
                headers,
                Optional.empty())));
  }

  /**
   * One parked record.
   *
   * @param key of its lane
   */
  record Parked(String key, ConsumerRecord<byte[], byte[]> record) {}

  private static byte[] key(String key, long sequence) {
    return "%s#%016x".formatted(key, sequence).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] key) {
    return new String(key, StandardCharsets.UTF_8);
  }
}
