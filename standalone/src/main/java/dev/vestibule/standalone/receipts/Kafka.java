package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.TopicNames;

/** What one look-up sees of Kafka. */
record Kafka(Cluster cluster, Log log, Stages stages, TopicNames names) {

  /** The full name of a topic. */
  String topic(String name) {
    return names.of(name);
  }
}
