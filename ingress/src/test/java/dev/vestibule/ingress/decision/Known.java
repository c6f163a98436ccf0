package dev.vestibule.ingress.decision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.ingress.decision.policy.CompiledPolicy;
import dev.vestibule.ingress.decision.policy.PolicyCompiler;
import dev.vestibule.ingress.decision.policy.PolicySet;
import dev.vestibule.ingress.decision.watchlist.Change;
import dev.vestibule.ingress.decision.watchlist.EntryJson;
import dev.vestibule.ingress.decision.watchlist.Normal;
import dev.vestibule.ingress.decision.watchlist.Watchlist;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What decisions rest on in tests. */
public final class Known {
  private static final PolicyCompiler COMPILER = new PolicyCompiler();
  private static final Normal NORMAL = new Normal("DE");
  private static final JsonMapper JSON = new JsonMapper();

  /** A policy that sends everybody to a person who has a name. */
  static final Map<String, Object> REVIEWS_ALL =
      Map.of(
          "id", "everybody",
          "version", 1,
          "order", 1,
          "when", "has(visitor.name)",
          "outcome", "REVIEW",
          "message", "today everybody is looked at",
          "examples",
              List.of(
                  Map.of(
                      "name",
                      "a name",
                      "input",
                      Map.of("visitor", Map.of("name", "Jo Doe")),
                      "matches",
                      true),
                  Map.of("name", "none", "input", Map.of(), "matches", false)));

  private Known() {}

  /** Nothing that speaks against anybody. */
  public static Snapshot nobodyIsWatched(Instant freshAt) {
    return of(List.of(), List.of(), freshAt);
  }

  /** A watchlist of names. */
  static Snapshot watching(Instant freshAt, String... names) {
    return of(
        List.of(), List.of(names).stream().map(n -> Map.of("names", List.of(n))).toList(), freshAt);
  }

  /**
   * @param policies as authors write them
   * @param entries as the watchlist's records have them
   */
  static Snapshot of(
      List<? extends Map<?, ?>> policies, List<? extends Map<?, ?>> entries, Instant freshAt) {
    Watchlist.Builder watchlist = new Watchlist.Builder(NORMAL);
    for (int i = 0; i < entries.size(); i++) {
      Map<Object, Object> entry = new HashMap<>(entries.get(i));
      entry.put("origin", "manual");
      Change change = EntryJson.read("entry-" + i, json(entry));
      if (change instanceof Change.Malformed malformed) {
        throw new AssertionError(malformed);
      }
      watchlist.add(change);
    }
    return new Snapshot(
        PolicySet.of(policies.stream().map(Known::policy).toList()),
        watchlist.build(),
        policies.size() - 1,
        entries.size() - 1,
        freshAt);
  }

  private static CompiledPolicy policy(Map<?, ?> written) {
    return switch (COMPILER.check(
        "policy.yml", new String(json(written), StandardCharsets.UTF_8))) {
      case PolicyCompiler.Checked.Accepted(CompiledPolicy policy) -> policy;
      case PolicyCompiler.Checked.Refused(List<String> problems) ->
          throw new AssertionError(problems);
    };
  }

  private static byte[] json(Map<?, ?> value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
