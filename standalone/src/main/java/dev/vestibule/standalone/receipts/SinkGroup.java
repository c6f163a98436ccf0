package dev.vestibule.standalone.receipts;

import dev.vestibule.config.SinkConfig;
import dev.vestibule.config.VestibuleConfig;
import dev.vestibule.sink.EventsSubscription;
import java.util.Set;

/**
 * A sink as Kafka sees it.
 *
 * @param name as configured
 * @param topics full names of the events topics that it is granted
 */
record SinkGroup(String name, String group, Set<String> topics) {
  static SinkGroup of(VestibuleConfig config, SinkConfig sink) {
    EventsSubscription subscription = EventsSubscription.of(config, sink);
    return new SinkGroup(sink.name(), subscription.group(), Set.copyOf(subscription.topics()));
  }
}
