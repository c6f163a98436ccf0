package dev.vestibule.benchmarks.chaos;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the audit looks at: what was sent, and what a read_committed reader found in the topics.
 *
 * @param inputs {@code visitor.normalized}, in order of offsets per partition
 * @param events all events topics, in order of offsets per topic and partition
 * @param deadLetters how many dead letters there are; none is expected
 */
record Evidence(
    List<Sent> sent,
    List<Input> inputs,
    List<Event> events,
    List<Duplicate> duplicates,
    List<Conflict> conflicts,
    int deadLetters) {

  /**
   * One delivery, with all attempts that the vendor made.
   *
   * @param fact what must come of it exactly once when it was accepted, and at most once when not:
   *     visit, type and verdict
   * @param receipt raw position from the answer 200, or null when it was never accepted
   */
  record Sent(String fact, @Nullable String receipt) {}

  /**
   * A record that the deduper reads.
   *
   * @param key the visit
   * @param transport tells our own repetitions of it
   * @param raw {@code topic-partition@offset} of what it was made from
   */
  record Input(Place place, String key, String transport, String raw) {}

  /**
   * @param id CloudEvents id: the event's, and for revisions the revision's
   * @param revision hash of the content
   */
  record Event(
      String topic,
      Place place,
      String key,
      String transport,
      String raw,
      String type,
      String verdict,
      String id,
      String revision) {

    /** In the words of {@link Sent#fact()}. */
    String fact() {
      return key + " " + type + " " + verdict;
    }
  }

  /**
   * A report of a copy.
   *
   * @param copy where the copy lies in {@code visitor.normalized}
   */
  record Duplicate(Place copy) {}

  /**
   * A report of a delivery key with two facts in one partition.
   *
   * @param second where the later use lies in {@code visitor.normalized}
   */
  record Conflict(Place second) {}
}
