package dev.vestibule.ingress.decision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.ExternalConfig.Mode;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.ingress.decision.external.Answer;
import dev.vestibule.ingress.decision.policy.Decision.Shadow;
import dev.vestibule.ingress.decision.policy.Outcome;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.PolicySet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SecondOpinionTest {
  private static final Policy.Ref RULE = new Policy.Ref("invited", 3);

  /** All words that a failure can have. */
  private static final Set<Answer> FAILURES =
      EnumSet.complementOf(EnumSet.of(Answer.APPROVE, Answer.REVIEW));

  @ParameterizedTest(name = "{0}: {1} {2} {3}")
  @CsvSource(
      delimiter = '|',
      useHeadersInDisplayName = true,
      textBlock =
          """
          mode    | outcome | basis     | reason         | asked | approved is               | review is
          TIGHTEN | APPROVE | RULE      | POLICY         | yes   | APPROVE RULE POLICY       | REVIEW EXTERNAL EXTERNAL_REVIEW
          TIGHTEN | APPROVE | RULE      | NO_POLICY      | yes   | APPROVE RULE NO_POLICY    | REVIEW EXTERNAL EXTERNAL_REVIEW
          TIGHTEN | REVIEW  | RULE      | POLICY         | no    | REVIEW RULE POLICY        | REVIEW RULE POLICY
          TIGHTEN | REVIEW  | RULE      | NO_POLICY      | no    | REVIEW RULE NO_POLICY     | REVIEW RULE NO_POLICY
          TIGHTEN | REVIEW  | WATCHLIST | WATCHLIST      | no    | REVIEW WATCHLIST WATCHLIST| REVIEW WATCHLIST WATCHLIST
          TIGHTEN | REVIEW  | FALLBACK  | POLICY_FAILED  | no    | REVIEW FALLBACK POLICY_FAILED | REVIEW FALLBACK POLICY_FAILED
          TIGHTEN | REVIEW  | FALLBACK  | STALE_SNAPSHOT | no    | REVIEW FALLBACK STALE_SNAPSHOT | REVIEW FALLBACK STALE_SNAPSHOT
          TIGHTEN | REVIEW  | REPEAT    | REPEATED       | no    | REVIEW REPEAT REPEATED    | REVIEW REPEAT REPEATED
          DECIDE  | APPROVE | RULE      | POLICY         | yes   | APPROVE RULE POLICY       | REVIEW EXTERNAL EXTERNAL_REVIEW
          DECIDE  | APPROVE | RULE      | NO_POLICY      | yes   | APPROVE EXTERNAL EXTERNAL_APPROVE | REVIEW EXTERNAL EXTERNAL_REVIEW
          DECIDE  | REVIEW  | RULE      | POLICY         | no    | REVIEW RULE POLICY        | REVIEW RULE POLICY
          DECIDE  | REVIEW  | RULE      | NO_POLICY      | yes   | APPROVE EXTERNAL EXTERNAL_APPROVE | REVIEW EXTERNAL EXTERNAL_REVIEW
          DECIDE  | REVIEW  | WATCHLIST | WATCHLIST      | no    | REVIEW WATCHLIST WATCHLIST| REVIEW WATCHLIST WATCHLIST
          DECIDE  | REVIEW  | FALLBACK  | POLICY_FAILED  | no    | REVIEW FALLBACK POLICY_FAILED | REVIEW FALLBACK POLICY_FAILED
          DECIDE  | REVIEW  | FALLBACK  | STALE_SNAPSHOT | no    | REVIEW FALLBACK STALE_SNAPSHOT | REVIEW FALLBACK STALE_SNAPSHOT
          DECIDE  | REVIEW  | FALLBACK  | NO_SNAPSHOT    | no    | REVIEW FALLBACK NO_SNAPSHOT | REVIEW FALLBACK NO_SNAPSHOT
          DECIDE  | REVIEW  | FALLBACK  | UNREADABLE     | no    | REVIEW FALLBACK UNREADABLE | REVIEW FALLBACK UNREADABLE
          DECIDE  | REVIEW  | REPEAT    | REPEATED       | no    | REVIEW REPEAT REPEATED    | REVIEW REPEAT REPEATED
          DECIDE  | APPROVE | REPEAT    | REPEATED       | no    | APPROVE REPEAT REPEATED   | APPROVE REPEAT REPEATED
          """)
  void theServiceDecidesWhatItsModeAllows(
      Mode mode,
      DecisionOutcome outcome,
      DecisionBasis basis,
      Reason reason,
      String asked,
      String afterApproval,
      String afterReview) {
    Ruling ours = ruling(outcome, basis, reason);

    assertThat(SecondOpinion.matters(mode, ours)).isEqualTo(asked.equals("yes"));
    assertThat(heard(mode, ours, Answer.APPROVE)).hasToString(afterApproval);
    assertThat(heard(mode, ours, Answer.REVIEW)).hasToString(afterReview);
    for (Answer failure : FAILURES) {
      Ruling after = heard(mode, ours, failure);
      if (asked.equals("yes")) {
        assertThat(after.approves()).as("%s", failure).isFalse();
        assertThat(after.basis()).isEqualTo(DecisionBasis.EXTERNAL);
      } else {
        assertThat(after).isEqualTo(ours);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TIMEOUT, external_timeout",
    "STATUS, external_failed",
    "MALFORMED, external_failed",
    "UNREACHABLE, external_failed",
    "OPEN, external_open",
    "OVERLOAD, external_overload"
  })
  void eachFailureIsAReviewWithItsReason(Answer failure, String reason) {
    Ruling after =
        heard(
            Mode.TIGHTEN,
            ruling(DecisionOutcome.APPROVE, DecisionBasis.RULE, Reason.POLICY),
            failure);

    assertThat(after.reason().tag()).isEqualTo(reason);
    assertThat(after.message()).isEqualTo("Front Door: please check this visitor by hand.");
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void tighteningIsAllThatCanHappenToWhatAPolicyDecided(Mode mode) {
    for (DecisionOutcome outcome : DecisionOutcome.values()) {
      for (Answer answer : Answer.values()) {
        Ruling ours = ruling(outcome, DecisionBasis.RULE, Reason.POLICY);
        Ruling after = heard(mode, ours, answer);

        assertThat(after.approves() && !ours.approves()).as("%s %s", outcome, answer).isFalse();
      }
    }
  }

  @Test
  void whatWasAskedBeforeStaysInTheRecord() {
    Policy.Ref shadow = new Policy.Ref("shadow", 1);
    Ruling ours =
        new Ruling(
            DecisionOutcome.APPROVE,
            DecisionBasis.RULE,
            Reason.POLICY,
            RULE,
            "Front Door: approved.",
            List.of(RULE),
            List.of(new Shadow(shadow, Outcome.REVIEW, "fails")));

    Ruling after = heard(Mode.TIGHTEN, ours, Answer.REVIEW);

    assertThat(after.asked()).containsExactly(RULE);
    assertThat(after.shadows()).hasSize(1);
    assertThat(after.rule()).isNull();
  }

  private static Ruling heard(Mode mode, Ruling ours, Answer answer) {
    return SecondOpinion.heard(mode, ours, answer, "Front Door");
  }

  private static Ruling ruling(DecisionOutcome outcome, DecisionBasis basis, Reason reason) {
    String message = PolicySet.byHand("Front Door");
    return Ruling.review(basis, reason, message).instead(outcome, basis, reason, message);
  }
}
