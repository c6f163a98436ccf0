package dev.vestibule.ingress.decision;

import dev.vestibule.config.ScreenConfig;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.Decision;
import dev.vestibule.ingress.decision.policy.Fact;
import dev.vestibule.ingress.decision.policy.Input;
import dev.vestibule.ingress.decision.policy.Outcome;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Person;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one call: can it be read, is enough known, is the visitor watched for, what do the
 * policies say. The first doubt is a review.
 */
final class Decider {
  private Decider() {}

  /**
   * Decides; a function of its arguments.
   *
   * @param input the call, without what the watchlist says
   * @param now when the call came
   */
  static Ruling decide(Input input, Snapshot snapshot, ScreenConfig screen, Instant now) {
    String byHand = PolicySet.byHand(screen.appName());
    if (input.unreadable() != null) {
      return Ruling.review(DecisionBasis.FALLBACK, Reason.UNREADABLE, byHand);
    }
    if (!snapshot.freshAt().isAfter(Instant.EPOCH)) {
      return Ruling.review(DecisionBasis.FALLBACK, Reason.NO_SNAPSHOT, byHand);
    }
    String site = input.text(Fact.SITE_ID);
    Person person =
        new Person(
            input.text(Fact.VISITOR_NAME),
            input.text(Fact.VISITOR_EMAIL),
            input.text(Fact.VISITOR_PHONE),
            input.text(Fact.VISITOR_COMPANY));
    if (!snapshot.watchlist().match(person, site, now).clear()) {
      return Ruling.review(DecisionBasis.WATCHLIST, Reason.WATCHLIST, byHand);
    }
    if (isHighSecurity(site, screen)
        && snapshot.freshAt().plus(screen.staleAfter()).isBefore(now)) {
      return Ruling.review(DecisionBasis.FALLBACK, Reason.STALE_SNAPSHOT, byHand);
    }
    return ruling(
        snapshot
            .policies()
            .decide(
                input.withWatchlist(false, 0, List.of()),
                screen.appName(),
                screen.defaultOutcome() == DecisionOutcome.APPROVE
                    ? Outcome.APPROVE
                    : Outcome.REVIEW),
        snapshot.policies());
  }

  /** A site that nobody names may be any of them. */
  private static boolean isHighSecurity(@Nullable String site, ScreenConfig screen) {
    return site == null
        ? !screen.highSecuritySites().isEmpty()
        : screen.highSecuritySites().contains(site);
  }

  private static Ruling ruling(Decision decision, PolicySet policies) {
    boolean failed = decision.basis() == Decision.Basis.FALLBACK;
    return new Ruling(
        decision.outcome() == Outcome.APPROVE && !failed
            ? DecisionOutcome.APPROVE
            : DecisionOutcome.REVIEW,
        failed ? DecisionBasis.FALLBACK : DecisionBasis.RULE,
        failed ? Reason.POLICY_FAILED : decision.rule() == null ? Reason.NO_POLICY : Reason.POLICY,
        decision.rule(),
        decision.message(),
        asked(policies, decision.rule()),
        decision.shadows());
  }

  /** All in their order, up to the one that ended it. */
  private static List<Policy.Ref> asked(PolicySet policies, Policy.@Nullable Ref last) {
    List<Policy.Ref> asked = new ArrayList<>();
    for (CompiledPolicy compiled : policies.active()) {
      Policy.Ref ref = compiled.policy().ref();
      asked.add(ref);
      if (ref.equals(last)) {
        break;
      }
    }
    return asked;
  }
}
