package dev.vestibule.contract;

import dev.vestibule.events.Sensitivity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Names and settings of every topic. The names are public surface. */
public final class Topics {
  public static final String RAW_PREFIX = "visitor.raw.";
  public static final String NORMALIZED = "visitor.normalized";
  public static final String EVENTS = "visitor.events";
  public static final String EVENTS_RESTRICTED = "visitor.events.restricted";
  public static final String EVENTS_HEALTH = "visitor.events.health";
  public static final String DUPLICATES = "visitor.duplicates";
  public static final String DEAD_LETTERS = "visitor.dead-letters";
  public static final String CONFLICTS = "visitor.conflicts";
  public static final String DECISIONS = "visitor.decisions";
  public static final String DELIVERIES = "visitor.deliveries";

  /** Who has sent which dead letter on its way again, and when: JSON under the letter's id. */
  public static final String REPLAYS = "visitor.replays";

  public static final String REVIEWS = "visitor.reviews";
  public static final String ALERTS = "visitor.alerts";
  public static final String POLICIES = "visitor.policies";
  public static final String WATCHLIST = "visitor.watchlist";

  /** Which generation counts and who stands still; see {@code dev.vestibule.control}. */
  public static final String CONTROL = "visitor.control";

  /** Largest record in bytes: a 1 MiB body with its headers, its Avro and its dead letter fit. */
  public static final int MAX_RECORD_BYTES = 4 * 1024 * 1024;

  /** How long events are kept where the installation does not say; the warehouse is the archive. */
  public static final Duration EVENTS_RETENTION = Duration.ofDays(30);

  private static final Duration RAW_RETENTION = Duration.ofDays(14);

  /** Raw retention plus the deduper's longest store retention (11 days), rounded up. */
  private static final Duration NORMALIZED_RETENTION = Duration.ofDays(28);

  private Topics() {}

  /** The events topic that carries a sensitivity class. */
  public static String events(Sensitivity sensitivity) {
    return switch (sensitivity) {
      case STANDARD -> EVENTS;
      case RESTRICTED -> EVENTS_RESTRICTED;
      case HEALTH -> EVENTS_HEALTH;
    };
  }

  /**
   * What a sink holds for a destination that does not take it: events that were parked, under visit
   * and sequence. Compacted, so that it is read as a whole.
   *
   * @param sink its configured name
   */
  public static TopicSpec parked(String sink) {
    return TopicSpec.compacted("sink." + sink + ".parked");
  }

  /**
   * Dead letters of one sink on their way back to it and to nobody else. Whatever lies there is a
   * replay.
   *
   * @param sink its configured name
   */
  public static TopicSpec replay(String sink) {
    return TopicSpec.single("sink." + sink + ".replay", Duration.ofDays(30));
  }

  /**
   * What a sink that opens doors wants of each visit, and what may be open. Compacted; nobody else
   * reads it.
   *
   * @param sink its configured name
   */
  public static TopicSpec access(String sink) {
    return TopicSpec.compacted("sink." + sink + ".access");
  }

  /**
   * What a sink that posts messages knows of each: where it is, what it shows, and the call under
   * way. Compacted; nobody else reads it.
   *
   * @param sink its configured name
   */
  public static TopicSpec messages(String sink) {
    return TopicSpec.compacted("sink." + sink + ".messages");
  }

  /**
   * What people have clicked in the messages of a sink: genuine requests as they arrived, byte for
   * byte. One partition, so that their order says whose answer was first.
   *
   * @param sink its configured name
   */
  public static TopicSpec interactions(String sink) {
    return TopicSpec.arrivals("sink." + sink + ".interactions", Duration.ofDays(1));
  }

  /** Every topic of the pipeline with its settings, in the order in which they are created. */
  public static List<TopicSpec> all() {
    List<TopicSpec> specs = new ArrayList<>();
    for (Vendor vendor : Vendor.values()) {
      specs.add(TopicSpec.raw(vendor.rawTopic(), RAW_RETENTION));
    }
    specs.add(TopicSpec.wide(NORMALIZED, NORMALIZED_RETENTION));
    specs.add(TopicSpec.wide(EVENTS, EVENTS_RETENTION));
    specs.add(TopicSpec.wide(EVENTS_RESTRICTED, EVENTS_RETENTION));
    specs.add(TopicSpec.wide(EVENTS_HEALTH, EVENTS_RETENTION));
    specs.add(TopicSpec.narrow(DUPLICATES, Duration.ofDays(14)));
    specs.add(TopicSpec.narrow(DEAD_LETTERS, Duration.ofDays(14)));
    for (String topic : List.of(CONFLICTS, DECISIONS, DELIVERIES, REVIEWS, ALERTS, REPLAYS)) {
      specs.add(TopicSpec.narrow(topic, Duration.ofDays(400)));
    }
    specs.add(TopicSpec.compacted(POLICIES));
    specs.add(TopicSpec.compacted(WATCHLIST));
    specs.add(TopicSpec.compacted(CONTROL));
    return List.copyOf(specs);
  }
}
