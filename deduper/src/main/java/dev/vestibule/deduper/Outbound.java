package dev.vestibule.deduper;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * A value on its way out.
 *
 * @param topic full name of the topic, or {@link #KEY_USES} for the side branch
 * @param value the bytes as they will lie in the topic
 */
record Outbound(String topic, byte[] value) {
  /** Stands for the internal topic in which the uses of a delivery key meet. */
  static final String KEY_USES = "key-uses";

  boolean isKeyUse() {
    return topic.equals(KEY_USES);
  }

  static Serde<Outbound> serde() {
    return Serdes.serdeFrom(
        (topic, outbound) -> outbound.value(), (topic, bytes) -> new Outbound(topic, bytes));
  }
}
