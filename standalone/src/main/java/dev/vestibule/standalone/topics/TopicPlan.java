package dev.vestibule.standalone.topics;

import dev.vestibule.contract.Generation;
import dev.vestibule.contract.TopicNames;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Growth;
import dev.vestibule.control.Pause;
import dev.vestibule.control.WriterKind;
import dev.vestibule.standalone.broker.TopicDifference;
import dev.vestibule.standalone.broker.TopicSetup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;

/**
 * What an installation's topics lack.
 *
 * @param missing topics that are not there
 * @param differences of those that are
 * @param notes what else an operator should know
 */
public record TopicPlan(
    List<NewTopic> missing, List<TopicDifference> differences, List<String> notes) {

  /** Looks, and changes nothing. */
  public static TopicPlan of(
      Cluster cluster, TopicSetup setup, TopicNames names, ControlState state) {
    TopicSetup.Findings findings = setup.compare(cluster.admin(), state.generation());
    List<String> notes = new ArrayList<>();
    Growth growth = state.growth();
    if (growth != null) {
      notes.add(
          names.of(growth.topic())
              + " is growing to "
              + growth.partitions()
              + " partitions (step "
              + growth.step().name().toLowerCase(Locale.ROOT)
              + "); if nobody is at it: vestibule topics grow "
              + names.of(growth.topic())
              + " --partitions "
              + growth.partitions()
              + (growth.canBeTakenBack() ? ", or vestibule topics cancel" : ""));
    }
    for (Map.Entry<WriterKind, Pause> pause : state.pauses().entrySet()) {
      notes.add("every " + pause.getKey().id() + " stands still for " + pause.getValue().topic());
    }
    for (int number = 1; number < state.generation().number(); number++) {
      String old = new Generation(number).topic(names);
      if (cluster.partitions(old).isPresent()) {
        notes.add(
            old
                + " is an old generation, "
                + state.generation().topic(names)
                + " has taken over; once its records have expired it may be deleted, with the"
                + " topics and the consumer group of its deduper");
      }
    }
    return new TopicPlan(findings.missing(), findings.differences(), notes);
  }

  /** For people, one finding each. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    missing.forEach(topic ->
        lines.add("create " + topic.name() + " with " + topic.numPartitions() + " partitions"));
    differences.forEach(difference ->
        lines.add((isRepairable(difference) ? "repair " : "look at ") + difference.describe()));
    lines.addAll(notes);
    if (lines.isEmpty()) {
      lines.add("nothing to do: every topic is as it should be");
    } else if (!missing.isEmpty() || differences.stream().anyMatch(TopicPlan::isRepairable)) {
      lines.add("'vestibule topics apply' creates and repairs");
    }
    return lines;
  }

  /**
   * Creates what is missing and repairs settings. Counts of partitions and replicas stay.
   *
   * @return what was done and what is left
   */
  public List<String> apply(Admin admin) {
    List<String> lines = new ArrayList<>();
    if (!missing.isEmpty()) {
      Cluster.get(admin.createTopics(missing).all());
      missing.forEach(topic -> lines.add("created " + topic.name()));
    }
    for (TopicDifference difference : differences) {
      if (isRepairable(difference)) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, difference.topic());
        ConfigEntry entry = new ConfigEntry(difference.setting(), difference.expected());
        Cluster.get(
            admin
                .incrementalAlterConfigs(
                    Map.of(topic, List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET))))
                .all());
        lines.add(
            "repaired "
                + difference.topic()
                + ": "
                + difference.setting()
                + " is "
                + difference.expected());
      } else {
        lines.add("left " + difference.describe());
      }
    }
    lines.addAll(notes);
    if (lines.isEmpty()) {
      lines.add("nothing to do: every topic is as it should be");
    }
    return lines;
  }

  private static boolean isRepairable(TopicDifference difference) {
    return !difference.setting().equals("partitions")
        && !difference.setting().equals("replication");
  }
}
