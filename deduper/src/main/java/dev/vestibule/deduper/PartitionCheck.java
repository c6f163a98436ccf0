package dev.vestibule.deduper;

import dev.vestibule.contract.DedupeWindow;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Refuses to run on another partition count than the state was built with: keys would be looked up
 * where they never were, and every old fact would be new again.
 */
final class PartitionCheck {
  private static final long WAIT_SECONDS = 30;

  private PartitionCheck() {}

  /**
   * @return how many partitions the input has
   * @throws IllegalStateException naming the problem and the remedy
   */
  static int check(Map<String, Object> adminClient, String input, String applicationId) {
    try (Admin admin = Admin.create(adminClient)) {
      int partitions =
          partitions(admin, input)
              .orElseThrow(() ->
                  new IllegalStateException(
                      "topic "
                          + input
                          + " does not exist; create it with 'vestibule topics apply'"));
      for (DedupeWindow window : DedupeWindow.values()) {
        String changelog = changelog(applicationId, window);
        OptionalInt held = partitions(admin, changelog);
        if (held.isPresent() && held.getAsInt() != partitions) {
          throw new IllegalStateException(mismatch(input, partitions, changelog, held.getAsInt()));
        }
      }
      return partitions;
    }
  }

  static String changelog(String applicationId, DedupeWindow window) {
    return applicationId + "-" + DeduperStores.seen(window) + "-changelog";
  }

  static String mismatch(String input, int partitions, String changelog, int held) {
    return "topic "
        + input
        + " has "
        + partitions
        + " partitions, but the deduper's state ("
        + changelog
        + ") has "
        + held
        + ": partitions were added behind its back, and keys now lie where their past does not."
        + " Run 'vestibule topics grow "
        + input
        + " --partitions "
        + partitions
        + "', which builds a new generation and carries the state over";
  }

  private static OptionalInt partitions(Admin admin, String topic) {
    try {
      TopicDescription description =
          admin
              .describeTopics(List.of(topic))
              .topicNameValues()
              .values()
              .iterator()
              .next()
              .get(WAIT_SECONDS, TimeUnit.SECONDS);
      return OptionalInt.of(description.partitions().size());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        return OptionalInt.empty();
      }
      throw new IllegalStateException("cannot describe topic " + topic, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("cannot describe topic " + topic + ": Kafka is silent", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while describing topic " + topic, e);
    }
  }
}
