package dev.vestibule.benchmarks.forge;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What became of the forgeries. */
public final class Tally {
  private static final int FINDINGS = 20;

  private final LongAdder forged = new LongAdder();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder serverErrors = new LongAdder();
  private final LongAdder genuine = new LongAdder();
  private final LongAdder genuineRefused = new LongAdder();
  private final LongAdder unchanged = new LongAdder();
  private final LongAdder unchangedAccepted = new LongAdder();
  private final LongAdder overLoopback = new LongAdder();
  private final Map<Mutation, LongAdder> mutations = new EnumMap<>(Mutation.class);
  private final List<String> findings = new ArrayList<>();

  Tally() {
    for (Mutation mutation : Mutation.values()) {
      mutations.put(mutation, new LongAdder());
    }
  }

  /**
   * @param label how to make the request again
   * @param untouched whether it is as it was sent
   * @param same whether it says what was sent
   * @param status what was answered
   */
  void judge(String label, boolean untouched, boolean same, int status) {
    boolean in = Forge.isAccepted(status);
    if (Forge.isServerError(status)) {
      serverErrors.increment();
      find(status + " for " + label);
    }
    if (untouched) {
      genuine.increment();
      if (!in || !same) {
        genuineRefused.increment();
        find((same ? "refused " : "unknown to the judge ") + label);
      }
    } else if (same) {
      unchanged.increment();
      if (in) {
        unchangedAccepted.increment();
      }
    } else {
      forged.increment();
      if (in) {
        accepted.increment();
        find("accepted " + label);
      }
    }
  }

  void mutated(Mutation mutation) {
    LongAdder count = mutations.get(mutation);
    if (count != null) {
      count.increment();
    }
  }

  void sentOverLoopback() {
    overLoopback.increment();
  }

  private synchronized void find(String finding) {
    if (findings.size() < FINDINGS) {
      findings.add(finding);
    }
  }

  /** The first things that should not have happened, to be made again with the seed. */
  public synchronized List<String> findings() {
    return List.copyOf(findings);
  }

  /** Requests whose signed bytes, time or proof are not what was sent. */
  public long forged() {
    return forged.sum();
  }

  /** Of these, those that got in. */
  public long accepted() {
    return accepted.sum();
  }

  public long serverErrors() {
    return serverErrors.sum();
  }

  /** Requests sent as they were. */
  public long genuine() {
    return genuine.sum();
  }

  /** Of these, those that did not get in; any at all makes the rest worthless. */
  public long genuineRefused() {
    return genuineRefused.sum();
  }

  /** Mutated requests that say what was sent all the same: either answer is right. */
  public long unchanged() {
    return unchanged.sum();
  }

  public long unchangedAccepted() {
    return unchangedAccepted.sum();
  }

  public long overLoopback() {
    return overLoopback.sum();
  }

  /** Mutations that never came up. */
  List<Mutation> unused() {
    return mutations.entrySet().stream()
        .filter(entry -> entry.getValue().sum() == 0)
        .map(Map.Entry::getKey)
        .toList();
  }
}
