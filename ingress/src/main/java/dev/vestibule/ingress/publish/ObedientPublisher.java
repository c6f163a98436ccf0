package dev.vestibule.ingress.publish;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.control.ControlFollower;
import dev.vestibule.control.Lease;
import dev.vestibule.control.Orders;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.ingress.publish.PublishException.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Publishes to Kafka as long as the control topic permits it, and not to a topic that grows. Does
 * not wait for the first permission: until then every record fails, as it would without Kafka.
 */
public final class ObedientPublisher implements Publisher {
  private final KafkaPublisher kafka;
  private final Set<String> topics;
  private final Lease lease;
  private final ControlFollower follower;

  private ObedientPublisher(
      KafkaPublisher kafka, Map<String, String> settings, TopicNames names, Set<String> topics) {
    this.kafka = kafka;
    this.topics = Set.copyOf(topics);
    this.lease = new Lease(settings, names, WriterKind.INGRESS, this::obey);
    this.follower = new ControlFollower(settings, names, WriterKind.INGRESS, lease);
  }

  /**
   * Starts without waiting for Kafka.
   *
   * @param settings the installation's Kafka settings
   * @param topics full names of the raw topics that will be written
   * @param others full names of other topics that will be written
   * @throws dev.vestibule.config.ConfigException when Kafka's client refuses the settings
   */
  public static ObedientPublisher start(
      Map<String, String> settings,
      TopicNames names,
      Set<String> topics,
      Set<String> others,
      InstantSource clock) {
    Set<String> all = new HashSet<>(topics);
    all.addAll(others);
    KafkaPublisher kafka = KafkaPublisher.start(settings, all, clock);
    ObedientPublisher publisher = new ObedientPublisher(kafka, settings, names, topics);
    publisher.follower.start(Duration.ZERO);
    return publisher;
  }

  private void obey(Orders orders) {
    Pause pause = orders.pause();
    String before = kafka.pausedTopic();
    if (before != null && (pause == null || !pause.topic().equals(before))) {
      kafka.resume();
    }
    if (pause != null) {
      kafka.pause(pause.topic());
    }
  }

  @Override
  public CompletableFuture<Receipt> publish(RawRecord record) {
    return lease.valid()
        ? kafka.publish(record)
        : CompletableFuture.failedFuture(new PublishException(Reason.PAUSED));
  }

  @Override
  public boolean reachable() {
    return kafka.reachable() && lease.valid() && !paused();
  }

  @Override
  public boolean paused() {
    String paused = kafka.pausedTopic();
    return paused != null && topics.equals(Set.of(paused));
  }

  @Override
  public void close() {
    follower.close();
    lease.close();
    kafka.close();
  }
}
