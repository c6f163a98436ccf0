package dev.vestibule.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.benchmarks.chaos.SlackKills;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Slack sink is killed while visitors come and go; {@code bench slack-kills} is longer. */
class SlackKillTest {
  private static final int KILLS = Endurance.of(2, 8);

  @TempDir Path folder;

  @Test
  void eachVisitIsOneMessageAndEachReviewOneAnswerHoweverOftenTheSinkIsKilled() throws Exception {
    SlackKills.Result result =
        new SlackKills(
                KILLS,
                Duration.ofMillis(1_500),
                Long.getLong("vestibule.seed", System.nanoTime()),
                System.err::println)
            .run(folder);

    assertThat(result.kills()).isEqualTo(KILLS);
    assertThat(result.aimed()).isEqualTo(KILLS / 2);
    assertThat(result.reviews()).isEqualTo(KILLS);
    assertThat(result.lost()).as("missing, or not as it ended").isZero();
    assertThat(result.twice()).as("posted again").isZero();
    assertThat(result.reviewsLost()).as("answers lost").isZero();
    assertThat(result.reviewsTwice()).as("answers twice").isZero();
  }
}
