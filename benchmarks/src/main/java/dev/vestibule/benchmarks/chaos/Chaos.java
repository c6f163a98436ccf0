package dev.vestibule.benchmarks.chaos;

import dev.vestibule.contract.Verdict;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Webhooks go in while a nemesis is about: in each round dedupers are killed, robbed or frozen, and
 * now and then the broker or the normalizer too. The next round begins when everything that was
 * accepted by then is out. Afterwards {@link Audit} says what is wrong.
 */
public final class Chaos {
  private static final Duration RECOVERED_WITHIN = Duration.ofMinutes(2);
  private static final Duration BROKER_FROZEN = Duration.ofSeconds(4);

  /** Events between two faults, so that each fault meets a pipeline that works. */
  private static final int PROGRESS = 50;

  private static final int RATE = 150;
  private static final int LOG_LINES = 25;

  private final int visits;
  private final int rounds;
  private final long seed;
  private final PrintStream progress;
  private final Random random;
  private final Map<String, Double> figures = new LinkedHashMap<>();

  /**
   * @param seed of visits and victims; processes and networks have a chance of their own
   * @param progress gets a line per round
   */
  public Chaos(int visits, int rounds, long seed, PrintStream progress) {
    this.visits = visits;
    this.rounds = rounds;
    this.seed = seed;
    this.progress = progress;
    this.random = new Random(seed);
  }

  /**
   * Runs all rounds, waits until everything is through, and audits.
   *
   * @param folder for data and logs of all processes
   * @throws IllegalStateException when the pipeline does not recover from a fault in time
   */
  public ChaosResult run(Path folder) throws InterruptedException {
    say("seed %d, %d visits, %d rounds", seed, visits, rounds);
    long start = System.nanoTime();
    try (Rig rig = new Rig(folder);
        Watch watch = new Watch(rig.bootstrap());
        Load load = new Load(rig.ingress(), seed, rig.partitions(), RATE, watch)) {
      try {
        List<List<Fault>> schedule = Fault.schedule(rounds);
        for (int round = 0; round < rounds; round++) {
          round(round, schedule.get(round), rig, load, watch);
        }
        load.allow(visits);
        load.end();
        await(rig, "all visits are over", load::ended);
        await(rig, "everything is judged and committed", rig::drained);
        return audit(rig, load, watch, start);
      } catch (IllegalStateException e) {
        tellLogs(rig);
        throw e;
      }
    }
  }

  private void round(int round, List<Fault> faults, Rig rig, Load load, Watch watch)
      throws InterruptedException {
    long start = System.nanoTime();
    int before = visits * round / rounds;
    int share = visits * (round + 1) / rounds - before;
    int moment = before + share * (10 + random.nextInt(50)) / 100;
    load.allow(before + share);
    int events = watch.events() + Math.min(PROGRESS, share / 4);
    await(rig, "events come out again", () -> load.begun() >= moment && watch.events() >= events);
    List<String> done = new ArrayList<>();
    for (Fault fault : faults) {
      figures.merge("fault_" + fault.id(), 1.0, Double::sum);
      strike(fault, rig, watch, done);
    }
    Set<String> accepted = watch.outstanding();
    await(rig, "what was accepted comes out", () -> watch.out(accepted));
    await(rig, "visits of the round begin", () -> load.begun() >= before + share);
    say(
        "round %d/%d: %s; %d visits, %d events, %.1f s",
        round + 1, rounds, String.join(", ", done), load.begun(), watch.events(), seconds(start));
  }

  private void strike(Fault fault, Rig rig, Watch watch, List<String> done)
      throws InterruptedException {
    ChildProcess victim =
        switch (fault) {
          case KILL_DEDUPER, WIPE_DEDUPER, FREEZE_DEDUPER ->
              rig.dedupers().get(random.nextInt(Rig.DEDUPERS));
          case KILL_BROKER, FREEZE_BROKER -> rig.broker();
          case KILL_NORMALIZER -> rig.normalizer();
        };
    done.add(fault.id().replace('_', '-') + "(" + victim.name() + ")");
    switch (fault) {
      case KILL_DEDUPER, KILL_BROKER, KILL_NORMALIZER -> victim.kill();
      case WIPE_DEDUPER -> {
        victim.kill();
        rig.wipe(victim);
      }
      case FREEZE_DEDUPER -> {
        victim.freeze();
        Set<String> due = watch.outstanding();
        long frozen = System.nanoTime();
        await(
            rig,
            "others take over from a frozen deduper",
            () -> seconds(frozen) > 1.2 * Rig.TRANSACTION_TIMEOUT.toSeconds() && watch.out(due));
        victim.thaw();
        return;
      }
      case FREEZE_BROKER -> {
        victim.freeze();
        Thread.sleep(BROKER_FROZEN);
        victim.thaw();
        return;
      }
    }
    victim.start();
  }

  private ChaosResult audit(Rig rig, Load load, Watch watch, long start) {
    Evidence evidence = new Committed(rig.bootstrap(), rig.schemas()).evidence(load.sent());
    Findings findings = Audit.of(evidence);
    int threadFailures = 0;
    int fenced = 0;
    for (ChildProcess deduper : rig.dedupers()) {
      String log = deduper.log();
      threadFailures += count("Deduper thread failed", log);
      fenced += count("thread is being fenced", log);
      log.lines()
          .filter(line -> line.contains("Skipping record"))
          .forEach(line -> findings.unexplained().add(deduper.name() + " says: " + line));
    }
    figures.put("visits", (double) visits);
    figures.put("rounds", (double) rounds);
    figures.put("requests", (double) load.requests());
    figures.put(
        "accepted", (double) evidence.sent().stream().filter(s -> s.receipt() != null).count());
    figures.put(
        "refused", (double) evidence.sent().stream().filter(s -> s.receipt() == null).count());
    figures.put("input", (double) evidence.inputs().size());
    for (Verdict verdict : Verdict.values()) {
      figures.put(
          verdict.name().toLowerCase(Locale.ROOT),
          (double) findings.verdicts().getOrDefault(verdict.name(), 0));
    }
    figures.put("longest_stall_ms", (double) watch.longestStall().toMillis());
    figures.put("thread_failures", (double) threadFailures);
    figures.put("fenced", (double) fenced);
    figures.put("processes_given_up", (double) rig.revived());
    figures.put("seconds", seconds(start));
    List<String> lines = findings.lines();
    lines.stream().limit(100).forEach(line -> say("%s", line));
    say(
        "%s",
        lines.isEmpty()
            ? "nothing lost, nothing twice, every order kept"
            : lines.size() + " findings");
    return new ChaosResult(findings, figures);
  }

  private void await(Rig rig, String what, BooleanSupplier condition) throws InterruptedException {
    Await.until(
        what,
        RECOVERED_WITHIN,
        () -> {
          rig.revive();
          return condition.getAsBoolean();
        });
  }

  private void tellLogs(Rig rig) {
    for (ChildProcess child : rig.children()) {
      List<String> lines = child.log().lines().toList();
      lines
          .subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
          .forEach(line -> say("%s: %s", child.name(), line));
    }
  }

  private static int count(String words, String log) {
    return log.split(words, -1).length - 1;
  }

  @SuppressWarnings("AnnotateFormatMethod") // The annotation would bring a library along.
  private void say(String line, Object... values) {
    progress.println("chaos: " + String.format(Locale.ROOT, line, values));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
