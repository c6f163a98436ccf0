package dev.vestibule.ingress.publish;

/** Position of a durable record. */
public record Receipt(String topic, int partition, long offset) {

  /** {@code <topic>-<partition>@<offset>}. */
  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}
