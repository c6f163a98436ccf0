package dev.vestibule.standalone.broker;

/**
 * An existing topic that is not as the pipeline needs it. Nothing is changed on its own: what a
 * topic holds may depend on how it is.
 *
 * @param topic full name
 * @param setting Kafka's name of the setting, {@code partitions} or {@code replication}
 * @param found what the cluster says
 * @param expected what Vestibule would have created
 * @param severity whether services may run all the same
 */
public record TopicDifference(
    String topic, String setting, String found, String expected, Severity severity) {

  /** What a difference means. */
  public enum Severity {
    /** Works, but not as planned: other retention, other counts. */
    WARNING,
    /** Records would be refused, lost or misjudged: no service starts. */
    ERROR
  }

  /** One line: what is wrong and what an operator can do about it. */
  public String describe() {
    return "topic "
        + topic
        + ": "
        + setting
        + " is "
        + found
        + ", expected "
        + expected
        + "; "
        + remedy();
  }

  /** What an operator can do about it. */
  public String remedy() {
    return switch (setting) {
      case "partitions" ->
          "say topics.partitions in the configuration if this is meant, else grow it with:"
              + " vestibule topics grow "
              + topic
              + " --partitions "
              + expected
              + " (never by hand)";
      case "replication" ->
          "say topics.replication in the configuration if this is meant, else reassign replicas";
      default ->
          "change it with: kafka-configs --alter --entity-type topics --entity-name "
              + topic
              + " --add-config "
              + setting
              + "="
              + expected;
    };
  }
}
