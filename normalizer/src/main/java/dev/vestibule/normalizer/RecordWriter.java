package dev.vestibule.normalizer;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.events.DeadLetter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Writes events and dead letters as records: Avro value, text headers, the raw record's key. */
final class RecordWriter {
  /** Room for what Kafka and the deduper add to a record. */
  private static final int MAX_BYTES = Topics.MAX_RECORD_BYTES - 64 * 1024;

  private final TopicNames topics;
  private final Serializer<SpecificRecord> serializer;
  private final OutagePatience patience;

  RecordWriter(TopicNames topics, Serializer<SpecificRecord> serializer, OutagePatience patience) {
    this.topics = topics;
    this.serializer = serializer;
    this.patience = patience;
  }

  Record<byte[], byte[]> event(byte @Nullable [] key, Normalized normalized, long timestamp) {
    RecordHeaders headers = new RecordHeaders();
    normalized.headers().forEach((name, value) -> Headers.put(headers, name, value));
    return record(topics.of(Topics.NORMALIZED), key, normalized.event(), timestamp, headers);
  }

  /** A dead letter that would not fit keeps only the position of the original. */
  Record<byte[], byte[]> deadLetter(byte @Nullable [] key, DeadLetter letter, long timestamp) {
    RecordHeaders headers = new RecordHeaders();
    Headers.put(headers, Headers.SOURCE, letter.getSource());
    Headers.put(headers, Headers.ACCOUNT, letter.getAccount());
    Headers.put(headers, Headers.VENDOR, letter.getVendor());
    Headers.put(headers, Headers.REQUEST_ID, letter.getRequestId());
    Headers.put(headers, Headers.PATH, letter.getPath());
    Headers.put(headers, Headers.RAW, CloudEventHeaders.position(letter.getOrigin()));
    String topic = topics.of(Topics.DEAD_LETTERS);
    Record<byte[], byte[]> record = record(topic, key, letter, timestamp, headers);
    return fits(record)
        ? record
        : record(topic, null, DeadLetters.positionOnly(letter), timestamp, new RecordHeaders());
  }

  /** Whether every topic on the way can hold the record. */
  static boolean fits(Record<byte[], byte[]> record) {
    long bytes = length(record.key()) + length(record.value());
    for (Header header : record.headers()) {
      bytes += header.key().length() + length(header.value());
    }
    return bytes <= MAX_BYTES;
  }

  private Record<byte[], byte[]> record(
      String topic,
      byte @Nullable [] key,
      SpecificRecord value,
      long timestamp,
      RecordHeaders headers) {
    byte[] bytes = patience.call(() -> serializer.serialize(topic, headers, value));
    return new Record<>(key, bytes, timestamp, headers);
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
