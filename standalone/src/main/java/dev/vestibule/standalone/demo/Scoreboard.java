package dev.vestibule.standalone.demo;

import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.simulator.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Expected numbers against real ones, line by line. */
record Scoreboard(List<Score> scores) {

  private static final List<String> EVENTS =
      List.of(Topics.EVENTS, Topics.EVENTS_RESTRICTED, Topics.EVENTS_HEALTH);

  /**
   * @param what the thing counted; parts of the one above begin with blanks
   */
  record Score(String what, long expected, long actual) {
    boolean right() {
      return expected == actual;
    }
  }

  Scoreboard {
    scores = List.copyOf(scores);
  }

  /** The same with one more line. */
  Scoreboard with(Score score) {
    List<Score> all = new ArrayList<>(scores);
    all.add(score);
    return new Scoreboard(all);
  }

  boolean right() {
    return scores.stream().allMatch(Score::right);
  }

  /**
   * The table at the end.
   *
   * @param steps what was played
   * @param turnstile what went over the line
   * @param rawRecords records on the raw topics
   * @param seen what was found on the outgoing topics
   * @param warehouseRows events in the warehouse
   */
  static Scoreboard of(
      List<Step> steps, Turnstile turnstile, long rawRecords, Tally seen, long warehouseRows) {
    Tally expected = steps.stream().map(Step::effects).reduce(Tally.NOTHING, Tally::plus);
    List<Score> scores = new ArrayList<>();
    scores.add(new Score("sent", sum(steps), turnstile.sent()));
    scores.add(
        new Score(
            "accepted",
            sum(steps.stream().filter(Step::accepted).toList()),
            turnstile.answered(200)));
    List<Step> refused = steps.stream().filter(step -> !step.accepted()).toList();
    scores.add(
        new Score(
            "refused",
            sum(refused),
            turnstile.answers().values().stream().mapToLong(Integer::longValue).sum()
                - turnstile.answered(200)));
    SortedSet<Integer> statuses = new TreeSet<>(turnstile.answers().keySet());
    refused.forEach(step -> statuses.add(step.status()));
    statuses.remove(200);
    for (int status : statuses) {
      scores.add(
          new Score(
              "  with " + status,
              sum(refused.stream().filter(step -> step.status() == status).toList()),
              turnstile.answered(status)));
    }
    scores.add(new Score("raw records", steps.stream().mapToLong(Step::stored).sum(), rawRecords));
    scores.add(new Score("events", events(expected), events(seen)));
    for (String topic : EVENTS) {
      scores.add(of("  on " + topic, topic, expected, seen));
    }
    scores.add(of("duplicates", Topics.DUPLICATES, expected, seen));
    scores.add(of("conflicts", Topics.CONFLICTS, expected, seen));
    scores.add(of("dead letters", Topics.DEAD_LETTERS, expected, seen));
    scores.add(new Score("warehouse rows", warehouseRows(expected), warehouseRows));
    return new Scoreboard(scores);
  }

  /** Every event but health data, which this installation does not grant to its warehouse. */
  static long warehouseRows(Tally expected) {
    return (long) expected.on(Topics.EVENTS) + expected.on(Topics.EVENTS_RESTRICTED);
  }

  private static long events(Tally tally) {
    return EVENTS.stream().mapToLong(tally::on).sum();
  }

  private static Score of(String what, String topic, Tally expected, Tally seen) {
    return new Score(what, expected.on(topic), seen.on(topic));
  }

  private static long sum(List<Step> steps) {
    return steps.stream().mapToLong(Step::requests).sum();
  }

  String table(Narrator narrator) {
    StringBuilder table = new StringBuilder();
    table.append(String.format("%-36s %9s %9s%n", "", "expected", "got"));
    for (Score score : scores) {
      table.append(
          String.format(
              "%-36s %9d %9d  %s%n",
              score.what(),
              score.expected(),
              score.actual(),
              score.right() ? narrator.good("ok") : narrator.bad("WRONG")));
    }
    return table.toString();
  }
}
