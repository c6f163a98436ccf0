package dev.vestibule.ingress.decision;

import dev.vestibule.config.ExternalConfig.Mode;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.ingress.decision.external.Answer;
import dev.vestibule.ingress.decision.policy.PolicySet;

/** What an external service's answer means for a ruling of our own. */
final class SecondOpinion {
  private SecondOpinion() {}

  /**
   * Whether any answer could change something. Reviews are final, but for the one that stands where
   * no policy matched, if the service may decide there.
   */
  static boolean matters(Mode mode, Ruling ours) {
    return ours.basis() == DecisionBasis.RULE && (ours.approves() || isLeftTo(mode, ours));
  }

  /**
   * The ruling after the answer. Whatever is not a clear approval is a review.
   *
   * @param app name of the app
   */
  static Ruling heard(Mode mode, Ruling ours, Answer answer, String app) {
    if (!matters(mode, ours)) {
      return ours;
    }
    return switch (answer) {
      case APPROVE ->
          isLeftTo(mode, ours)
              ? ours.instead(
                  DecisionOutcome.APPROVE,
                  DecisionBasis.EXTERNAL,
                  Reason.EXTERNAL_APPROVE,
                  PolicySet.approved(app))
              : ours;
      case REVIEW -> review(Reason.EXTERNAL_REVIEW, ours, app);
      case TIMEOUT -> review(Reason.EXTERNAL_TIMEOUT, ours, app);
      case STATUS, MALFORMED, UNREACHABLE -> review(Reason.EXTERNAL_FAILED, ours, app);
      case OPEN -> review(Reason.EXTERNAL_OPEN, ours, app);
      case OVERLOAD -> review(Reason.EXTERNAL_OVERLOAD, ours, app);
    };
  }

  /** No policy matched, and the service decides in place of the source's default. */
  private static boolean isLeftTo(Mode mode, Ruling ours) {
    return mode == Mode.DECIDE
        && ours.basis() == DecisionBasis.RULE
        && ours.reason() == Reason.NO_POLICY;
  }

  private static Ruling review(Reason reason, Ruling ours, String app) {
    return ours.instead(
        DecisionOutcome.REVIEW, DecisionBasis.EXTERNAL, reason, PolicySet.byHand(app));
  }
}
