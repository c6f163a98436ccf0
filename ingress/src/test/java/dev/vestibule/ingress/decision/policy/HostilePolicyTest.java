package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.ingress.decision.policy.CompiledPolicy.Evaluation;
import dev.vestibule.ingress.decision.policy.CompiledPolicy.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever may publish policies cannot stop or exhaust the ingress with them. */
class HostilePolicyTest {
  private static final int MAX_STEPS = Steps.MAX + Expression.MATCHES_COST * Expression.MAX_PROGRAM;

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("visitor.name == '" + "x".repeat(600) + "'", "text of 600 characters"),
        Arguments.of("visitor.name == '" + "x".repeat(9_000) + "'", "9018 characters long"),
        Arguments.of("visitor.name.matches('((a{100}){100}){100}')", "multiply to more than 1000"),
        Arguments.of(
            "visitor.name.matches('(abcdefghij){150}')", "the regular expression has size"),
        Arguments.of("visitor.name.matches('(a)\\\\1')", "no back references"),
        Arguments.of("visitor.name.matches('(?=a)b')", "no back references and no look-around"),
        Arguments.of("visitor.name.matches(visitor.email)", "as a text in quotes"),
        Arguments.of("visitor.name.matches('a' == 'b' ? 'c' : 'd')", "as a text in quotes"),
        Arguments.of(
            "[1].exists(a, [1].exists(b, [1].exists(c, a == c)))", "nested more than 2 deep"),
        Arguments.of("visitor.name + visitor.name == 'xx'", "no matching overload for '_+_'"),
        Arguments.of("[1] + [1] == [1, 1]", "no matching overload for '_+_'"),
        Arguments.of("['a'].map(a, a).map(a, a) == ['a']", "undeclared reference to 'map'"),
        Arguments.of("['a'].filter(a, true) == ['a']", "undeclared reference to 'filter'"),
        Arguments.of("[[1, 1], [1, 1]] == [[1, 1]]", "type list"),
        Arguments.of("[1].exists(a, [[a, a]].exists(b, b == [1, 1]))", "type list"),
        Arguments.of("[1, 'a'].size() == 2", "type list"),
        Arguments.of("{'a': 1}['a'] == 1", "a map cannot be written here"),
        Arguments.of("visitor{name: 'x'}.name == 'x'", "is not a type"),
        Arguments.of("google.protobuf.Any{} == null", "undeclared reference to 'google"),
        Arguments.of("dyn(visitor.name) == 1", "undeclared reference to 'dyn'"),
        Arguments.of("type(visitor.name) == string", "undeclared reference to 'type'"),
        Arguments.of("null == null", "a value of type null"),
        Arguments.of("1.5 > 1.0", "no matching overload for '_>_'"),
        Arguments.of("b'a' == b'a'", "a value of type bytes"),
        Arguments.of("java.lang.System.exit(0)", "undeclared reference to"),
        Arguments.of("visitor.getClass() == 'x'", "undeclared reference to 'getClass'"),
        Arguments.of("timestamp('2026-01-01T00:00:00Z') == 1", "undeclared reference to"),
        Arguments.of("(".repeat(100) + "true" + ")".repeat(100), "recursion limit exceeded"),
        Arguments.of("1" + "+1".repeat(400) + " == 1", "recursion limit exceeded"),
        Arguments.of("true" + " && true".repeat(800), "node limit (1000) exceeded"),
        Arguments.of(
            "time.hour in ["
                + IntStream.range(0, 2000).mapToObj(i -> "1").collect(Collectors.joining(","))
                + "]",
            "node limit (1000) exceeded"),
        Arguments.of("time.hour ".repeat(300), "mismatched input"),
        Arguments.of("visitor.name == 'x", "token recognition error"),
        Arguments.of("9223372036854775808 == 1", "a number is too large"),
        Arguments.of("`" + "a".repeat(100), ""));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedWithPolicyAndPlace(String expression, String reason) {
    List<String> problems = Written.problems(Written.with("when", expression));

    assertThat(problems)
        .allSatisfy(problem -> assertThat(problem).startsWith("file.yml: policy the-policy v3: "))
        .allSatisfy(problem -> assertThat(problem.length()).isLessThan(500))
        .anySatisfy(problem -> assertThat(problem).contains("when: ").contains(reason));
  }

  @Test
  void exponentialExpressionForOtherEnginesIsLinearHere() {
    CompiledPolicy policy =
        Written.accepted(
            Written.with(
                "when",
                """
                visitor.name == 'yes' || visitor.name.matches('^(a+)+$')\
                """));
    Input trap = Input.builder().text(Fact.VISITOR_NAME, "a".repeat(1999) + "!").build();

    Evaluation evaluation = policy.evaluate(trap);

    assertThat(evaluation.verdict()).isEqualTo(new Verdict.NoMatch());
    assertThat(evaluation.steps()).isLessThan(50);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "entry.answers.all(a, entry.answers.all(b, a != 'x' && b != 'x'))",
        // What comes after must not turn the exhausted half into an answer.
        "entry.answers.all(a, entry.answers.all(b, a != 'x')) || true",
        "true || entry.answers.all(a, true) ? entry.answers.all(a, entry.answers.all(b, a != 'x'))"
            + " || true : true",
        "!(entry.answers.all(a, entry.answers.all(b, a != 'x')) && false)",
        "entry.answers.exists(c, entry.answers.all(b, c != b || c == b) && c == 'x') || true",
        "entry.answers.all(a, a.matches('(abc){150}') || true)",
        "entry.answers.all(a, visitor.name.contains(a) || true)",
        "entry.answers.exists_one(a, entry.answers.exists_one(b, a == b)) || true",
      })
  void isStoppedWithinTheBudget(String expression) {
    CompiledPolicy policy = Written.accepted(Written.asking(expression));

    Evaluation evaluation = policy.evaluate(Written.hit(100));

    assertThat(evaluation.verdict())
        .isEqualTo(new Verdict.Failed("it needs more than 10000 steps"));
    assertThat(evaluation.steps()).isBetween(Steps.MAX + 1, MAX_STEPS);
  }

  @Test
  void everyRoundOfALoopCostsAtLeastOneStep() {
    CompiledPolicy policy = Written.accepted(Written.asking("entry.answers.all(a, true)"));

    int few = policy.evaluate(Written.hit(10)).steps();
    int many = policy.evaluate(Written.hit(100)).steps();

    assertThat(many - few).isGreaterThanOrEqualTo(90);
  }

  @Test
  void searchesAreDearerTheMoreTheyCanCost() {
    String longText = "a".repeat(500);
    int plain = steps("visitor.name == '" + longText + "'");

    assertThat(steps("visitor.name.contains('a')")).isEqualTo(plain + 20);
    assertThat(steps("visitor.name.contains('" + longText + "')")).isEqualTo(plain + 519);
    assertThat(steps("visitor.name.contains(site.id)")).isEqualTo(plain + 499);
    assertThat(steps("visitor.name.matches('(abc){150}')")).isGreaterThan(plain + 900);
  }

  private static int steps(String expression) {
    return Written.accepted(Written.asking(expression)).evaluate(Written.hit(0)).steps();
  }

  @Test
  void examplesAreRunWithinTheBudget() {
    Map<String, Object> keys =
        Written.asking("entry.answers.all(a, entry.answers.all(b, a != 'x'))");
    Map<String, String> answers = new LinkedHashMap<>();
    IntStream.range(0, 100).forEach(i -> answers.put("question " + i, "answer"));
    keys.put(
        "examples",
        List.of(
            Written.example("yes", true),
            Written.example("no", false),
            Map.of(
                "name",
                "many answers",
                "input",
                Map.of("visitor", Map.of("name", "hit"), "entry", Map.of("answers", answers)),
                "matches",
                true)));

    assertThat(Written.problems(keys))
        .singleElement()
        .asString()
        .contains(
            "examples[2] 'many answers': cannot be evaluated: it needs more than 10000 steps");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9223372036854775807 + size(visitor.name) > 0 | a number becomes too large",
        "9223372036854775807 * size(visitor.name) > 0 | a number becomes too large",
        "-9223372036854775807 - size(visitor.name) < 0 | a number becomes too large",
        "1 / (size(visitor.name) - 3) == 1 | it divides by zero",
        "1 % (size(visitor.name) - 3) == 1 | it divides by zero",
        "int(visitor.name) == 1 | a value does not have the form it needs",
        "['a'][size(visitor.name)] == 'a' | it reads an entry that is not there",
        "entry.answers[visitor.name] == 'a' | it reads an entry that is not there",
        "visitor.email == 'a' | visitor.email is missing",
        "watchlist.hit | watchlist.hit is missing",
      })
  void failsWithAReasonThatHoldsNoValue(String line) {
    String[] parts = line.split(" \\| ");
    CompiledPolicy policy = Written.accepted(Written.asking(parts[0]));

    Verdict verdict = policy.evaluate(Written.hit(1)).verdict();

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Failed.class,
            failed ->
                assertThat(failed.reason())
                    .matches("\\Q" + parts[1] + "\\E \\(character \\d+\\)")
                    .doesNotContain("hit'"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id: &a [*a] | an alias (*) stands here",
        "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b] | an alias (*) stands here",
        "? {a: b}\n: c | is not valid YAML",
        "id: !!java.lang.ProcessBuilder [x] | is not valid YAML",
        "id: a\nid: b | a key is given twice",
        "id: \"a | is not valid YAML here",
        "--- 1\n--- 2 | is not valid YAML",
        "- a | is a list; expected keys with values",
        "just text | 'just text'; expected keys with values",
      })
  void hostileFileIsRefused(String line) {
    String[] parts = line.split(" \\| ");

    assertThat(Written.problems(parts[0]))
        .allSatisfy(problem -> assertThat(problem).startsWith("file.yml: "))
        .anySatisfy(problem -> assertThat(problem).contains(parts[1]));
  }

  @Test
  void deepAndLargeFilesAreRefused() {
    assertThat(Written.problems("id: " + "[".repeat(100_000)))
        .singleElement()
        .asString()
        .contains("nested too deeply");
    assertThat(Written.problems("id: " + "{a: ".repeat(30_000)))
        .singleElement()
        .asString()
        .contains("nested too deeply");
    assertThat(Written.problems("when: '" + "x".repeat(1_000_000) + "'"))
        .singleElement()
        .asString()
        .contains("expected at most 262144");
    assertThat(Written.problems("")).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{",
        "[]",
        "{\"id\":\"k\"}",
        "{\"id\":\"k\",\"id\":\"k\"}",
        "\u0000\u0001",
        "[[[[[[[[[[[[[[[[[[[[[[[[[["
      })
  void recordThatNobodyCanReadIsABrokenPolicyForEverybody(String json) {
    CompiledPolicy policy = Written.COMPILER.load("k", json.getBytes(StandardCharsets.UTF_8));

    assertThat(policy.broken()).isNotNull();
    assertThat(policy.policy().id()).isEqualTo("k");
    assertThat(policy.policy().order()).isZero();
    assertThat(policy.policy().mode()).isEqualTo(Policy.Mode.ACTIVE);
    assertThat(policy.evaluate(Written.hit(1)).verdict()).isInstanceOf(Verdict.Failed.class);
  }

  @Test
  void megabyteOfALiteralIsRefusedInAFileAndBrokenInARecord() {
    String json =
        Written.json(Written.with("when", "visitor.name == '" + "x".repeat(1_000_000) + "'"));

    assertThat(Written.problems(json))
        .singleElement()
        .asString()
        .contains("expected at most 262144");
    assertThat(Written.COMPILER.load("the-policy", json.getBytes(StandardCharsets.UTF_8)).broken())
        .contains("1000018 characters long; expected at most 262144");
  }

  @Test
  void recordThatNoLongerCompilesStaysAtItsPlace() {
    String json = Written.json(Written.with("when", "visitor.nmae == 'x'"));

    CompiledPolicy policy =
        Written.COMPILER.load("the-policy", json.getBytes(StandardCharsets.UTF_8));

    assertThat(policy.broken()).contains("undefined field 'nmae'; did you mean 'name'?");
    assertThat(policy.policy().order()).isEqualTo(10);
  }

  @Test
  void recordUnderAnotherKeyIsBroken() {
    String json = Written.json(Written.keys());

    CompiledPolicy policy = Written.COMPILER.load("other", json.getBytes(StandardCharsets.UTF_8));

    assertThat(policy.broken()).contains("is not the key of its record");
  }
}
