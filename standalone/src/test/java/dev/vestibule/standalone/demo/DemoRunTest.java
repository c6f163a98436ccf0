package dev.vestibule.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of it: real broker, real HTTP, every room. */
class DemoRunTest {
  private static final long SEED = 20;

  @TempDir private Path folder;

  @Test
  void everyNumberIsRight() throws Exception {
    StringWriter story = new StringWriter();

    boolean right = new DemoRun(folder, new PrintWriter(story), false).run(new Random(SEED));

    assertThat(right).as("seed %d:%n%s", SEED, story).isTrue();
    assertThat(story.toString())
        .contains("\"type\" : \"SIGNED_IN\"", "POST to visitor.events", "warehouse rows")
        .containsPattern("Deny, signed for another click -> 401")
        .contains("Visitor approved", "Approved by @Reception")
        .doesNotContain("WRONG");
    assertThat(folder.resolve("slack.html"))
        .content()
        .contains("# reviews", "# hq", "# lobby", "# berlin", "Approved by @Reception");
  }
}
