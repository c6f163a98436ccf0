package dev.vestibule.deduper;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.RecordContext;
import org.apache.kafka.streams.processor.TopicNameExtractor;

/** A value on its way out, with the topic it goes to. */
final class Outbound {
  /** Stands for the internal topic in which the uses of a delivery key meet. */
  static final String KEY_USES = "key-uses";

  private final String topic;
  private final byte[] value;

  /**
   * @param topic full name of the topic, or {@link #KEY_USES} for the side branch
   * @param value the bytes as they will lie in the topic; not copied
   */
  Outbound(String topic, byte[] value) {
    this.topic = topic;
    this.value = value;
  }

  String topic() {
    return topic;
  }

  byte[] value() {
    return value;
  }

  /** Names the topic; a record, so that the described topology prints the same every time. */
  record Route() implements TopicNameExtractor<byte[], Outbound> {
    @Override
    public String extract(byte[] key, Outbound outbound, RecordContext context) {
      return outbound.topic();
    }
  }

  static Serde<Outbound> serde() {
    return Serdes.serdeFrom(
        (topic, outbound) -> outbound.value(), (topic, bytes) -> new Outbound(topic, bytes));
  }
}
