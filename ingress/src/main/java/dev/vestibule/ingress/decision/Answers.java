package dev.vestibule.ingress.decision;

import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was answered lately, so that a repeated call gets the first answer that anybody may have
 * seen. A review is never taken back.
 */
public final class Answers {
  /** How long an answer stands. */
  public static final Duration KEPT = Duration.ofMinutes(15);

  private final int max;
  private final Map<String, Answered> byDecision = new LinkedHashMap<>();

  /**
   * An answer.
   *
   * @param inputsHash of what was judged, or null
   * @param until when it is forgotten
   */
  record Answered(Ruling ruling, @Nullable String inputsHash, Instant until) {}

  /**
   * @param max answers that are kept; for one more, the oldest is forgotten early
   */
  public Answers(int max) {
    this.max = max;
  }

  /** The answer that stands, or null. */
  synchronized @Nullable Answered find(String decision, Instant now) {
    Answered answered = byDecision.get(decision);
    return answered == null || !now.isBefore(answered.until()) ? null : answered;
  }

  /**
   * Decides between an answer that is about to be given and the one that was.
   *
   * @return what is to be answered
   */
  synchronized Ruling settle(
      String decision, Ruling ruling, @Nullable String inputsHash, Instant now) {
    Answered before = find(decision, now);
    if (before != null && !before.ruling().approves()) {
      return ruling.approves() ? before.ruling().repeated() : ruling;
    }
    Instant until = before != null && ruling.approves() ? before.until() : now.plus(KEPT);
    put(decision, new Answered(ruling.brief(), inputsHash, until), now);
    return ruling;
  }

  /**
   * Takes what was answered here or elsewhere, as it stands on {@code visitor.decisions}. Repeats
   * say nothing new: they do not make an answer stand any longer.
   */
  public synchronized void learn(Decision decided, Instant now) {
    if (decided.getPhase() != DecisionPhase.DECIDED || decided.getBasis() == DecisionBasis.REPEAT) {
      return;
    }
    Instant until = decided.getDecidedAt().plus(KEPT);
    Answered before = find(decided.getDecisionId(), now);
    boolean approves = decided.getOutcome() == DecisionOutcome.APPROVE;
    if (!now.isBefore(until) || (before != null && (approves || !before.ruling().approves()))) {
      return;
    }
    put(
        decided.getDecisionId(),
        new Answered(Records.ruling(decided), decided.getInputsHash(), until),
        now);
  }

  /** How many are kept. */
  public synchronized int size() {
    return byDecision.size();
  }

  private void put(String decision, Answered answered, Instant now) {
    byDecision.remove(decision);
    byDecision.put(decision, answered);
    forget(now);
  }

  /**
   * What an evaluation means for an entry that was answered before. The first answer holds, as long
   * as it is the same visit: only the watchlist, or a doubt, turns it into a review.
   */
  static Ruling again(Answered before, Ruling fresh, @Nullable String inputsHash) {
    if (!before.ruling().approves()) {
      return before.ruling().repeated();
    }
    if (fresh.approves()) {
      return fresh.repeated();
    }
    boolean same = inputsHash != null && inputsHash.equals(before.inputsHash());
    return same && fresh.basis() == DecisionBasis.RULE ? before.ruling().repeated() : fresh;
  }

  private void forget(Instant now) {
    Iterator<Answered> oldest = byDecision.values().iterator();
    while (oldest.hasNext()) {
      Answered answered = oldest.next();
      if (byDecision.size() <= max && now.isBefore(answered.until())) {
        return;
      }
      oldest.remove();
    }
  }
}
