package dev.vestibule.standalone.simulator;

import dev.vestibule.contract.Verdict;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says what each accepted copy of a message should lead to, in the order of acceptance: the rules
 * of deduplication once more, in memory and without windows, so that expectations are computed and
 * not written down.
 */
public final class Ledger {
  private final Map<String, String> identityByDelivery = new HashMap<>();
  private final Map<String, String> identityByHint = new HashMap<>();
  private final Set<String> contradictions = new HashSet<>();
  private final Map<String, String> lastState = new HashMap<>();
  private final Map<String, Set<String>> wordings = new HashMap<>();

  /** Notes one accepted copy and tells its effects. */
  public Tally accept(Planned planned) {
    if (!planned.readable()) {
      return Tally.NOTHING.plus(Effect.deadLetter("normalizer"));
    }
    Tally tally = Tally.NOTHING;
    for (int index = 0; index < planned.facts().size(); index++) {
      tally = tally.plus(accept(planned.facts().get(index), index));
    }
    return tally;
  }

  private Tally accept(Fact fact, int index) {
    Tally tally = hintReused(fact) ? Tally.NOTHING.plus(Effect.conflict("hint")) : Tally.NOTHING;
    Verdict verdict = verdict(fact, index);
    return switch (verdict) {
      case DUPLICATE, REPLAY -> tally.plus(Effect.duplicate(fact.type().name()));
      case CONFLICT -> tally.plus(Effect.conflict("delivery")).plus(event(fact, verdict));
      case NEW, REVISION, UNVERIFIED -> tally.plus(event(fact, verdict));
    };
  }

  private Verdict verdict(Fact fact, int index) {
    if (fact.delivery() != null) {
      String key = fact.object().split(":")[0] + ":" + fact.delivery() + "#" + index;
      String known = identityByDelivery.putIfAbsent(key, fact.identity());
      if (known != null && !known.equals(fact.identity())) {
        // Reported once, however often the contradiction is repeated; it proves no fact.
        return contradictions.add(key + "|" + fact.identity() + "|" + fact.wording())
            ? Verdict.CONFLICT
            : Verdict.DUPLICATE;
      }
    }
    if (fact.state() != null) {
      return fact.state().equals(lastState.put(fact.object(), fact.state()))
          ? Verdict.DUPLICATE
          : Verdict.NEW;
    }
    boolean known = wordings.containsKey(fact.identity());
    boolean worded = newWording(fact);
    if (known) {
      return worded ? Verdict.REVISION : Verdict.DUPLICATE;
    }
    return Verdict.NEW;
  }

  private boolean newWording(Fact fact) {
    return wordings
        .computeIfAbsent(fact.identity(), identity -> new HashSet<>())
        .add(fact.wording());
  }

  private boolean hintReused(Fact fact) {
    if (fact.hint() == null) {
      return false;
    }
    @Nullable String known = identityByHint.putIfAbsent(fact.hint(), fact.identity());
    return known != null && !known.equals(fact.identity());
  }

  private static Effect event(Fact fact, Verdict verdict) {
    return Effect.event(fact.sensitivity(), fact.type(), verdict);
  }
}
