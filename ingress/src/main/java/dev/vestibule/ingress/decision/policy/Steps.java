package dev.vestibule.ingress.decision.policy;

import dev.cel.common.ast.CelExpr;
import dev.cel.runtime.CelEvaluationListener;

/**
 * Counts what one evaluation does and ends it when that is too much. One step is one node of the
 * expression evaluated once; a regular expression costs what its size says.
 */
@SuppressWarnings("ThreadSafe") // one evaluation on one thread
final class Steps implements CelEvaluationListener {
  /** A tenth of a millisecond for most policies, a tenth of a second for the most hostile. */
  static final int MAX = 10_000;

  private final int[] costs;
  private int used;

  /**
   * @param costs steps by node id; ids beyond it cost one
   */
  Steps(int[] costs) {
    this.costs = costs;
  }

  int used() {
    return used;
  }

  @Override
  public void callback(CelExpr expr, Object result) {
    used += expr.id() < costs.length ? costs[(int) expr.id()] : 1;
    if (used > MAX) {
      throw new ExhaustedError();
    }
  }

  /**
   * An error rather than an exception: CEL takes an exception in one side of {@code ||} as that
   * side's value and goes on, and {@code bomb || true} would be true.
   */
  static final class ExhaustedError extends Error {
    private static final long serialVersionUID = 1L;

    ExhaustedError() {
      super("more than " + MAX + " steps", null, false, false);
    }
  }
}
