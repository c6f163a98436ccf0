package dev.vestibule.ingress.decision;

import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.ingress.decision.policy.Decision.Shadow;
import dev.vestibule.ingress.decision.policy.Policy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is decided about one call.
 *
 * @param rule the policy that decided or failed, or null
 * @param message what the person who reviews reads; may name the visitor. Empty where it is no
 *     longer known: then what is said when nothing special is
 * @param asked policies that were asked, in their order
 * @param shadows what shadow policies would have said
 */
record Ruling(
    DecisionOutcome outcome,
    DecisionBasis basis,
    Reason reason,
    Policy.@Nullable Ref rule,
    String message,
    List<Policy.Ref> asked,
    List<Shadow> shadows) {

  Ruling {
    asked = List.copyOf(asked);
    shadows = List.copyOf(shadows);
  }

  /** A review that no policy asked for. */
  static Ruling review(DecisionBasis basis, Reason reason, String message) {
    return new Ruling(DecisionOutcome.REVIEW, basis, reason, null, message, List.of(), List.of());
  }

  boolean approves() {
    return outcome == DecisionOutcome.APPROVE;
  }

  /** The same, on the ground that the entry was answered so before. */
  Ruling repeated() {
    return new Ruling(
        outcome, DecisionBasis.REPEAT, Reason.REPEATED, rule, message, asked, shadows);
  }

  /** What somebody else decides in its place; the policies that were asked stay in it. */
  Ruling instead(DecisionOutcome other, DecisionBasis on, Reason why, String text) {
    return new Ruling(other, on, why, null, text, asked, shadows);
  }

  /** The same without what was asked on the way to it. */
  Ruling brief() {
    return new Ruling(outcome, basis, reason, rule, message, List.of(), List.of());
  }

  /** Leaves the message out. */
  @Override
  public String toString() {
    return outcome + " " + basis + " " + reason + (rule == null ? "" : " " + rule);
  }
}
