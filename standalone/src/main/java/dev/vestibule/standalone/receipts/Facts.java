package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Verdict;
import dev.vestibule.standalone.receipts.Trace.Letter;
import dev.vestibule.standalone.receipts.Trace.Searched;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Kafka says about one delivery, before anything is concluded. Positions of groups were read
 * before the topics that these groups write, so a group that has passed a record has left what it
 * made of it within the search.
 *
 * @param raw the record of the ingress
 * @param normalizer how far the raw partition is read
 * @param copies the normalizer's records, oldest first
 * @param letters all dead letters of the delivery
 * @param normalized how the search for copies ended
 * @param judged how the searches for what became of the delivery and its copies ended
 */
record Facts(
    Raw raw,
    Progress normalizer,
    List<Copy> copies,
    List<Dead> letters,
    Searched normalized,
    Searched judged) {

  /** How all searches together ended. */
  Searched searched() {
    return normalized.plus(judged);
  }

  /**
   * @param headers as text
   */
  record Raw(Place place, Instant storedAt, Map<String, String> headers) {}

  /**
   * A consumer group in one partition.
   *
   * @param name of the stage
   * @param position next offset to be read: the committed one, or the partition's first
   * @param end of the partition
   * @param members -1 when unknown
   * @param pausedFor topic that grows while the stage stands still, or null
   */
  record Progress(
      String name, String group, long position, long end, int members, @Nullable String pausedFor) {
    boolean passed(Place place) {
      return position > place.offset();
    }

    long lag() {
      return Math.max(0, end - position);
    }
  }

  /**
   * One normalized record.
   *
   * @param repetition whether an earlier one of the same event is there, after a restart of the
   *     normalizer
   * @param outcome what was found, or null
   * @param conflicts reports about it
   */
  record Copy(
      Place place,
      @Nullable String eventId,
      @Nullable String type,
      boolean repetition,
      Progress deduper,
      @Nullable Outcome outcome,
      List<Place> conflicts) {}

  /** What the deduper wrote. */
  sealed interface Outcome {
    /**
     * @param verdict as in the header, or null when it has none
     * @param sinks those that may see it
     */
    record Emitted(Place place, @Nullable Verdict verdict, List<Progress> sinks)
        implements Outcome {}

    /**
     * @param first normalized record that counted, or null when the report could not be read
     * @param receipt of the delivery that brought the first, or null
     */
    record Duplicate(Place report, @Nullable Place first, @Nullable String receipt)
        implements Outcome {}
  }

  /**
   * @param origin record that was given up, or null when the letter could not be read
   */
  record Dead(Letter letter, @Nullable Place origin) {}
}
