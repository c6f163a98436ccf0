package dev.vestibule.standalone.topics;

import dev.vestibule.contract.TopicNames;
import dev.vestibule.contract.Topics;
import dev.vestibule.control.ControlState;
import dev.vestibule.control.Growth;
import dev.vestibule.control.Growth.Step;
import dev.vestibule.standalone.Failure;
import java.util.function.ToIntFunction;

/**
 * What somebody asked for.
 *
 * @param topic name without prefix and generation
 * @param partitions count that it shall have
 */
public record GrowthRequest(String topic, int partitions) {
  private static final String GENERATION = "[.]g[1-9][0-9]*$";

  /**
   * Understands a topic by its full name, without the prefix, or by the name of a generation.
   *
   * @throws Failure when there is no such topic or it cannot grow
   */
  public static GrowthRequest of(String named, int partitions, TopicNames names) {
    String topic = named;
    if (!names.prefix().isEmpty() && topic.startsWith(names.prefix())) {
      topic = topic.substring(names.prefix().length());
    }
    if (topic.startsWith(Topics.NORMALIZED + ".g")) {
      topic = topic.replaceFirst(GENERATION, "");
    }
    Way way =
        Way.of(topic)
            .orElseThrow(() ->
                new Failure(
                    "'"
                        + named
                        + "' is no topic of Vestibule; 'vestibule topics plan' lists those that"
                        + " can grow"));
    if (way instanceof Way.Never(String because)) {
      throw new Failure("topic " + named + " cannot grow: " + because);
    }
    return new GrowthRequest(topic, partitions);
  }

  Way way() {
    return Way.of(topic).orElseThrow();
  }

  /**
   * The growth to carry out: a new one, or the one that was begun.
   *
   * @param count partitions of a topic by its name without prefix
   * @param stateFits whether the deduper's state has as many partitions as its input
   * @throws Failure when it would be unsafe or pointless
   */
  Growth admit(ControlState state, ToIntFunction<String> count, boolean stateFits) {
    if (!state.exists()) {
      throw new Failure(
          "there is no control topic, so no writer would hear of it; run 'vestibule topics apply'"
              + " and try again");
    }
    Growth running = state.growth();
    if (running != null) {
      if (running.topic().equals(topic) && running.partitions() == partitions) {
        return running;
      }
      throw new Failure(
          "topic "
              + running.topic()
              + " is growing to "
              + running.partitions()
              + " partitions; finish that first with 'vestibule topics grow "
              + running.topic()
              + " --partitions "
              + running.partitions()
              + "'"
              + (running.canBeTakenBack()
                  ? ", or take it back with 'vestibule topics cancel'"
                  : ""));
    }
    boolean byGeneration = way() instanceof Way.ByGeneration;
    String current = byGeneration ? state.generation().topic(TopicNames.UNPREFIXED) : topic;
    int present = count.applyAsInt(current);
    boolean repairs = byGeneration && !stateFits && partitions >= present;
    if (partitions <= present && !repairs) {
      throw new Failure(
          "topic "
              + current
              + " has "
              + present
              + " partitions already; expected more than that in --partitions, was "
              + partitions
              + " (a topic cannot shrink)");
    }
    return new Growth(
        topic, partitions, byGeneration ? state.generation().next().number() : 0, Step.PREPARE);
  }
}
