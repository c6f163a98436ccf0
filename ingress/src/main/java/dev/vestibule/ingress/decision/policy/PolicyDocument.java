package dev.vestibule.ingress.decision.policy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.vestibule.ingress.decision.policy.Policy.Example;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * The two written forms of a policy: YAML (or JSON) for people, and one stable JSON for {@code
 * visitor.policies}. Both have the same keys.
 */
final class PolicyDocument {
  private static final int MAX_CHARACTERS = 256 * 1024;
  private static final int MAX_DEPTH = 10;
  private static final int MAX_SITES = 1000;
  private static final int MAX_EXAMPLES = 50;
  private static final int MAX_NAME = 200;
  private static final int MAX_ORDER = 1_000_000;
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");
  private static final Set<String> KEYS =
      Set.of("id", "version", "order", "sites", "when", "outcome", "message", "mode", "examples");
  private static final JsonMapper JSON = StrictJson.mapper(MAX_DEPTH);

  private PolicyDocument() {}

  /**
   * Reads the form for people.
   *
   * @param problems what is wrong, each naming key, value and expectation
   * @return null when there are problems
   */
  static @Nullable Policy fromYaml(String text, List<String> problems) {
    if (text.length() > MAX_CHARACTERS) {
      problems.add("is " + text.length() + " characters long; expected at most " + MAX_CHARACTERS);
      return null;
    }
    LoadSettings settings =
        LoadSettings.builder().setSchema(new CoreSchema()).setAllowDuplicateKeys(false).build();
    try {
      String form = shape(new Parse(settings).parseString(text));
      if (form != null) {
        problems.add(form);
        return null;
      }
      return read(new Load(settings).loadFromString(text), problems);
    } catch (MarkedYamlEngineException e) {
      problems.add(e.getProblemMark().map(PolicyDocument::at).orElse("") + problem(e));
    } catch (YamlEngineException e) {
      problems.add("is not valid YAML");
    }
    return null;
  }

  /** Reads the form of the topic. */
  static @Nullable Policy fromJson(byte[] json, List<String> problems) {
    try {
      return read(JSON.readValue(json, Object.class), problems);
    } catch (JacksonException e) {
      problems.add("is not valid JSON; publish the policy again");
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no input but the array
    }
    return null;
  }

  /** The form of the topic: the same policy always gives the same bytes. */
  static byte[] json(Policy policy) {
    Map<String, @Nullable Object> keys = new LinkedHashMap<>();
    keys.put("id", policy.id());
    keys.put("version", policy.version());
    keys.put("order", policy.order());
    keys.put("sites", policy.sites());
    keys.put("when", policy.when());
    keys.put("outcome", policy.outcome());
    if (policy.message() != null) {
      keys.put("message", policy.message());
    }
    keys.put("mode", policy.mode());
    keys.put("examples", policy.examples().stream().map(PolicyDocument::example).toList());
    try {
      return JSON.writeValueAsBytes(keys);
    } catch (JacksonException e) {
      throw new UncheckedIOException(e); // texts, numbers and flags can always be written
    }
  }

  private static Map<String, Object> example(Example example) {
    Map<String, Map<String, Object>> input = new LinkedHashMap<>();
    example
        .input()
        .facts()
        .forEach((fact, value) ->
            input
                .computeIfAbsent(fact.section(), section -> new LinkedHashMap<>())
                .put(fact.field(), value instanceof Map<?, ?> map ? new TreeMap<>(map) : value));
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("name", example.name());
    keys.put("input", input);
    keys.put("matches", example.matches());
    return keys;
  }

  /** What is wrong with the nesting of a document, before anything is built from it. */
  private static @Nullable String shape(Iterable<Event> events) {
    int depth = 0;
    for (Event event : events) {
      switch (event) {
        case AliasEvent alias -> {
          return at(alias) + "an alias (*) stands here; write the value out";
        }
        case CollectionStartEvent start -> {
          if (++depth > MAX_DEPTH) {
            return at(start) + "is nested too deeply; expected at most " + MAX_DEPTH + " levels";
          }
        }
        case CollectionEndEvent end -> depth--;
        default -> {
          // A value.
        }
      }
    }
    return null;
  }

  private static String at(Event event) {
    return event.getStartMark().map(PolicyDocument::at).orElse("");
  }

  private static String at(Mark mark) {
    return "line " + (mark.getLine() + 1) + " column " + (mark.getColumn() + 1) + ": ";
  }

  private static String problem(MarkedYamlEngineException e) {
    return e.getProblem().startsWith("found duplicate key")
        ? "a key is given twice; expected each key once"
        : "is not valid YAML here; check indentation, quotes and brackets";
  }

  private static @Nullable Policy read(@Nullable Object document, List<String> problems) {
    Keys keys = Keys.of("", document, problems).allow(KEYS);
    if (!problems.isEmpty() && !(document instanceof Map)) {
      return null;
    }
    Outcome outcome = keys.constant("outcome", Outcome.class, Outcome.REVIEW, true);
    Policy policy =
        new Policy(
            id(keys),
            keys.number("version", 1, Integer.MAX_VALUE),
            keys.number("order", 0, MAX_ORDER),
            Set.copyOf(keys.texts("sites", MAX_SITES, MAX_NAME)),
            // Longer ones are refused with their own message when they are compiled.
            keys.text("when", MAX_CHARACTERS),
            outcome,
            outcome == Outcome.REVIEW
                ? keys.text("message", MAX_CHARACTERS)
                : keys.optionalText("message", MAX_CHARACTERS),
            keys.constant("mode", Policy.Mode.class, Policy.Mode.ACTIVE, false),
            examples(keys));
    return problems.isEmpty() ? policy : null;
  }

  private static String id(Keys keys) {
    String id = keys.text("id", MAX_NAME);
    if (!id.isEmpty() && !ID.matcher(id).matches()) {
      keys.problem(
          "id", Keys.wrong(id, "at most 63 of a-z, 0-9 and '-', starting with a letter or digit"));
    }
    return id;
  }

  private static List<Example> examples(Keys keys) {
    List<Example> examples = new ArrayList<>();
    for (Keys example : keys.levels("examples", MAX_EXAMPLES)) {
      example.allow(Set.of("name", "input", "matches"));
      if (!example.has("input")) {
        example.problem("input", "is missing; expected facts such as visitor.name");
      }
      examples.add(
          new Example(
              example.text("name", MAX_NAME),
              input(example.level("input")),
              example.flag("matches")));
    }
    return examples;
  }

  /** Facts by section and field. */
  static Input input(Keys keys) {
    keys.allow(Fact.SECTIONS.keySet());
    Input.Builder input = Input.builder();
    Fact.SECTIONS.forEach((section, facts) -> {
      Keys fields = keys.level(section).allow(facts.keySet());
      facts.forEach((field, fact) -> {
        if (fields.has(field)) {
          put(input, fact, fields, field);
        }
      });
    });
    return input.build();
  }

  private static void put(Input.Builder input, Fact fact, Keys fields, String field) {
    switch (fact.kind()) {
      case TEXT -> input.text(fact, fields.optionalText(field, EnvoyHook.MAX_TEXT));
      case NUMBER -> input.number(fact, fields.number(field, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case FLAG -> input.flag(fact, fields.flag(field));
      case TEXTS ->
          input.texts(fact, fields.texts(field, EnvoyHook.MAX_ANSWERS, EnvoyHook.MAX_TEXT));
      case ANSWERS ->
          input.answers(fact, fields.textByName(field, EnvoyHook.MAX_ANSWERS, EnvoyHook.MAX_TEXT));
    }
  }
}
