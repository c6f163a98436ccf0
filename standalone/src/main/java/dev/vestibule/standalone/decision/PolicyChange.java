package dev.vestibule.standalone.decision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.Policy;
import dev.vestibule.ingress.decision.policy.PolicyCompiler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What publishing a policy would do. */
public sealed interface PolicyChange {
  Policy policy();

  /** One line for people. */
  String line();

  /** Nobody published it before. */
  record Added(Policy policy) implements PolicyChange {
    @Override
    public String line() {
      return "new        " + policy.ref();
    }
  }

  /**
   * It replaces an earlier version.
   *
   * @param keys what is different, one text each
   */
  record Changed(Policy policy, int before, List<String> keys) implements PolicyChange {
    public Changed {
      keys = List.copyOf(keys);
    }

    @Override
    public String line() {
      return "changed    " + policy.ref() + ", before v" + before + ": " + String.join(", ", keys);
    }
  }

  /** It is there as it is. */
  record Same(Policy policy) implements PolicyChange {
    @Override
    public String line() {
      return "unchanged  " + policy.ref();
    }
  }

  /** It cannot replace what is there. */
  record Refused(Policy policy, String line) implements PolicyChange {}

  /**
   * Compares.
   *
   * @param published what is there under this id, or null
   */
  static PolicyChange of(@Nullable CompiledPolicy published, Policy policy) {
    if (published == null) {
      return new Added(policy);
    }
    Policy before = published.policy();
    byte[] json = PolicyCompiler.json(policy);
    if (Arrays.equals(PolicyCompiler.json(before), json)) {
      return new Same(policy);
    }
    if (policy.version() <= before.version()) {
      return new Refused(
          policy,
          "refused    "
              + policy.ref()
              + ": published is v"
              + before.version()
              + ", and it says something else ("
              + String.join(", ", differences(before, policy))
              + "); raise version to "
              + (before.version() + 1L)
              + " or more");
    }
    return new Changed(policy, before.version(), differences(before, policy));
  }

  private static List<String> differences(Policy before, Policy after) {
    JsonNode old = tree(before);
    JsonNode young = tree(after);
    Set<String> keys = new TreeSet<>();
    old.fieldNames().forEachRemaining(keys::add);
    young.fieldNames().forEachRemaining(keys::add);
    keys.remove("version");
    List<String> differences = new ArrayList<>();
    for (String key : keys) {
      JsonNode from = old.path(key);
      JsonNode to = young.path(key);
      if (!from.equals(to)) {
        boolean brief = Set.of("order", "outcome", "mode").contains(key);
        differences.add(brief ? key + " " + from.asText() + " -> " + to.asText() : key);
      }
    }
    return differences.isEmpty() ? List.of("nothing but the version") : differences;
  }

  private static JsonNode tree(Policy policy) {
    try {
      return new ObjectMapper().readTree(PolicyCompiler.json(policy));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
