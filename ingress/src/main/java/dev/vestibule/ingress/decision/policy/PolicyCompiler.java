package dev.vestibule.ingress.decision.policy;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableMap;
import dev.cel.checker.CelStandardDeclarations;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.extensions.CelStringExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelStandardFunctions;
import dev.vestibule.config.Display;
import dev.vestibule.config.Suggestion;
import dev.vestibule.ingress.decision.policy.CompiledPolicy.Verdict;
import dev.vestibule.ingress.decision.policy.Policy.Example;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Turns written policies into {@link CompiledPolicy}. The language is CEL with what is listed here
 * and nothing else: typed facts, no dynamic values, nothing that makes a value larger than it was.
 * Costs milliseconds for each policy; safe for any number of threads.
 */
public final class PolicyCompiler {
  static final int MAX_EXPRESSION = 8192;
  static final int MAX_NODES = 1000;
  private static final int MAX_PARSE_DEPTH = 32;

  /** By name, so that a newer library adds nothing by itself. */
  private static final Set<String> OVERLOADS =
      Set.of(
          "logical_and",
          "logical_or",
          "logical_not",
          "not_strictly_false",
          "conditional",
          "equals",
          "not_equals",
          "less_int64",
          "less_equals_int64",
          "greater_int64",
          "greater_equals_int64",
          "less_string",
          "less_equals_string",
          "greater_string",
          "greater_equals_string",
          "add_int64",
          "subtract_int64",
          "multiply_int64",
          "divide_int64",
          "modulo_int64",
          "negate_int64",
          "in_list",
          "in_map",
          "index_list",
          "index_map",
          "size_string",
          "size_list",
          "size_map",
          "string_size",
          "list_size",
          "map_size",
          "string_to_int64",
          "contains_string",
          "starts_with_string",
          "ends_with_string",
          "matches",
          "matches_string");

  private static final List<String> FUNCTIONS =
      List.of(
          "has",
          "all",
          "exists",
          "exists_one",
          "size",
          "contains",
          "startsWith",
          "endsWith",
          "matches",
          "lowerAscii",
          "int");

  private static final Pattern UNKNOWN_NAME =
      Pattern.compile("(undefined field|undeclared reference to) '([^']*)'.*", Pattern.DOTALL);

  private final CelCompiler compiler = compiler();
  private final CelOptions options = options();

  /** What became of a written policy. */
  public sealed interface Checked {
    /** It can be published. */
    record Accepted(CompiledPolicy policy) implements Checked {}

    /**
     * It cannot.
     *
     * @param problems one line each: file, place, what is wrong and what to do
     */
    record Refused(List<String> problems) implements Checked {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Checks the form for people: reads it, compiles it and runs its examples.
   *
   * @param file name for messages
   * @param text YAML or JSON
   */
  public Checked check(String file, String text) {
    List<String> problems = new ArrayList<>();
    Policy policy = PolicyDocument.fromYaml(text, problems);
    if (policy == null) {
      return refused(Display.of(file), problems);
    }
    CompiledPolicy compiled = compile(policy, problems);
    return problems.isEmpty()
        ? new Checked.Accepted(compiled)
        : refused(Display.of(file) + ": policy " + policy.ref(), problems);
  }

  /**
   * Reads one record of {@code visitor.policies}. What cannot be used becomes a broken policy, for
   * all sites and asked first when not even that much can be read: a rule that nobody understands
   * must not let anybody in.
   */
  public CompiledPolicy load(String key, byte[] json) {
    List<String> problems = new ArrayList<>();
    Policy policy = PolicyDocument.fromJson(json, problems);
    if (policy != null && !policy.id().equals(key)) {
      problems.add("id: is not the key of its record; publish the policy again");
    } else if (policy != null) {
      return compile(policy, problems);
    }
    Policy unknown =
        new Policy(key, 0, 0, Set.of(), "", Outcome.REVIEW, null, Policy.Mode.ACTIVE, List.of());
    return CompiledPolicy.broken(unknown, problems.getFirst());
  }

  /** The bytes for {@code visitor.policies}: equal policies give equal bytes. */
  public static byte[] json(Policy policy) {
    return PolicyDocument.json(policy);
  }

  /** Compiles and runs the examples; broken when anything is added to the problems. */
  private CompiledPolicy compile(Policy policy, List<String> problems) {
    String message = policy.message() == null ? null : Message.problem(policy.message());
    if (message != null) {
      problems.add("message: " + message);
    }
    int length = policy.when().codePointCount(0, policy.when().length());
    if (length > MAX_EXPRESSION) {
      problems.add("when: is " + length + " characters long; use at most " + MAX_EXPRESSION);
      return CompiledPolicy.broken(policy, problems.getFirst());
    }
    CompiledPolicy compiled = compileExpression(policy, problems);
    if (problems.isEmpty()) {
      runExamples(compiled, problems);
    }
    return problems.isEmpty() ? compiled : CompiledPolicy.broken(policy, problems.getFirst());
  }

  private CompiledPolicy compileExpression(Policy policy, List<String> problems) {
    try {
      CelValidationResult result = compiler.compile(policy.when());
      if (result.hasError()) {
        result.getErrors().forEach(issue -> problems.add("when: " + problem(issue)));
        return CompiledPolicy.broken(policy, problems.getFirst());
      }
      Expression expression = Expression.of(result.getAst());
      expression.problems().forEach(problem -> problems.add("when: " + problem));
      if (!expression.problems().isEmpty()) {
        return CompiledPolicy.broken(policy, problems.getFirst());
      }
      CelRuntime.Program program = runtime(expression.patterns()).createProgram(result.getAst());
      return CompiledPolicy.of(policy, program, expression.costs());
    } catch (CelValidationException | CelEvaluationException | RuntimeException e) {
      problems.add("when: cannot be compiled (" + e.getClass().getSimpleName() + "); simplify it");
    } catch (StackOverflowError e) {
      problems.add("when: is nested too deeply; simplify it");
    }
    return CompiledPolicy.broken(policy, problems.getFirst());
  }

  private static void runExamples(CompiledPolicy compiled, List<String> problems) {
    List<Example> examples = compiled.policy().examples();
    if (examples.stream().noneMatch(Example::matches)
        || examples.stream().allMatch(Example::matches)) {
      problems.add(
          "examples: expected at least one with matches: true and one with matches: false");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      String place = "examples[" + i + "] '" + Display.of(example.name()) + "': ";
      if (!names.add(example.name())) {
        problems.add(place + "another one has the same name; name what each shows");
      }
      switch (compiled.evaluate(example.input()).verdict()) {
        case Verdict.Failed(String reason) ->
            problems.add(
                place
                    + "cannot be evaluated: "
                    + reason
                    + "; ask with has() before reading, or complete the input");
        case Verdict.Match _ when !example.matches() ->
            problems.add(place + "matches, and should not; correct the expression or the example");
        case Verdict.NoMatch _ when example.matches() ->
            problems.add(
                place + "does not match, and should; correct the expression or the example");
        case Verdict.Match _, Verdict.NoMatch _ -> {
          // As its author said.
        }
      }
    }
  }

  private static Checked refused(String where, List<String> problems) {
    return new Checked.Refused(problems.stream().map(problem -> where + ": " + problem).toList());
  }

  private static String problem(CelIssue issue) {
    String message = issue.getMessage().replace(" (in container '')", "");
    Matcher unknown = UNKNOWN_NAME.matcher(message);
    if (unknown.matches()) {
      Set<String> names = new LinkedHashSet<>();
      if (unknown.group(1).equals("undefined field")) {
        Fact.SECTIONS.values().forEach(facts -> names.addAll(facts.keySet()));
      } else {
        names.addAll(Fact.SECTIONS.keySet());
        names.addAll(FUNCTIONS);
      }
      message =
          unknown.group(1)
              + " '"
              + Display.of(unknown.group(2))
              + "'; "
              + Suggestion.of(unknown.group(2), names);
    } else if (message.startsWith("found no matching overload")) {
      message = message.replaceFirst(" \\(candidates:.*", "") + "; compare values of one type";
    }
    if (message.startsWith("For input string")) {
      message = "a number is too large; use at most " + Long.MAX_VALUE;
    }
    String line = message.lines().findFirst().orElse("");
    return Expression.place(issue.getSourceLocation())
        + (line.length() > 300 ? line.substring(0, 300) + "…" : line);
  }

  private static CelOptions options() {
    return CelOptions.current()
        .enableHeterogeneousNumericComparisons(true)
        .maxExpressionCodePointSize(MAX_EXPRESSION)
        .maxParseExpressionNodeCount(MAX_NODES)
        .maxParseRecursionDepth(MAX_PARSE_DEPTH)
        .comprehensionMaxIterations(Steps.MAX)
        .build();
  }

  private static CelCompiler compiler() {
    ImmutableMap.Builder<String, CelType> types = ImmutableMap.builder();
    CelCompilerBuilder builder =
        CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(options())
            .setStandardEnvironmentEnabled(false)
            .setStandardDeclarations(
                CelStandardDeclarations.newBuilder()
                    .filterFunctions((function, overload) ->
                        OVERLOADS.contains(overload.celOverloadDecl().overloadId()))
                    .filterIdentifiers(identifier -> false)
                    .build())
            .setStandardMacros(
                CelStandardMacro.HAS,
                CelStandardMacro.ALL,
                CelStandardMacro.EXISTS,
                CelStandardMacro.EXISTS_ONE)
            .addLibraries(CelExtensions.strings(CelStringExtensions.Function.LOWER_ASCII))
            .setResultType(SimpleType.BOOL);
    Fact.SECTIONS.forEach((section, facts) -> {
      ImmutableMap.Builder<String, CelType> fields = ImmutableMap.builder();
      facts.forEach((field, fact) -> fields.put(field, fact.kind().type()));
      ImmutableMap<String, CelType> known = fields.buildOrThrow();
      StructType type =
          StructType.create(
              section, known.keySet(), field -> Optional.ofNullable(known.get(field)));
      types.put(section, type);
      builder.addVar(section, type);
    });
    return builder.setTypeProvider(new Types(types.buildOrThrow())).build();
  }

  private CelRuntime runtime(ImmutableMap<String, com.google.re2j.Pattern> patterns) {
    return CelRuntimeFactory.plannerRuntimeBuilder()
        .setOptions(options)
        .setStandardFunctions(
            CelStandardFunctions.newBuilder()
                .excludeFunctions(CelStandardFunctions.StandardFunction.MATCHES)
                .build())
        .addFunctionBindings(
            CelFunctionBinding.fromOverloads(
                "matches",
                CelFunctionBinding.from(
                    "matches",
                    String.class,
                    String.class,
                    (text, regex) -> find(patterns, text, regex)),
                CelFunctionBinding.from(
                    "matches_string",
                    String.class,
                    String.class,
                    (text, regex) -> find(patterns, text, regex))))
        .addLibraries(CelExtensions.strings(CelStringExtensions.Function.LOWER_ASCII))
        .build();
  }

  private static boolean find(
      ImmutableMap<String, com.google.re2j.Pattern> patterns, String text, String regex) {
    com.google.re2j.Pattern pattern = patterns.get(regex);
    if (pattern == null) {
      throw new IllegalStateException("a regular expression that was never checked");
    }
    return pattern.matcher(text).find();
  }

  /** The sections, found by name. */
  private record Types(ImmutableMap<String, CelType> byName) implements CelTypeProvider {
    @Override
    public ImmutableCollection<CelType> types() {
      return byName.values();
    }

    @Override
    public Optional<CelType> findType(String name) {
      return Optional.ofNullable(byName.get(name));
    }
  }
}
