package dev.vestibule.standalone.simulator;

import java.util.List;

/**
 * A message together with what it should become.
 *
 * @param facts the events in it, in order; empty for what is acknowledged and never stored
 * @param readable whether it can be parsed at all; what cannot ends as a dead letter
 */
public record Planned(Message message, List<Fact> facts, boolean readable) {

  public Planned {
    facts = List.copyOf(facts);
  }

  static Planned of(Message message, Fact... facts) {
    return new Planned(message, List.of(facts), true);
  }

  /** Signed bytes that nobody can parse. */
  public static Planned unreadable(Message message) {
    return new Planned(message, List.of(), false);
  }
}
