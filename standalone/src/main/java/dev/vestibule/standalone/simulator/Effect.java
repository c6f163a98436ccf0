package dev.vestibule.standalone.simulator;

import dev.vestibule.contract.Topics;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;

/**
 * One record on an outgoing topic, as far as counting goes.
 *
 * @param topic name of the topic, without an installation's prefix
 * @param kind what kind of record it is, e.g. {@code SIGNED_IN NEW}
 */
public record Effect(String topic, String kind) implements Comparable<Effect> {

  public static Effect event(Sensitivity sensitivity, EventType type, Verdict verdict) {
    return new Effect(Topics.events(sensitivity), type + " " + verdict);
  }

  public static Effect duplicate(String type) {
    return new Effect(Topics.DUPLICATES, type);
  }

  /**
   * @param keyKind {@code delivery} or {@code hint}
   */
  public static Effect conflict(String keyKind) {
    return new Effect(Topics.CONFLICTS, keyKind);
  }

  public static Effect deadLetter(String stage) {
    return new Effect(Topics.DEAD_LETTERS, stage);
  }

  @Override
  public int compareTo(Effect other) {
    int byTopic = topic.compareTo(other.topic);
    return byTopic == 0 ? kind.compareTo(other.kind) : byTopic;
  }
}
