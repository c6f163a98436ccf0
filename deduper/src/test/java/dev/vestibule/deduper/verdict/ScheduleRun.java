package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Verdict;
import dev.vestibule.deduper.verdict.Oracle.Answer;
import dev.vestibule.deduper.verdict.Schedule.Copy;
import dev.vestibule.deduper.verdict.Schedule.Rewind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs a schedule through the judge and says what is wrong with the outcome, if anything. */
final class ScheduleRun {
  private static final long ALLOWED_LAG = DedupeWindow.ALLOWED_LAG.toMillis();

  private final Schedule schedule;
  private final List<Judgement> judgements = new ArrayList<>();

  /**
   * The first record whose arrival lay further behind the latest one than allowed, in any attempt.
   * What was too late to be remembered may be missed from there on.
   */
  private int firstLagging = Integer.MAX_VALUE;

  private ScheduleRun(Schedule schedule) {
    this.schedule = schedule;
  }

  /** The first broken property, or empty. */
  static Optional<String> problem(Schedule schedule) {
    ScheduleRun run = new ScheduleRun(schedule);
    return run.rewinds()
        .or(run::agreement)
        .or(run::nothingLost)
        .or(run::onceWithinWindow)
        .or(run::accountsApart);
  }

  static List<Judgement> straight(Schedule schedule) {
    Task process = new Task(null);
    List<Judgement> judgements = new ArrayList<>();
    for (int i = 0; i < schedule.copies().size(); i++) {
      judgements.add(process.judge(schedule.copies().get(i).at(schedule.firstOffset() + i)));
    }
    return judgements;
  }

  /** Drops copies and rewinds as long as the schedule keeps failing. */
  static Schedule shrink(Schedule failing) {
    Schedule smallest = failing;
    boolean shrunk = true;
    while (shrunk) {
      shrunk = false;
      for (int i = smallest.copies().size() - 1; i >= 0; i--) {
        List<Copy> fewer = new ArrayList<>(smallest.copies());
        fewer.remove(i);
        Schedule smaller = smallest.with(fewer, without(smallest.rewinds(), i));
        if (problem(smaller).isPresent()) {
          smallest = smaller;
          shrunk = true;
        }
      }
      for (int i = smallest.rewinds().size() - 1; i >= 0; i--) {
        List<Rewind> fewer = new ArrayList<>(smallest.rewinds());
        fewer.remove(i);
        Schedule smaller = smallest.with(smallest.copies(), fewer);
        if (problem(smaller).isPresent()) {
          smallest = smaller;
          shrunk = true;
        }
      }
    }
    return smallest;
  }

  /** The rewinds when one copy is gone; each still starts and ends at its old copies. */
  private static List<Rewind> without(List<Rewind> rewinds, int gone) {
    List<Rewind> shifted = new ArrayList<>();
    for (Rewind rewind : rewinds) {
      int after = rewind.after() - (gone <= rewind.after() ? 1 : 0);
      boolean inside = rewind.after() - rewind.back() <= gone && gone <= rewind.after();
      if (after >= 0) {
        shifted.add(new Rewind(after, Math.max(0, rewind.back() - (inside ? 1 : 0))));
      }
    }
    return shifted;
  }

  /** A rewind over what the first attempt left behind changes no verdict. */
  private Optional<String> rewinds() {
    Task process = new Task(null);
    List<Copy> copies = schedule.copies();
    List<Rewind> pending = new ArrayList<>(schedule.rewinds());
    long latest = Long.MIN_VALUE;
    for (int i = 0; i < copies.size(); i++) {
      Judgement judgement = process.judge(candidate(i));
      latest = Math.max(latest, copies.get(i).arrival());
      if (latest - copies.get(i).arrival() > ALLOWED_LAG) {
        firstLagging = Math.min(firstLagging, i);
      }
      if (i == judgements.size()) {
        judgements.add(judgement);
      } else if (i < firstLagging && !same(judgement(i), judgement)) {
        return Optional.of(
            "record %d is %s after a rewind, was %s".formatted(i, judgement, judgement(i)));
      } else {
        // Only the last attempt is committed.
        judgements.set(i, judgement);
      }
      int index = i;
      Optional<Rewind> crash =
          pending.stream().filter(rewind -> rewind.after() == index).findFirst();
      if (crash.isPresent()) {
        pending.remove(crash.get());
        i -= crash.get().back() + 1;
      }
    }
    return Optional.empty();
  }

  private static boolean same(Judgement first, Judgement second) {
    return first.verdict() == second.verdict()
        && first.late() == second.late()
        && Objects.equals(first.evidence(), second.evidence());
  }

  /** As long as no arrival lies further back than allowed, the oracle agrees word by word. */
  private Optional<String> agreement() {
    Oracle oracle = new Oracle();
    long first = schedule.copies().isEmpty() ? 0 : schedule.copies().getFirst().arrival();
    for (int i = 0; i < Math.min(firstLagging, schedule.copies().size()); i++) {
      Candidate record = candidate(i);
      Answer expected = oracle.judge(record);
      Verdict verdict = expected.verdict();
      if (verdict == Verdict.NEW && !expected.late() && incomplete(record, first)) {
        verdict = Verdict.UNVERIFIED;
      }
      Judgement actual = judgement(i);
      boolean foundSnapshot = record.snapshot() != null && actual.verdict() == Verdict.NEW;
      if ((actual.verdict() != verdict && !(foundSnapshot && verdict == Verdict.UNVERIFIED))
          || actual.late() != expected.late()) {
        return Optional.of(
            "record %d is %s, expected %s %s".formatted(i, actual, verdict, expected));
      }
    }
    return Optional.empty();
  }

  private boolean incomplete(Candidate record, long firstArrival) {
    long window =
        Math.max(
            record.deliveryWindow().length().toMillis(),
            record.fact() == null && record.snapshot() == null
                ? 0
                : record.factWindow().length().toMillis());
    return schedule.firstOffset() > 0 && record.arrival() - window < firstArrival;
  }

  /** The first record of every fact, delivery and request comes out. */
  private Optional<String> nothingLost() {
    Set<Hash> known = new HashSet<>();
    for (int i = 0; i < schedule.copies().size(); i++) {
      Candidate record = candidate(i);
      boolean fresh = known.add(record.transport());
      boolean freshDelivery = record.delivery() != null && known.add(record.delivery());
      boolean freshFact = record.fact() != null && known.add(record.fact());
      boolean firstCopy =
          fresh
              && record.snapshot() == null
              && (record.delivery() == null || freshDelivery)
              && (record.fact() == null || freshFact);
      if (firstCopy && !judgement(i).emits()) {
        return Optional.of("record %d is a first copy and lost".formatted(i));
      }
    }
    return Optional.empty();
  }

  /**
   * Whoever says NEW has seen the whole window, and no first copy in it bears the same key. The
   * window is that of the first copy; revisions do not prolong it.
   */
  private Optional<String> onceWithinWindow() {
    Map<Hash, List<Candidate>> emitted = new HashMap<>();
    for (int i = 0; i < schedule.copies().size(); i++) {
      Candidate record = candidate(i);
      Judgement judgement = judgement(i);
      boolean counts =
          judgement.verdict() == Verdict.NEW || judgement.verdict() == Verdict.UNVERIFIED;
      Hash key = record.fact() == null ? record.delivery() : record.fact();
      if (!counts || key == null || record.snapshot() != null) {
        continue;
      }
      long window =
          (record.fact() == null ? record.deliveryWindow() : record.factWindow())
              .length()
              .toMillis();
      List<Candidate> before = emitted.computeIfAbsent(key, k -> new ArrayList<>());
      if (judgement.verdict() == Verdict.NEW
          && before.stream().anyMatch(b -> Math.abs(b.arrival() - record.arrival()) <= window)) {
        return Optional.of("record %d is NEW beside an accepted copy".formatted(i));
      }
      before.add(record);
    }
    return Optional.empty();
  }

  /** One account's verdicts are the same when the other account does not exist. */
  private Optional<String> accountsApart() {
    if (schedule.firstOffset() > 0) {
      return Optional.empty();
    }
    Task alone = new Task(new Coverage(Coverage.ALWAYS, 0));
    for (int i = 0; i < Math.min(firstLagging, schedule.copies().size()); i++) {
      if (schedule.copies().get(i).account() == 0
          && !same(judgement(i), alone.judge(candidate(i)))) {
        return Optional.of("record %d depends on another account".formatted(i));
      }
    }
    return Optional.empty();
  }

  private Candidate candidate(int index) {
    return schedule.copies().get(index).at(schedule.firstOffset() + index);
  }

  private Judgement judgement(int index) {
    return judgements.get(index);
  }

  /** What a task does with a record. */
  private static final class Task {
    private final BucketMemory memory = new BucketMemory();
    private @Nullable Coverage coverage;

    Task(@Nullable Coverage coverage) {
      this.coverage = coverage;
    }

    Judgement judge(Candidate record) {
      Coverage now =
          coverage == null
              ? Coverage.startingAt(record.offset(), record.arrival())
              : coverage.seen(record.arrival());
      coverage = now;
      Judgement judgement = Judge.judge(now, memory, record);
      memory.apply(judgement.writes());
      return judgement;
    }
  }
}
