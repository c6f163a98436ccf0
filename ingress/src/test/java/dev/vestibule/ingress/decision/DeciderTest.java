package dev.vestibule.ingress.decision;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.ScreenConfig;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.ingress.decision.policy.EnvoyHook;
import dev.vestibule.ingress.decision.policy.Input;
import dev.vestibule.ingress.decision.policy.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

class DeciderTest {
  private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

  static Stream<Arguments> cases() throws IOException {
    try (InputStream in =
        requireNonNull(DeciderTest.class.getResourceAsStream("/decisions/cases.yml"))) {
      List<?> cases =
          (List<?>)
              new Load(LoadSettings.builder().setSchema(new CoreSchema()).build())
                  .loadFromInputStream(in);
      return cases.stream().map(one -> Arguments.of(((Map<?, ?>) one).get("name"), one));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void decidesAsTheFileSays(String name, Map<?, ?> given) {
    ScreenConfig screen = screen(map(given, "screen"));
    Input input = EnvoyHook.read(body(given), "hq", NOW, screen.highSecuritySites());
    Snapshot snapshot =
        Known.of(policies(given), maps(given, "watchlist"), fresh(given.get("fresh")));

    Ruling ruling = Decider.decide(input, snapshot, screen, NOW);

    assertThat(ruling).as(name).hasToString((String) given.get("ruling"));
    assertThat(ruling.message()).startsWith("Front Door: ");
    if (given.get("asked") instanceof String asked) {
      assertThat(
              ruling.asked().stream().map(Policy.Ref::toString).collect(Collectors.joining(", ")))
          .isEqualTo(asked);
    }
    if (given.get("message") instanceof String message) {
      assertThat(ruling.message()).isEqualTo(message);
    }
  }

  private static byte[] body(Map<?, ?> given) {
    if (given.get("body") instanceof String body) {
      return body.getBytes(StandardCharsets.UTF_8);
    }
    String visitor = given.get("visitor") instanceof String other ? other : "Jane Doe";
    return HookBody.entry(
        "19",
        visitor.equals("LONG") ? "Abc ".repeat(450) : visitor,
        given.get("site") instanceof String site ? site : "143");
  }

  private static ScreenConfig screen(Map<?, ?> given) {
    return new ScreenConfig(
        "Front Door",
        "APPROVE".equals(given.get("default")) ? DecisionOutcome.APPROVE : DecisionOutcome.REVIEW,
        given.get("high-security") instanceof List<?> sites
            ? sites.stream().map(String::valueOf).collect(Collectors.toSet())
            : Set.of(),
        Duration.ofSeconds(60),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2));
  }

  private static Instant fresh(@Nullable Object text) {
    if (text == null) {
      return NOW;
    }
    return text.equals("never") ? Instant.EPOCH : Instant.parse((String) text);
  }

  /** With what every policy needs, and examples that fit. */
  private static List<Map<String, Object>> policies(Map<?, ?> given) {
    List<Map<String, Object>> policies = new ArrayList<>();
    for (Map<?, ?> written : maps(given, "policies")) {
      Map<String, Object> policy = new LinkedHashMap<>(Map.of("version", 1, "order", 10));
      written.forEach((key, value) -> policy.put((String) key, value));
      policy.put(
          "when",
          "visitor.name == 'yes' || (visitor.name != 'no' && (" + policy.get("when") + "))");
      if ("REVIEW".equals(policy.get("outcome"))) {
        policy.put("message", "please look");
      }
      policy.put("examples", List.of(example("yes", true), example("no", false)));
      policies.add(policy);
    }
    return policies;
  }

  private static Map<String, Object> example(String name, boolean matches) {
    return Map.of(
        "name", name, "input", Map.of("visitor", Map.of("name", name)), "matches", matches);
  }

  private static Map<?, ?> map(Map<?, ?> given, String key) {
    return given.get(key) instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<Map<?, ?>> maps(Map<?, ?> given, String key) {
    List<Map<?, ?>> maps = new ArrayList<>();
    if (given.get(key) instanceof List<?> items) {
      items.forEach(item -> maps.add((Map<?, ?>) item));
    }
    return maps;
  }
}
