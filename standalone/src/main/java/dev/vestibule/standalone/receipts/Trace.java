package dev.vestibule.standalone.receipts;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.ingress.spool.SpoolStatus;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where one delivery is: the machine-readable answer. Positions are {@code topic-partition@offset},
 * times ISO-8601. Holds nothing of a body and nobody's name.
 *
 * @param receipt position of the raw record, or its number in a spool
 * @param accepted what the ingress wrote about the delivery
 * @param events what the normalizer made of it
 * @param deadLetters where it, or an event of it, was given up
 * @param state in a word
 * @param stuck the first stage that has not done its part, or null
 * @param searched how far was looked
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Trace(
    String receipt,
    Accepted accepted,
    List<Event> events,
    List<Letter> deadLetters,
    State state,
    @Nullable Stuck stuck,
    Searched searched) {

  /** Name of the stage before Kafka. */
  static final String SPOOL = "spool";

  /** Where it has come to. */
  public enum State {
    /** Every event has its verdict, and every sink that may see it has it. */
    DONE,
    /** A stage has not done its part: see {@code stuck}. */
    WAITING,
    /** Given up: see {@code deadLetters}. */
    DEAD_LETTER,
    /** Authentic, and nothing that becomes an event. */
    IGNORED,
    /** The search was cut short before all was seen: see {@code searched}. */
    UNCLEAR
  }

  /**
   * @param storedAt when Kafka took it, or null while a spool holds it; then only what is
   *     configured for the source is known
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Accepted(
      @Nullable String source,
      @Nullable String account,
      @Nullable String vendor,
      @Nullable String requestId,
      @Nullable String deliveryId,
      @Nullable String receivedAt,
      @Nullable String path,
      @Nullable String bodySha256,
      @Nullable String storedAt) {}

  /**
   * @param normalized position of the normalizer's record
   * @param verdict the deduper's, or null while there is none
   * @param position where the event lies, or the report of a duplicate; null when there is none
   * @param first of a duplicate: the copy that counted
   * @param conflicts positions of conflict reports
   * @param deliveries of an emitted event: every sink that may see it
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Event(
      @Nullable String eventId,
      @Nullable String type,
      String normalized,
      @Nullable String verdict,
      @Nullable String position,
      @Nullable First first,
      List<String> conflicts,
      List<Delivery> deliveries) {}

  /**
   * @param normalized position of its normalized record
   * @param receipt of the delivery that it came with, or null when that record has expired
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record First(String normalized, @Nullable String receipt) {}

  /**
   * @param delivered whether the group's committed position has passed the event
   * @param lag records between the group's position and the end of the event's partition
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Delivery(String sink, String group, boolean delivered, long lag) {}

  /**
   * One record of the dead letters.
   *
   * @param at when it was given up, or null like all but the position when it could not be read
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Letter(
      @Nullable String stage,
      @Nullable String reason,
      @Nullable String field,
      @Nullable String expected,
      @Nullable String at,
      String position) {}

  /**
   * @param stage {@code spool}, {@code normalizer}, {@code deduper}, or the sink's name
   * @param waiting position of the record that waits
   * @param since it has waited no longer than from then on: since Kafka took the delivery, or since
   *     the spool's oldest record was put there
   * @param group the stage's consumer group; null for a spool
   * @param lag records between the group's position and the end of the partition; of a spool all
   *     that it holds
   * @param members processes in the group; -1 when that could not be found out
   * @param pausedFor topic that grows while the stage is told to stand still, or null
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Stuck(
      String stage,
      String waiting,
      String since,
      @Nullable String group,
      long lag,
      int members,
      @Nullable String pausedFor) {}

  /**
   * @param records how many were looked at
   * @param complete whether everything was seen that can hold a trace of the delivery
   * @param cutShort why not, or null
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Searched(long records, boolean complete, @Nullable String cutShort) {
    private static final String AND = "; ";

    static Searched all(long records) {
      return new Searched(records, true, null);
    }

    static Searched cutShort(long records, String why) {
      return new Searched(records, false, why);
    }

    /** Both together. */
    Searched plus(Searched other) {
      String reasons =
          Stream.of(cutShort, other.cutShort)
              .filter(Objects::nonNull)
              .flatMap(reason -> Stream.of(reason.split(AND)))
              .distinct()
              .collect(Collectors.joining(AND));
      return new Searched(
          records + other.records, complete && other.complete, reasons.isEmpty() ? null : reasons);
    }

    /** The same where nothing more could have come of the rest. */
    Searched enough() {
      return all(records);
    }
  }

  /**
   * A delivery that a spool holds.
   *
   * @param receipt its number there
   * @param source as configured, or null when it is not any more
   */
  static Trace spooled(String receipt, SpoolStatus spool, @Nullable SourceConfig source) {
    return new Trace(
        receipt,
        new Accepted(
            spool.source(),
            source == null ? null : source.account(),
            source == null ? null : source.vendor().id(),
            null,
            null,
            null,
            null,
            null,
            null),
        List.of(),
        List.of(),
        State.WAITING,
        new Stuck(SPOOL, receipt, spool.since().toString(), null, spool.records(), 1, null),
        Searched.all(0));
  }

  /** Whether nobody has to look after it. */
  public boolean fine() {
    return state == State.DONE || state == State.IGNORED;
  }
}
