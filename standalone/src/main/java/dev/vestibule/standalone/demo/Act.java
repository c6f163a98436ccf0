package dev.vestibule.standalone.demo;

import dev.vestibule.standalone.simulator.Tally;
import java.util.List;

/**
 * A part of the play.
 *
 * @param title what it is about
 * @param saying what the reader should know
 * @param lanes steps by sender: lanes run side by side, steps within one in order
 */
record Act(String title, String saying, List<Lane> lanes) {

  /**
   * @param name who sends
   */
  record Lane(String name, List<Step> steps) {
    Lane {
      steps = List.copyOf(steps);
    }

    /** What is sent: the one webhook by its name, several by their number. */
    String describe() {
      int requests = steps.stream().mapToInt(Step::requests).sum();
      String what = steps.size() == 1 ? steps.getFirst().label() : steps.size() + " webhooks";
      return requests == steps.size() ? what : what + ", posted " + requests + " times";
    }
  }

  Act {
    lanes = List.copyOf(lanes);
  }

  List<Step> steps() {
    return lanes.stream().flatMap(lane -> lane.steps().stream()).toList();
  }

  Tally effects() {
    return steps().stream().map(Step::effects).reduce(Tally.NOTHING, Tally::plus);
  }
}
