package dev.vestibule.ingress.decision.policy;

import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A policy ready to be asked. Immutable and safe for any number of threads. A broken one, which
 * nobody could compile, can be asked too, and fails each time.
 */
public final class CompiledPolicy {
  private static final Pattern POSITION = Pattern.compile("<input>:(\\d{1,6}):");

  private final Policy policy;
  private final CelRuntime.@Nullable Program program;
  private final int[] costs;
  private final String failure;

  private CompiledPolicy(
      Policy policy, CelRuntime.@Nullable Program program, int[] costs, String failure) {
    this.policy = policy;
    this.program = program;
    this.costs = costs;
    this.failure = failure;
  }

  /**
   * @param costs steps by node id of the expression
   */
  static CompiledPolicy of(Policy policy, CelRuntime.Program program, int[] costs) {
    return new CompiledPolicy(policy, program, costs.clone(), "");
  }

  /** A policy that fails with this reason wherever it is asked. */
  static CompiledPolicy broken(Policy policy, String reason) {
    return new CompiledPolicy(policy, null, new int[0], reason);
  }

  public Policy policy() {
    return policy;
  }

  /** Why it can never be evaluated, or null. */
  public @Nullable String broken() {
    return program == null ? failure : null;
  }

  /** What a policy says about a visit. */
  public sealed interface Verdict {
    /** Its expression is true. */
    record Match() implements Verdict {}

    /** Its expression is false, or it is not about this site. */
    record NoMatch() implements Verdict {}

    /**
     * Nobody knows.
     *
     * @param reason what happened and where; holds no value of the visit
     */
    record Failed(String reason) implements Verdict {}
  }

  /**
   * One evaluation.
   *
   * @param steps what it cost, at most {@link Steps#MAX} and the last step
   */
  record Evaluation(Verdict verdict, int steps) {}

  /** Asks; never throws. */
  Evaluation evaluate(Input input) {
    if (!policy.sites().isEmpty()) {
      String site = input.text(Fact.SITE_ID);
      if (site == null) {
        return failed("it is for some sites only, and site.id is missing", 0);
      }
      if (!policy.sites().contains(site)) {
        return new Evaluation(new Verdict.NoMatch(), 0);
      }
    }
    if (program == null) {
      return failed(failure, 0);
    }
    Steps steps = new Steps(costs);
    try {
      Object result = program.trace(input, steps);
      if (result instanceof Boolean matched) {
        return new Evaluation(matched ? new Verdict.Match() : new Verdict.NoMatch(), steps.used());
      }
      return failed("it gives neither true nor false", steps.used());
    } catch (CelEvaluationException e) {
      return failed(reason(e), steps.used());
    } catch (Steps.ExhaustedError e) {
      return failed("it needs " + e.getMessage(), steps.used());
    } catch (Throwable e) { // a full stack or heap also ends here: nobody enters because of it
      return failed("it cannot be evaluated (" + e.getClass().getSimpleName() + ")", steps.used());
    }
  }

  private static Evaluation failed(String reason, int steps) {
    return new Evaluation(new Verdict.Failed(reason), steps);
  }

  /** In our words: CEL's messages quote the values that were read. */
  private static String reason(CelEvaluationException e) {
    String what =
        switch (e.getErrorCode()) {
          case ATTRIBUTE_NOT_FOUND, INDEX_OUT_OF_BOUNDS -> "it reads an entry that is not there";
          case DIVIDE_BY_ZERO -> "it divides by zero";
          case NUMERIC_OVERFLOW -> "a number becomes too large";
          case BAD_FORMAT, INVALID_ARGUMENT -> "a value does not have the form it needs";
          default -> "it cannot be evaluated";
        };
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof MissingFactException missing) {
        what = missing.variable() + " is missing";
      }
    }
    Matcher position = POSITION.matcher(String.valueOf(e.getMessage()));
    return position.find()
        ? what + " (character " + (Integer.parseInt(position.group(1)) + 1) + ")"
        : what;
  }
}
