package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.ingress.decision.policy.CompiledPolicy.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyCompilerTest {

  static Stream<Arguments> badKeys() {
    return Stream.of(
        Arguments.of("id", "Not An Id", "id: 'Not An Id'; expected at most 63 of a-z"),
        Arguments.of("id", 12, "id: '12'; expected text in quotes"),
        Arguments.of("version", 0, "version: '0'; expected a whole number from 1"),
        Arguments.of("version", "one", "version: 'one'; expected a whole number"),
        Arguments.of("version", 1.5, "version: '1.5'; expected a whole number"),
        Arguments.of("order", -1, "order: '-1'; expected a whole number from 0 to 1000000"),
        Arguments.of("sites", "hq", "sites: 'hq'; expected a list"),
        Arguments.of("sites", List.of(143), "sites[0]: '143'; expected text in quotes"),
        Arguments.of("sites", List.of(" "), "sites[0]: is empty; expected text"),
        Arguments.of("outcome", "ALLOW", "outcome: 'ALLOW'; expected one of APPROVE, REVIEW"),
        Arguments.of("outcome", "approve", "outcome: 'approve'; expected one of APPROVE, REVIEW"),
        Arguments.of("mode", "ON", "mode: 'ON'; expected one of ACTIVE, SHADOW, DISABLED"),
        Arguments.of("message", "", "message: is empty; expected text"),
        Arguments.of(
            "message", "{watchlist.lists}", "message: '{watchlist.lists}' is no placeholder"),
        Arguments.of("message", "{visitor.name", "message: '{' is no placeholder"),
        Arguments.of("message", "x".repeat(201), "message: is 201 characters long"),
        Arguments.of("outcom", "REVIEW", "outcom: unknown key; did you mean 'outcome'?"),
        Arguments.of("when", "", "when: is empty; expected text"),
        Arguments.of("when", "visitor.name", "when: line 1 column 8: expected type 'bool'"),
        Arguments.of(
            "when",
            "true &&\n visitor.nmae == 'x'",
            "when: line 2 column 9: undefined field 'nmae'; did you mean 'name'?"),
        Arguments.of(
            "when",
            "vistor.name == 'x'",
            "when: line 1 column 1: undeclared reference to 'vistor'; did you mean 'visitor'?"),
        Arguments.of(
            "when",
            "visitor.name == 5",
            "no matching overload for '_==_' applied to '(string, int)'; compare values of one"),
        Arguments.of("examples", List.of(), "expected at least one with matches: true and one"),
        Arguments.of(
            "examples",
            List.of(Written.example("yes", true)),
            "expected at least one with matches: true and one"),
        Arguments.of(
            "examples",
            List.of(Written.example("yes", false), Written.example("no", true)),
            "examples[0] 'yes': matches, and should not"),
        Arguments.of(
            "examples",
            List.of(Written.example("yes", false), Written.example("no", true)),
            "examples[1] 'no': does not match, and should"),
        Arguments.of(
            "examples",
            List.of(Written.example("yes", true), Written.example("yes", true)),
            "examples[1] 'yes': another one has the same name"),
        Arguments.of(
            "examples",
            List.of(
                Written.example("yes", true),
                Written.example("no", false),
                Map.of("name", "nobody", "input", Map.of(), "matches", false)),
            "examples[2] 'nobody': cannot be evaluated: visitor.name is missing"),
        Arguments.of(
            "examples", List.of(Map.of("name", "a")), "examples[0].input: is missing; expected"),
        Arguments.of(
            "examples", List.of(Map.of("name", "a")), "examples[0].matches: is missing; expected"),
        Arguments.of(
            "examples",
            List.of(example(Map.of("visitor", Map.of("nmae", "x")))),
            "examples[0].input.visitor.nmae: unknown key; did you mean 'name'?"),
        Arguments.of(
            "examples",
            List.of(example(Map.of("visitor", Map.of("name", true)))),
            "examples[0].input.visitor.name: 'true'; expected text"),
        Arguments.of(
            "examples",
            List.of(example(Map.of("site", Map.of("high_security", "yes")))),
            "examples[0].input.site.high_security: 'yes'; expected true or false"),
        Arguments.of(
            "examples",
            List.of(example(Map.of("time", Map.of("hour", "9")))),
            "examples[0].input.time.hour: '9'; expected a whole number"),
        Arguments.of(
            "examples",
            List.of(example(Map.of("entry", Map.of("answers", Map.of("q", 1))))),
            "examples[0].input.entry.answers.q: '1'; expected text in quotes"),
        Arguments.of(
            "examples",
            List.of(example(Map.of("watchlist", Map.of("lists", "a")))),
            "examples[0].input.watchlist.lists: 'a'; expected a list"));
  }

  private static Map<String, Object> example(Map<String, Object> input) {
    return Map.of("name", "the example", "input", input, "matches", true);
  }

  @ParameterizedTest
  @MethodSource("badKeys")
  void refusalNamesFileKeyValueAndWhatToDo(String key, Object value, String problem) {
    assertThat(Written.problems(Written.with(key, value)))
        .anySatisfy(line -> {
          assertThat(line).startsWith("file.yml: ").contains(problem);
          assertThat(line.lines()).hasSize(1);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "version", "order", "when", "outcome", "message", "examples"})
  void everyKeyButSitesAndModeIsMandatory(String key) {
    Map<String, Object> keys = Written.keys();
    keys.remove(key);

    assertThat(Written.problems(keys))
        .anySatisfy(line -> assertThat(line).containsPattern(key + ": (is missing; )?expected"));
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    Map<String, Object> keys = Written.with("version", 0);
    keys.put("outcome", "MAYBE");
    keys.put("colour", "red");

    assertThat(Written.problems(keys)).hasSize(3);
  }

  @Test
  void yamlForPeopleIsAccepted() {
    String yaml =
        """
        # Visitors of yes
        id: the-policy
        version: 1
        order: 5
        sites: [hq, "143"]
        when: |
          has(visitor.company) &&
          visitor.company.lowerAscii() == "yes"
        outcome: APPROVE
        mode: SHADOW
        examples:
          - name: from yes
            input: { visitor: { company: "YES" }, site: { id: hq } }
            matches: true
          - name: nobody
            input: { site: { id: "143" } }
            matches: false
        """;

    PolicyCompiler.Checked checked = Written.COMPILER.check("policies/yes.yml", yaml);

    assertThat(checked)
        .isInstanceOfSatisfying(
            PolicyCompiler.Checked.Accepted.class,
            accepted -> {
              Policy policy = accepted.policy().policy();
              assertThat(policy.sites()).containsExactly("143", "hq");
              assertThat(policy.mode()).isEqualTo(Policy.Mode.SHADOW);
              assertThat(policy.message()).isNull();
            });
  }

  @Test
  void topicFormIsStableAndReadsBack() {
    Map<String, Object> keys = Written.with("sites", List.of("b", "a", "b"));
    keys.put("examples", List.of(at("b", "yes", true), at("a", "no", false)));
    CompiledPolicy policy = Written.accepted(keys);

    byte[] json = PolicyCompiler.json(policy.policy());
    CompiledPolicy again = Written.COMPILER.load("the-policy", json);

    assertThat(new String(json, StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"id\":\"the-policy\",\"version\":3,\"order\":10,\"sites\":[\"a\",\"b\"],"
                + "\"when\":\"visitor.name == 'yes'\",\"outcome\":\"REVIEW\","
                + "\"message\":\"please look at {visitor.name}\",\"mode\":\"ACTIVE\","
                + "\"examples\":[{\"name\":\"yes at b\",\"input\":{\"visitor\":{\"name\":\"yes\"},"
                + "\"site\":{\"id\":\"b\"}},"
                + "\"matches\":true},{\"name\":\"no at a\",\"input\":{\"visitor\":{\"name\":\"no\"},"
                + "\"site\":{\"id\":\"a\"}},"
                + "\"matches\":false}]}");
    assertThat(again.broken()).isNull();
    assertThat(PolicyCompiler.json(again.policy())).isEqualTo(json);
  }

  @Test
  void everyFactSurvivesTheTopicForm() {
    Map<String, Object> input = new LinkedHashMap<>();
    List<String> reads = new ArrayList<>();
    Fact.SECTIONS.forEach((section, facts) -> {
      Map<String, Object> fields = new LinkedHashMap<>();
      facts.forEach((field, fact) -> {
        fields.put(
            field,
            switch (fact.kind()) {
              case TEXT -> "\u0001 \u007f \u0085 \ud83d\ude00 \"'\\ " + field;
              case NUMBER -> 7;
              case FLAG -> true;
              case TEXTS -> List.of("b", "a");
              case ANSWERS -> Map.of("q1", "a1", "q2", "a2");
            });
        reads.add("has(" + fact.variable() + ")");
      });
      input.put(section, fields);
    });
    Map<String, Object> keys = Written.with("when", String.join(" && ", reads));
    keys.put(
        "examples",
        List.of(
            Map.of("name", "everything", "input", input, "matches", true),
            Map.of("name", "nothing", "input", Map.of(), "matches", false)));

    byte[] json = PolicyCompiler.json(Written.accepted(keys).policy());

    CompiledPolicy again = Written.COMPILER.load("the-policy", json);
    assertThat(again.broken()).isNull();
    assertThat(PolicyCompiler.json(again.policy())).isEqualTo(json);
    assertThat(again.policy().examples().getFirst().input().facts()).hasSize(Fact.values().length);
  }

  @Test
  void randomBytesNeverThrow() {
    long seed = new Random().nextLong();
    System.out.println("PolicyCompilerTest seed " + seed);
    Random random = new Random(seed);
    byte[] good = Written.json(Written.keys()).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 800; i++) {
      byte[] bytes = good.clone();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      CompiledPolicy loaded = Written.COMPILER.load("the-policy", bytes);
      assertThat(loaded.evaluate(Written.hit(1))).isNotNull();
      assertThat(Written.COMPILER.check("f", new String(bytes, StandardCharsets.ISO_8859_1)))
          .isNotNull();
    }
  }

  @Test
  void siteOfThePolicyDecidesWhetherItIsAsked() {
    CompiledPolicy policy = Written.accepted(siteOnly());

    assertThat(policy.evaluate(named("yes", "hq")).verdict()).isEqualTo(new Verdict.Match());
    assertThat(policy.evaluate(named("yes", "lab")).verdict()).isEqualTo(new Verdict.NoMatch());
    assertThat(policy.evaluate(named("yes", null)).verdict())
        .isEqualTo(new Verdict.Failed("it is for some sites only, and site.id is missing"));
  }

  private static Map<String, Object> siteOnly() {
    Map<String, Object> keys = Written.with("sites", List.of("hq"));
    keys.put("examples", List.of(at("hq", "yes", true), at("lab", "yes", false)));
    return keys;
  }

  private static Map<String, Object> at(String site, String name, boolean matches) {
    return Map.of(
        "name",
        name + " at " + site,
        "input",
        Map.of("visitor", Map.of("name", name), "site", Map.of("id", site)),
        "matches",
        matches);
  }

  private static Input named(String name, @Nullable String site) {
    return Input.builder().text(Fact.VISITOR_NAME, name).text(Fact.SITE_ID, site).build();
  }
}
