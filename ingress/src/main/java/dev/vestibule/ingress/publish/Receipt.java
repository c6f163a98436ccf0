package dev.vestibule.ingress.publish;

/** Where a durable record lies; its text is what the sender gets. */
public sealed interface Receipt {

  /** Position in a topic: {@code <topic>-<partition>@<offset>}. */
  record InKafka(String topic, int partition, long offset) implements Receipt {
    @Override
    public String toString() {
      return topic + "-" + partition + "@" + offset;
    }
  }

  /** Number in the spool of a source, from which it will be published. */
  record InSpool(String source, long number) implements Receipt {
    /** {@code spool-<source>@<number>}. */
    @Override
    public String toString() {
      return "spool-" + source + "@" + number;
    }
  }
}
