package dev.vestibule.ingress.decision;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.ingress.decision.policy.Fact;
import dev.vestibule.ingress.decision.policy.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A ruling and what it rests on.
 *
 * @param inputsHash of what was judged; null when nothing was
 * @param snapshot what was known; null when it was not looked at
 */
record Evaluated(Ruling ruling, @Nullable String inputsHash, @Nullable Snapshot snapshot) {

  /** Nothing was looked at. */
  static Evaluated without(Ruling ruling) {
    return new Evaluated(ruling, null, null);
  }

  Evaluated with(Ruling other) {
    return new Evaluated(other, inputsHash, snapshot);
  }

  /** A hash of the facts of a visit that are the same on every call about it. */
  static String hash(IdentityKey identity, Input input) {
    List<String> parts = new ArrayList<>();
    input
        .facts()
        .forEach((fact, value) -> {
          if (!isTime(fact)) {
            parts.add(fact.variable());
            if (value instanceof Map<?, ?> answers) {
              answers.forEach((question, answer) -> {
                parts.add(String.valueOf(question));
                parts.add(String.valueOf(answer));
              });
            } else {
              parts.add(value.toString());
            }
          }
        });
    return identity.hash("decision-inputs", parts.toArray(String[]::new));
  }

  private static boolean isTime(Fact fact) {
    return switch (fact) {
      case TIME_DATE, TIME_HOUR, TIME_MINUTE, TIME_WEEKDAY -> true;
      default -> false;
    };
  }
}
