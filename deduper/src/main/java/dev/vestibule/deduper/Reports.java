package dev.vestibule.deduper;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.deduper.Reading.Judgeable;
import dev.vestibule.deduper.Reading.Unjudgeable;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.deduper.verdict.Judgement.Evidence;
import dev.vestibule.events.ConflictReport;
import dev.vestibule.events.DeadLetter;
import dev.vestibule.events.DuplicateReport;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Writes down what was not emitted, or emitted with a warning, as records for their topics. */
final class Reports {
  private static final String STAGE = "deduper";
  private static final String UNKNOWN = "unknown";
  private static final int LONGEST_TEXT = 1024;

  /** Headers that tell which delivery a report is about; key uses carry them in this order. */
  static final List<String> CONTEXT =
      List.of(
          Headers.SOURCE,
          Headers.ACCOUNT,
          Headers.VENDOR,
          Headers.REQUEST_ID,
          Headers.PATH,
          Headers.RAW,
          Headers.TRACEPARENT);

  private final TopicNames topics;
  private final Serializer<SpecificRecord> serializer;
  private final InstantSource clock;

  Reports(TopicNames topics, Serializer<SpecificRecord> serializer, InstantSource clock) {
    this.topics = topics;
    this.serializer = serializer;
    this.clock = clock;
  }

  /** For the duplicates topic, under the ordering key. */
  Record<byte[], Outbound> duplicate(
      Record<byte[], byte[]> record, Judgeable copy, Evidence first, Position position) {
    DuplicateReport report =
        DuplicateReport.newBuilder()
            .setEventId(copy.eventId())
            .setKeyKind(first.kind().id())
            .setVendor(knownText(record.headers(), Headers.VENDOR))
            .setAccount(knownText(record.headers(), Headers.ACCOUNT))
            .setSource(knownText(record.headers(), Headers.SOURCE))
            .setType(type(record))
            .setPath(knownText(record.headers(), Headers.PATH))
            .setFirst(samePartition(position, first.offset()))
            .setCopy(position)
            .setRaw(text(record.headers(), Headers.RAW))
            .setFirstArrival(Instant.ofEpochMilli(first.arrival()))
            .setArrival(Instant.ofEpochMilli(record.timestamp()))
            .setDelayMs(record.timestamp() - first.arrival())
            .build();
    return report(record.timestamp(), record.headers(), record.key(), Topics.DUPLICATES, report);
  }

  /** The event type behind the CloudEvents type, which ends with it in lower case. */
  private static @Nullable String type(Record<byte[], byte[]> record) {
    String type = text(record.headers(), Headers.CE_TYPE);
    return type == null ? null : type.substring(type.lastIndexOf('.') + 1).toUpperCase(Locale.ROOT);
  }

  /**
   * For the conflicts topic, under the key that was used twice.
   *
   * @param arrival of the later use, in milliseconds since the epoch
   * @param headers of the later use
   */
  Record<byte[], Outbound> conflict(
      long arrival, org.apache.kafka.common.header.Headers headers, Conflict conflict) {
    ConflictReport report =
        ConflictReport.newBuilder()
            .setEventId(text(headers, Headers.CE_ID))
            .setKeyKind(conflict.kind())
            .setVendor(knownText(headers, Headers.VENDOR))
            .setAccount(knownText(headers, Headers.ACCOUNT))
            .setSource(knownText(headers, Headers.SOURCE))
            .setPath(knownText(headers, Headers.PATH))
            .setFirst(conflict.first())
            .setSecond(conflict.second())
            .setFirstIdentity(conflict.firstIdentity().hex())
            .setSecondIdentity(conflict.secondIdentity().hex())
            .setRaw(text(headers, Headers.RAW))
            .setFirstArrival(Instant.ofEpochMilli(conflict.firstArrival()))
            .setArrival(Instant.ofEpochMilli(arrival))
            .build();
    byte[] key = conflict.key().hex().getBytes(StandardCharsets.US_ASCII);
    return report(arrival, headers, key, Topics.CONFLICTS, report);
  }

  /**
   * For the dead letters, with the original bytes unless they are health data or may be: a record
   * that does not say is treated as health data.
   */
  Record<byte[], Outbound> deadLetter(
      Record<byte[], byte[]> record, Unjudgeable reading, Position position) {
    org.apache.kafka.common.header.Headers headers = record.headers();
    boolean fits =
        RecordReader.size(record) <= Topics.MAX_RECORD_BYTES - 2 * RecordReader.RESERVED_BYTES;
    boolean shown = fits && !mayBeHealth(headers);
    byte[] key = fits ? record.key() : null;
    DeadLetter letter =
        DeadLetter.newBuilder()
            .setStage(STAGE)
            .setReason(reading.reason().name())
            .setField(reading.field())
            .setExpected(reading.expected())
            .setVendor(text(headers, Headers.VENDOR))
            .setSource(text(headers, Headers.SOURCE))
            .setAccount(text(headers, Headers.ACCOUNT))
            .setRequestId(text(headers, Headers.REQUEST_ID))
            .setPath(text(headers, Headers.PATH))
            .setDeadAt(clock.instant())
            .setOrigin(position)
            .setOriginalKey(buffer(key))
            .setOriginal(shown ? buffer(record.value()) : null)
            .setOriginalHeaders(fits ? originalHeaders(headers) : Map.of())
            .build();
    return report(record.timestamp(), headers, key, Topics.DEAD_LETTERS, letter);
  }

  static Position samePartition(Position position, long offset) {
    return new Position(position.getTopic(), position.getPartition(), offset);
  }

  /** The class that a record says; the most protected one when it says none that we know. */
  static Sensitivity sensitivity(org.apache.kafka.common.header.Headers headers) {
    String text = text(headers, Headers.SENSITIVITY);
    for (Sensitivity sensitivity : Sensitivity.values()) {
      if (sensitivity.name().equals(text)) {
        return sensitivity;
      }
    }
    return Sensitivity.HEALTH;
  }

  private static boolean mayBeHealth(org.apache.kafka.common.header.Headers headers) {
    String vendor = text(headers, Headers.VENDOR);
    return sensitivity(headers) == Sensitivity.HEALTH
        || vendor == null
        || Vendor.byId(vendor)
            .map(known -> known.baseSensitivity() == Sensitivity.HEALTH)
            .orElse(true);
  }

  private static Map<String, ByteBuffer> originalHeaders(
      org.apache.kafka.common.header.Headers headers) {
    Map<String, ByteBuffer> originals = new LinkedHashMap<>();
    for (Header header : headers) {
      if (header.value() != null) {
        originals.put(header.key(), ByteBuffer.wrap(header.value()));
      }
    }
    return originals;
  }

  private static @Nullable ByteBuffer buffer(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static String knownText(org.apache.kafka.common.header.Headers headers, String header) {
    String text = text(headers, header);
    return text == null ? UNKNOWN : text;
  }

  /** A header for a report: cut, so that no header can make a report too large for its topic. */
  private static @Nullable String text(
      org.apache.kafka.common.header.Headers headers, String name) {
    String text = Headers.text(headers, name);
    return text == null || text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT);
  }

  private Record<byte[], Outbound> report(
      long timestamp,
      org.apache.kafka.common.header.Headers about,
      byte @Nullable [] key,
      String topic,
      SpecificRecord report) {
    RecordHeaders headers = new RecordHeaders();
    for (String name : CONTEXT) {
      Headers.put(headers, name, text(about, name));
    }
    String fullName = topics.of(topic);
    byte[] value = serializer.serialize(fullName, report);
    return new Record<>(key, new Outbound(fullName, value), timestamp, headers);
  }

  /**
   * One key that was used for two facts.
   *
   * @param kind {@code delivery} or {@code hint}
   * @param firstArrival milliseconds since the epoch
   */
  record Conflict(
      String kind,
      Hash key,
      Position first,
      Position second,
      Hash firstIdentity,
      Hash secondIdentity,
      long firstArrival) {}
}
