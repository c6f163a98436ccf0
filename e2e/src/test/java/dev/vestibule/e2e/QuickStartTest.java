package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vestibule.benchmarks.UpProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Does what the README says under "Run it", word for word, in an empty folder. Only the ports of
 * {@code up} are others, since those of the README may be taken.
 */
class QuickStartTest {
  private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

  @TempDir Path folder;

  @Test
  void theReadmesCommandsShowAnEvent() throws Exception {
    List<List<String>> commands = commands();
    assertThat(commands)
        .extracting(List::getFirst)
        .containsExactly(
            "up",
            "send",
            "tail",
            "sql",
            "visit",
            "dead-letters",
            "topics",
            "policies",
            "watchlist",
            "doctor");

    try (UpProcess up =
        UpProcess.start(folder, commands.getFirst().subList(1, commands.getFirst().size()))) {
      String sent = run(commands.get(1));
      assertThat(sent).contains("status=200");
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(run(commands.get(2))).contains("\"SIGNED_IN\""));
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(run(commands.get(3))).contains("SIGNED_IN"));
      List<String> visit = List.of("visit", sent.replaceAll("(?s).*receipt=(\\S+).*", "$1"));
      assertThat(commands.get(4)).isEqualTo(List.of("visit", "RECEIPT"));
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(run(visit)).contains("Nothing is stuck"));
      assertThat(run(commands.get(5))).isEmpty();
      assertThat(run(commands.get(6))).contains("nothing to do");
      assertThat(run(commands.get(7))).isEmpty();
      assertThat(run(commands.get(8))).isEmpty();
      // What a fresh folder should not go into production with, and nothing else.
      Command.Ended doctor = Command.runToItsEnd(folder, commands.get(9).toArray(String[]::new));
      assertThat(doctor.code()).as(doctor.err()).isEqualTo(1);
      assertThat(doctor.out())
          .contains("plain-http", "sources.hq-envoy", "sources.berlin", "sources.clinics")
          .contains("4 findings");
      assertThat(up.stop()).isZero();
    }
  }

  /** The commands of the README's block, without launcher and comments. */
  private static List<List<String>> commands() throws IOException {
    String readme = Files.readString(Path.of("..", "README.md"));
    String section = readme.substring(readme.indexOf("## Run it"));
    String block = section.substring(section.indexOf("```sh\n") + 6);
    List<List<String>> commands = new ArrayList<>();
    for (String line : block.substring(0, block.indexOf("```")).lines().toList()) {
      int comment = line.indexOf(" #");
      Matcher words = WORD.matcher(comment < 0 ? line : line.substring(0, comment));
      List<String> command = new ArrayList<>();
      while (words.find()) {
        command.add(words.group(1) == null ? words.group(2) : words.group(1));
      }
      assertThat(command.removeFirst()).isEqualTo("./vestibule");
      commands.add(command);
    }
    return commands;
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    return Command.run(folder, command.toArray(String[]::new));
  }
}
