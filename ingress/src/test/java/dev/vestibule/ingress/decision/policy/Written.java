package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.ingress.decision.policy.PolicyCompiler.Checked;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Policies as authors write them. */
final class Written {
  static final PolicyCompiler COMPILER = new PolicyCompiler();

  private static final JsonMapper JSON = new JsonMapper();

  private Written() {}

  /** A complete policy; it matches visitors named {@code yes}, and only those. */
  static Map<String, Object> keys() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("id", "the-policy");
    keys.put("version", 3);
    keys.put("order", 10);
    keys.put("when", "visitor.name == 'yes'");
    keys.put("outcome", "REVIEW");
    keys.put("message", "please look at {visitor.name}");
    keys.put("examples", List.of(example("yes", true), example("no", false)));
    return keys;
  }

  static Map<String, Object> example(String name, boolean matches) {
    return Map.of(
        "name", name, "input", Map.of("visitor", Map.of("name", name)), "matches", matches);
  }

  static Map<String, Object> with(String key, Object value) {
    Map<String, Object> keys = keys();
    keys.put(key, value);
    return keys;
  }

  /** The expression is asked for visitors named {@code hit} only, so that the examples hold. */
  static Map<String, Object> asking(String expression) {
    return with("when", "visitor.name == 'yes' || (visitor.name == 'hit' && (" + expression + "))");
  }

  static String json(Map<String, Object> keys) {
    try {
      return JSON.writeValueAsString(keys);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  static CompiledPolicy accepted(Map<String, Object> keys) {
    return switch (COMPILER.check("file.yml", json(keys))) {
      case Checked.Accepted(CompiledPolicy policy) -> policy;
      case Checked.Refused(List<String> problems) -> throw new AssertionError(problems);
    };
  }

  static List<String> problems(Map<String, Object> keys) {
    return problems(json(keys));
  }

  static List<String> problems(String text) {
    Checked checked = COMPILER.check("file.yml", text);
    assertThat(checked).isInstanceOf(Checked.Refused.class);
    return ((Checked.Refused) checked).problems();
  }

  /** A visitor named {@code hit} who answered so many questions. */
  static Input hit(int answers) {
    return Input.builder()
        .text(Fact.VISITOR_NAME, "hit")
        .text(Fact.SITE_ID, "hq")
        .answers(
            Fact.ENTRY_ANSWERS,
            IntStream.range(0, answers)
                .boxed()
                .collect(
                    Collectors.toMap(
                        i -> "question " + i, i -> "answer", (a, b) -> a, LinkedHashMap::new)))
        .build();
  }
}
