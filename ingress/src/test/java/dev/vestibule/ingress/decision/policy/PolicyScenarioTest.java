package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.ingress.decision.policy.Decision.Shadow;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * Files of policies, and visits with the decision that is right for each. Order, version and
 * message of a policy may be left out there.
 */
class PolicyScenarioTest {

  static Stream<Path> scenarios() throws IOException, URISyntaxException {
    URI folder = PolicyScenarioTest.class.getResource("/policies/scenarios").toURI();
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of(folder))) {
      files = found.sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(10);
    return files.stream();
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void decidesAsTheFileSays(Path file) throws IOException {
    Map<?, ?> scenario =
        (Map<?, ?>)
            new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                .loadFromString(Files.readString(file));
    PolicySet policies =
        PolicySet.of(list(scenario, "policies").stream().map(PolicyScenarioTest::policy).toList());

    for (Map<?, ?> visit : list(scenario, "visits")) {
      Outcome otherwise =
          visit.containsKey("otherwise")
              ? Outcome.valueOf((String) visit.get("otherwise"))
              : Outcome.REVIEW;

      Decision decision = policies.decide(input(visit), "Front Door", otherwise);

      assertThat(shown(decision)).as("%s", visit.get("name")).isEqualTo(visit.get("decision"));
      assertThat(decision.message()).startsWith("Front Door: ");
    }
  }

  private static CompiledPolicy policy(Map<?, ?> written) {
    Map<String, Object> keys = new LinkedHashMap<>(Map.of("version", 1, "order", 10));
    keys.put("message", "look at {visitor.name}");
    written.forEach((key, value) -> keys.put((String) key, value));
    return Written.accepted(keys);
  }

  private static Input input(Map<?, ?> visit) {
    List<String> problems = new ArrayList<>();
    Input input = PolicyDocument.input(Keys.of("input", visit.get("input"), problems));
    assertThat(problems).isEmpty();
    return input;
  }

  /** As the files write it; what is empty is left out. */
  private static Map<String, Object> shown(Decision decision) {
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("outcome", decision.outcome().name());
    shown.put("basis", decision.basis().name());
    if (decision.rule() != null) {
      shown.put("rule", decision.rule().toString());
    }
    if (decision.problem() != null) {
      shown.put("problem", decision.problem());
    }
    if (decision.outcome() == Outcome.REVIEW && decision.basis() == Decision.Basis.RULE) {
      shown.put("message", decision.message());
    }
    if (!decision.shadows().isEmpty()) {
      shown.put("shadows", decision.shadows().stream().map(PolicyScenarioTest::shown).toList());
    }
    return shown;
  }

  private static String shown(Shadow shadow) {
    return shadow.policy()
        + " "
        + shadow.outcome()
        + (shadow.problem() == null ? "" : ": " + shadow.problem());
  }

  private static List<Map<?, ?>> list(Map<?, ?> scenario, String key) {
    List<Map<?, ?>> maps = new ArrayList<>();
    if (scenario.get(key) instanceof List<?> items) {
      items.forEach(item -> maps.add((Map<?, ?>) item));
    }
    return maps;
  }
}
