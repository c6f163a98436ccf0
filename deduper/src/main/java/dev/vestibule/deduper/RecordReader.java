package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Topics;
import dev.vestibule.deduper.Reading.Judgeable;
import dev.vestibule.deduper.Reading.Keyed;
import dev.vestibule.deduper.Reading.Reason;
import dev.vestibule.deduper.Reading.Unjudgeable;
import dev.vestibule.deduper.verdict.Candidate;
import dev.vestibule.deduper.verdict.Candidate.Snapshot;
import dev.vestibule.deduper.verdict.Codec;
import dev.vestibule.deduper.verdict.Hash;
import dev.vestibule.deduper.verdict.TerminalFact;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/** Reads what the verdict needs from a record's headers. The value stays closed. */
final class RecordReader {
  /** Room for what the deduper itself adds to a record of the greatest size. */
  static final int RESERVED_BYTES = 4096;

  /** Key and headers appear in reports and beside key uses, which must stay small. */
  private static final int MAX_ADDRESS_BYTES = 64 << 10;

  private static final int REVISION_DIGITS = 16;
  private static final Pattern SCHEME = Pattern.compile("[1-9][0-9]?");

  private final org.apache.kafka.common.header.Headers headers;
  private final UnaryOperator<String> scheme;

  /**
   * @param scheme from the name of a key header to its name under the key scheme to read
   */
  private RecordReader(
      org.apache.kafka.common.header.Headers headers, UnaryOperator<String> scheme) {
    this.headers = headers;
    this.scheme = scheme;
  }

  static Reading read(Record<byte[], byte[]> record, long offset) {
    if (record.key() == null) {
      return new Unjudgeable(Reason.MISSING_KEY, "key", "an ordering key");
    }
    if (record.value() == null) {
      return new Unjudgeable(Reason.MISSING_VALUE, "value", "an event");
    }
    if (record.key().length + headerBytes(record) > MAX_ADDRESS_BYTES) {
      return new Unjudgeable(
          Reason.RECORD_TOO_LARGE,
          "headers",
          "at most " + MAX_ADDRESS_BYTES + " bytes with the key");
    }
    if (size(record) > Topics.MAX_RECORD_BYTES - RESERVED_BYTES) {
      return new Unjudgeable(
          Reason.RECORD_TOO_LARGE,
          "value",
          "at most " + (Topics.MAX_RECORD_BYTES - RESERVED_BYTES) + " bytes with headers");
    }
    try {
      return judgeable(record.headers(), offset, record.timestamp());
    } catch (Refusal refusal) {
      return refusal.reading;
    }
  }

  /** Bytes that the record takes in a log, roughly. */
  static long size(Record<byte[], byte[]> record) {
    return length(record.key()) + length(record.value()) + headerBytes(record);
  }

  private static long headerBytes(Record<byte[], byte[]> record) {
    long size = 0;
    for (Header header : record.headers()) {
      size += header.key().length() + length(header.value());
    }
    return size;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  /**
   * While records carry the keys of two schemes, the older ones decide: only they were on every
   * record of the window.
   */
  private static Judgeable judgeable(
      org.apache.kafka.common.header.Headers headers, long offset, long arrival) {
    RecordReader current = new RecordReader(headers, UnaryOperator.identity());
    Keyed keyed = current.keyed(offset, arrival);
    String eventId = current.required(Headers.CE_ID);
    boolean changing = Headers.text(headers, Headers.previous(Headers.KEY_SCHEME)) != null;
    return changing
        ? new Judgeable(
            new RecordReader(headers, Headers::previous).keyed(offset, arrival), keyed, eventId)
        : new Judgeable(keyed, null, eventId);
  }

  private Keyed keyed(long offset, long arrival) {
    DedupeWindow deliveryWindow = window(Headers.WINDOW_DELIVERY, null);
    Hash fact = optionalHash(scheme.apply(Headers.KEY_FACT));
    Snapshot snapshot = snapshot();
    boolean needsFactWindow = fact != null || snapshot != null;
    Candidate candidate =
        new Candidate(
            offset,
            arrival,
            scheme(),
            hash(scheme.apply(Headers.KEY_TRANSPORT)),
            optionalHash(scheme.apply(Headers.KEY_DELIVERY)),
            fact,
            snapshot,
            hash(scheme.apply(Headers.IDENTITY)),
            revision(),
            deliveryWindow,
            window(Headers.WINDOW_FACT, needsFactWindow ? null : deliveryWindow));
    return new Keyed(candidate, optionalHash(scheme.apply(Headers.KEY_HINT)));
  }

  private @Nullable Snapshot snapshot() {
    Hash key = optionalHash(scheme.apply(Headers.KEY_SNAPSHOT));
    return key == null
        ? null
        : new Snapshot(key, hash(scheme.apply(Headers.SNAPSHOT_FINGERPRINT)), facts());
  }

  private Set<TerminalFact> facts() {
    Set<TerminalFact> facts = EnumSet.noneOf(TerminalFact.class);
    String text = Headers.text(headers, Headers.SNAPSHOT_FACTS);
    if (text == null || text.isBlank()) {
      return facts;
    }
    for (String id : text.split(",")) {
      facts.add(
          TerminalFact.byId(id.strip())
              .orElseThrow(() ->
                  new Refusal(
                      Reason.MALFORMED_HEADER,
                      Headers.SNAPSHOT_FACTS,
                      "arrived, left, both or nothing")));
    }
    return facts;
  }

  private int scheme() {
    String header = scheme.apply(Headers.KEY_SCHEME);
    String text = required(header);
    int version = SCHEME.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (version < 1 || version > Codec.MAX_SCHEME) {
      throw new Refusal(
          Reason.UNKNOWN_KEY_SCHEME, header, "a version from 1 to " + Codec.MAX_SCHEME);
    }
    return version;
  }

  private long revision() {
    String text = required(Headers.REVISION);
    if (text.length() < REVISION_DIGITS || !text.chars().allMatch(HexFormat::isHexDigit)) {
      throw new Refusal(
          Reason.MALFORMED_HEADER, Headers.REVISION, "at least " + REVISION_DIGITS + " hex digits");
    }
    return HexFormat.fromHexDigitsToLong(text, 0, REVISION_DIGITS);
  }

  private DedupeWindow window(String name, @Nullable DedupeWindow absent) {
    String id = Headers.text(headers, name);
    if (id == null && absent != null) {
      return absent;
    }
    return DedupeWindow.byId(required(name))
        .orElseThrow(() -> new Refusal(Reason.UNKNOWN_WINDOW, name, "the id of a dedupe window"));
  }

  private @Nullable Hash optionalHash(String name) {
    return Headers.text(headers, name) == null ? null : hash(name);
  }

  private Hash hash(String name) {
    return Hash.parse(required(name))
        .orElseThrow(() -> new Refusal(Reason.MALFORMED_HEADER, name, "32 hex digits"));
  }

  private String required(String name) {
    String text = Headers.text(headers, name);
    if (text == null || text.isEmpty()) {
      throw new Refusal(Reason.MISSING_HEADER, name, "a value");
    }
    return text;
  }

  /** Ends the reading; never leaves this class. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Unjudgeable reading;

    Refusal(Reason reason, String field, String expected) {
      super(reason.name(), null, false, false);
      this.reading = new Unjudgeable(reason, field, expected);
    }
  }
}
