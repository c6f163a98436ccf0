package dev.vestibule.ingress.decision.snapshot;

import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.PolicyCompiler;
import dev.vestibule.ingress.decision.policy.PolicySet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Policies, each compiled once. One that cannot be compiled is in the set, and fails when it is
 * asked: to leave it out could let in whom it was written to stop.
 */
final class Policies implements Content<PolicySet> {
  private final PolicyCompiler compiler = new PolicyCompiler();
  private final Map<String, CompiledPolicy> byId = new HashMap<>();

  @Override
  public void clear() {
    byId.clear();
  }

  @Override
  public boolean take(String key, byte @Nullable [] value) {
    if (value == null) {
      byId.remove(key);
      return true;
    }
    CompiledPolicy policy = compiler.load(key, value);
    byId.put(key, policy);
    return policy.broken() == null || policy.policy().mode() == Policy.Mode.DISABLED;
  }

  @Override
  public PolicySet value() {
    return PolicySet.of(byId.values());
  }

  @Override
  public int size() {
    return byId.size();
  }
}
