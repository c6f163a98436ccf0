package dev.vestibule.ingress.decision.external;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import dev.vestibule.ingress.decision.policy.Fact;
import dev.vestibule.ingress.decision.policy.Input;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a service is asked about.
 *
 * @param decisionId the same for every call about one entry
 * @param requestId of this call; also the id under which it is asked
 * @param source that was called
 * @param at when it was
 * @param input what is known of the visit
 */
public record Question(
    String decisionId, String requestId, String source, Instant at, Input input) {
  private static final String TYPE = "visitor.screening";
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * Facts by their names.
   *
   * @throws IllegalArgumentException when there is no such fact, or it is told to nobody
   */
  public static Set<Fact> facts(List<String> names) {
    Map<String, Fact> known = new TreeMap<>();
    Arrays.stream(Fact.values())
        .filter(fact -> !isWatchlist(fact))
        .forEach(fact -> known.put(fact.variable(), fact));
    Set<Fact> facts = EnumSet.noneOf(Fact.class);
    for (String name : names) {
      Fact fact = known.get(name);
      if (fact == null) {
        throw new IllegalArgumentException(
            "'"
                + Display.of(name)
                + "' is no fact that can be told; "
                + Suggestion.of(name, known.keySet()));
      }
      facts.add(fact);
    }
    return Collections.unmodifiableSet(facts);
  }

  private static boolean isWatchlist(Fact fact) {
    return switch (fact) {
      case WATCHLIST_HIT, WATCHLIST_SCORE, WATCHLIST_LISTS -> true;
      default -> false;
    };
  }

  /** As JSON, with those of the facts that are known. */
  byte[] json(Set<Fact> told) {
    Map<String, Map<String, Object>> sections = new LinkedHashMap<>();
    input
        .facts()
        .forEach((fact, value) -> {
          if (told.contains(fact)) {
            sections
                .computeIfAbsent(fact.section(), _ -> new LinkedHashMap<>())
                .put(fact.field(), value);
          }
        });
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("decision_id", decisionId);
    data.put("request_id", requestId);
    data.put("source", source);
    data.put("facts", sections);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("type", TYPE);
    body.put("timestamp", at.toString());
    body.put("data", data);
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a question cannot be written", e);
    }
  }
}
