package dev.vestibule.ingress.decision.policy;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A rule about visitors as its author published it.
 *
 * @param id stable name; the key on {@code visitor.policies}
 * @param version from 1; raised with every change
 * @param order lower ones are asked first
 * @param sites ids of the sites it holds for; empty for all
 * @param when CEL expression that is true or false
 * @param outcome answer when the expression is true
 * @param message what the person who reviews reads, with placeholders; null for approvals
 * @param examples proof that the author means what the expression says
 */
public record Policy(
    String id,
    int version,
    int order,
    Set<String> sites,
    String when,
    Outcome outcome,
    @Nullable String message,
    Mode mode,
    List<Example> examples) {

  public Policy {
    sites = Collections.unmodifiableSet(new TreeSet<>(sites));
    examples = List.copyOf(examples);
  }

  /** Whether a policy counts. */
  public enum Mode {
    /** It decides. */
    ACTIVE,
    /** It is asked and recorded, without effect. */
    SHADOW,
    /** It is kept, and never asked. */
    DISABLED
  }

  /**
   * A visit, and whether the expression must be true for it.
   *
   * @param name what the example shows
   */
  public record Example(String name, Input input, boolean matches) {}

  /** Names one version in records and messages. */
  public record Ref(String id, int version) {
    @Override
    public String toString() {
      return id + " v" + version;
    }
  }

  public Ref ref() {
    return new Ref(id, version);
  }
}
