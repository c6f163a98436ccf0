package dev.vestibule.ingress.decision.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.ingress.decision.policy.PolicyCompiler.Checked;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the page for policy authors says is so. */
class PolicyDocsTest {
  private static final Path PAGE = Path.of("../docs/decisions.md");

  @Test
  void examplesOfThePageAreAccepted() throws IOException {
    List<String> blocks =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(section("## Writing policies"))
            .results()
            .map(block -> block.group(1))
            .toList();

    assertThat(blocks).hasSize(2);
    assertThat(blocks)
        .allSatisfy(block ->
            assertThat(Written.COMPILER.check("decisions.md", block))
                .isInstanceOf(Checked.Accepted.class));
  }

  @Test
  void tableHoldsEveryVariableWithItsType() throws IOException {
    List<String> rows =
        Pattern.compile("^\\| `([a-z_.]+)` \\| ([a-z(), ]+) \\|", Pattern.MULTILINE)
            .matcher(section("### What a policy can ask about"))
            .results()
            .map((MatchResult row) -> row.group(1) + " " + row.group(2))
            .toList();

    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(Fact.values())
                .map(fact -> fact.variable() + " " + type(fact.kind()))
                .toList());
  }

  @Test
  void placeholdersOfThePageAreThose() throws IOException {
    assertThat(Files.readString(PAGE)).contains(Message.placeholders());
  }

  /** What stands under a heading of the page, up to the next of its level. */
  private static String section(String heading) throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("\n" + heading + "\n");
    assertThat(begin).as(heading).isNotNegative();
    int end = page.indexOf("\n" + heading.substring(0, heading.indexOf(' ') + 1), begin + 1);
    return page.substring(begin, end < 0 ? page.length() : end);
  }

  private static String type(Fact.Kind kind) {
    return switch (kind) {
      case TEXT -> "string";
      case NUMBER -> "int";
      case FLAG -> "bool";
      case TEXTS -> "list(string)";
      case ANSWERS -> "map(string, string)";
    };
  }
}
