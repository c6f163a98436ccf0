package dev.vestibule.ingress.decision.policy;

import dev.vestibule.ingress.decision.policy.CompiledPolicy.Verdict;
import dev.vestibule.ingress.decision.policy.Decision.Basis;
import dev.vestibule.ingress.decision.policy.Decision.Shadow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The policies in force at one moment, in the order in which they are asked: by {@code order}, at
 * the same order reviews before approvals, then by id. Immutable.
 */
public final class PolicySet {
  private static final String APPROVED = "approved.";
  private static final String BY_HAND = "please check this visitor by hand.";
  private static final Comparator<CompiledPolicy> ORDER =
      Comparator.comparingInt((CompiledPolicy compiled) -> compiled.policy().order())
          .thenComparing(compiled -> compiled.policy().outcome() == Outcome.APPROVE)
          .thenComparing(compiled -> compiled.policy().id());

  /** No policies: every visit gets its source's default. */
  public static final PolicySet EMPTY = new PolicySet(List.of());

  private final List<CompiledPolicy> active;
  private final List<CompiledPolicy> shadows;

  private PolicySet(Collection<CompiledPolicy> policies) {
    this.active = inMode(policies, Policy.Mode.ACTIVE);
    this.shadows = inMode(policies, Policy.Mode.SHADOW);
  }

  /**
   * @throws IllegalArgumentException when two have the same id
   */
  public static PolicySet of(Collection<CompiledPolicy> policies) {
    long ids = policies.stream().map(compiled -> compiled.policy().id()).distinct().count();
    if (ids != policies.size()) {
      throw new IllegalArgumentException("two policies have the same id; keep the newest");
    }
    return new PolicySet(policies);
  }

  /**
   * Decides. The first active policy that matches does; one that fails before it makes a review of
   * it, for nobody knows what it would have said. Never throws.
   *
   * @param app name of the app, as Envoy's administrators know it
   * @param otherwise outcome when no policy matches
   */
  public Decision decide(Input input, String app, Outcome otherwise) {
    String unreadable = input.unreadable();
    if (unreadable != null) {
      return fallback(input, app, null, unreadable + " is unreadable", List.of());
    }
    List<Shadow> would = askShadows(input);
    for (CompiledPolicy compiled : active) {
      switch (compiled.evaluate(input).verdict()) {
        case Verdict.Match _ -> {
          return matched(compiled.policy(), input, app, would);
        }
        case Verdict.Failed(String reason) -> {
          return fallback(input, app, compiled.policy().ref(), reason, would);
        }
        case Verdict.NoMatch _ -> {
          // The next one is asked.
        }
      }
    }
    String text = otherwise == Outcome.REVIEW ? BY_HAND : APPROVED;
    return new Decision(otherwise, Basis.RULE, null, Message.of(app, text, input), null, would);
  }

  /** What the person who reviews reads where no policy says more; begins with the app's name. */
  public static String byHand(String app) {
    return Message.of(app, BY_HAND, Input.builder().build());
  }

  /** What is said of an approval where no policy says more. */
  public static String approved(String app) {
    return Message.of(app, APPROVED, Input.builder().build());
  }

  /** In the order in which they are asked; for status and metrics. */
  public List<CompiledPolicy> active() {
    return active;
  }

  /** In their order. */
  public List<CompiledPolicy> shadows() {
    return shadows;
  }

  private List<Shadow> askShadows(Input input) {
    List<Shadow> would = new ArrayList<>();
    for (CompiledPolicy compiled : shadows) {
      Policy policy = compiled.policy();
      switch (compiled.evaluate(input).verdict()) {
        case Verdict.Match _ -> would.add(new Shadow(policy.ref(), policy.outcome(), null));
        case Verdict.Failed(String reason) ->
            would.add(new Shadow(policy.ref(), Outcome.REVIEW, reason));
        case Verdict.NoMatch _ -> {
          // Nothing to tell.
        }
      }
    }
    return would;
  }

  private static Decision matched(Policy policy, Input input, String app, List<Shadow> would) {
    String template = policy.message() == null ? APPROVED : policy.message();
    return new Decision(
        policy.outcome(), Basis.RULE, policy.ref(), Message.of(app, template, input), null, would);
  }

  private static Decision fallback(
      Input input, String app, Policy.@Nullable Ref rule, String problem, List<Shadow> would) {
    return new Decision(
        Outcome.REVIEW, Basis.FALLBACK, rule, Message.of(app, BY_HAND, input), problem, would);
  }

  private static List<CompiledPolicy> inMode(
      Collection<CompiledPolicy> policies, Policy.Mode mode) {
    return policies.stream()
        .filter(compiled -> compiled.policy().mode() == mode)
        .sorted(ORDER)
        .toList();
  }
}
