package dev.vestibule.deduper.verdict;

import java.util.ArrayList;
import java.util.List;

/** Random schedules for tests of other packages, judged on the model of the stores. */
public final class Schedules {
  private Schedules() {}

  /** Every attempt at every record, rewinds included, in the order in which they happen. */
  public static List<Attempt> attempts(long seed) {
    Schedule schedule = Schedule.draw(seed);
    BucketMemory memory = new BucketMemory();
    List<Attempt> attempts = new ArrayList<>();
    List<Schedule.Rewind> pending = new ArrayList<>(schedule.rewinds());
    Coverage coverage = null;
    for (int i = 0; i < schedule.copies().size(); i++) {
      Candidate record = schedule.copies().get(i).at(schedule.firstOffset() + i);
      coverage =
          coverage == null
              ? Coverage.startingAt(record.offset(), record.arrival())
              : coverage.seen(record.arrival());
      Judgement judgement = Judge.judge(coverage, memory, record);
      memory.apply(judgement.writes());
      attempts.add(new Attempt(record, judgement));
      int index = i;
      Schedule.Rewind rewind =
          pending.stream().filter(next -> next.after() == index).findFirst().orElse(null);
      if (rewind != null) {
        pending.remove(rewind);
        i -= rewind.back() + 1;
      }
    }
    return attempts;
  }

  /** One record and what the model makes of it. */
  public record Attempt(Candidate record, Judgement judgement) {}
}
