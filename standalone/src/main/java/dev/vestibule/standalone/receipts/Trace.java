package dev.vestibule.standalone.receipts;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where one delivery is: the machine-readable answer. Positions are {@code topic-partition@offset},
 * times ISO-8601. Holds nothing of a body and nobody's name.
 *
 * @param receipt position of the raw record
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
   * @param storedAt when Kafka took it
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
      String storedAt) {}

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
   * @param stage {@code normalizer}, {@code deduper}, or the sink's name
   * @param waiting position of the record that waits
   * @param since time at which Kafka took the delivery: it has waited no longer than from then on
   * @param group the stage's consumer group
   * @param lag records between the group's position and the end of the partition
   * @param members processes in the group; -1 when that could not be found out
   * @param pausedFor topic that grows while the stage is told to stand still, or null
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Stuck(
      String stage,
      String waiting,
      String since,
      String group,
      long lag,
      int members,
      @Nullable String pausedFor) {}

  /**
   * @param records how many were looked at
   * @param complete whether everything was seen that can hold a trace of the delivery
   * @param cutShort why not, or null
   */
  @JsonIgnoreProperties(ignoreUnknown = true)
  public record Searched(long records, boolean complete, @Nullable String cutShort) {}

  /** Whether nobody has to look after it. */
  public boolean fine() {
    return state == State.DONE || state == State.IGNORED;
  }
}
