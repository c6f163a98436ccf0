package dev.vestibule.standalone.topics;

import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Vendor;
import dev.vestibule.control.WriterKind;
import java.util.Arrays;
import java.util.Optional;

/** How a topic may get more partitions. */
public sealed interface Way {

  /** Behind a drained pause of its writer, since a key's next record may lie elsewhere. */
  record BehindPause(WriterKind writer) implements Way {}

  /** By a new topic that carries the deduper's memory over. */
  record ByGeneration() implements Way {}

  /** At once: each record stands alone. */
  record AtOnce() implements Way {}

  /** Not at all. */
  record Never(String because) implements Way {}

  /**
   * @param topic a name of {@link Topics}, without prefix
   * @return empty when Vestibule has no such topic
   */
  static Optional<Way> of(String topic) {
    if (Arrays.stream(Vendor.values()).anyMatch(vendor -> vendor.rawTopic().equals(topic))) {
      return Optional.of(new BehindPause(WriterKind.INGRESS));
    }
    if (topic.startsWith("sink.")
        && (topic.endsWith(".parked")
            || topic.endsWith(".access")
            || topic.endsWith(".messages"))) {
      return Optional.of(new Never("it is read as a whole and has one partition"));
    }
    if (topic.startsWith("sink.")
        && (topic.endsWith(".replay") || topic.endsWith(".interactions"))) {
      return Optional.of(new Never("it is read in the order in which it was written"));
    }
    return Optional.ofNullable(
        switch (topic) {
          case Topics.NORMALIZED -> new ByGeneration();
          case Topics.EVENTS, Topics.EVENTS_RESTRICTED, Topics.EVENTS_HEALTH ->
              new BehindPause(WriterKind.DEDUPER);
          case Topics.DUPLICATES,
              Topics.DEAD_LETTERS,
              Topics.CONFLICTS,
              Topics.DECISIONS,
              Topics.DELIVERIES,
              Topics.ALERTS,
              Topics.REPLAYS ->
              new AtOnce();
          case Topics.POLICIES, Topics.WATCHLIST, Topics.CONTROL ->
              new Never("it is read as a whole and has one partition");
          case Topics.REVIEWS ->
              new Never("nothing in this version writes it, so nothing is gained");
          default -> null;
        });
  }
}
