package dev.vestibule.ingress.decision.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the policies say about one visit.
 *
 * @param rule the policy that decided or failed; null when none matched or none could be asked
 * @param message what the person who reviews reads; begins with the app's name
 * @param problem why the policies could not decide, without any value of the visit; null otherwise
 * @param shadows shadow policies that matched or failed, in their order
 */
public record Decision(
    Outcome outcome,
    Basis basis,
    Policy.@Nullable Ref rule,
    String message,
    @Nullable String problem,
    List<Shadow> shadows) {

  public Decision {
    shadows = List.copyOf(shadows);
  }

  /** What a decision rests on. */
  public enum Basis {
    /** A policy matched; or none did, and the source's default is the last rule. */
    RULE,
    /** The policies could not decide; always a review. */
    FALLBACK
  }

  /**
   * What a shadow policy would have said, had it been asked in earnest.
   *
   * @param problem why it could not be evaluated, or null
   */
  public record Shadow(Policy.Ref policy, Outcome outcome, @Nullable String problem) {}
}
