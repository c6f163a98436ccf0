package dev.vestibule.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.config.ConfigLoader;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.contract.Topics;
import dev.vestibule.standalone.simulator.Answer;
import dev.vestibule.standalone.simulator.Tally;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlayTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir private Path folder;
  private Map<String, SourceConfig> sources = Map.of();

  @BeforeEach
  void readTheDemosOwnConfiguration() throws IOException {
    Path file = folder.resolve("vestibule.yml");
    Files.writeString(
        file,
        DemoSources.yaml(
            new Random(1),
            URI.create("http://127.0.0.1:1/access"),
            "whsec_unused",
            "{ type: slack, token: unused, signing-secrets: [unused-and-long-enough] }"));
    sources = ConfigLoader.load(file, folder, Map.of()).sources();
  }

  @Test
  void sameSeedIsTheSamePlay() {
    assertThat(bodies(acts(3))).isEqualTo(bodies(acts(3)));
  }

  @Test
  void everyActExpectsSomethingOfItsOwn() {
    List<Act> acts = acts(3);

    assertThat(act(acts, "One arrival").effects().on(Topics.EVENTS)).isEqualTo(1);
    Tally lost = act(acts, "Answers get lost").effects();
    assertThat(lost.on(Topics.DUPLICATES)).isGreaterThanOrEqualTo(5);
    Tally same = act(acts, "The same fact in other clothes").effects();
    assertThat(same.on(Topics.DUPLICATES)).isEqualTo(5);
    assertThat(same.counts().keySet()).anyMatch(effect -> effect.kind().endsWith(" REVISION"));
    assertThat(act(acts, "Contradictions").effects().on(Topics.CONFLICTS)).isEqualTo(2);
    assertThat(act(acts, "Uninvited").effects()).isEqualTo(Tally.NOTHING);
    Tally odd = act(acts, "Signed, but odd").effects();
    assertThat(odd.on(Topics.DEAD_LETTERS)).isEqualTo(1);
    assertThat(odd.on(Topics.EVENTS)).isEqualTo(1);
    assertThat(odd.on(Topics.EVENTS_HEALTH)).isZero();
  }

  @Test
  void refusedRequestsLeaveNothingBehind() {
    List<Step> refused = steps().stream().filter(step -> !step.accepted()).toList();

    assertThat(refused).extracting(Step::status).containsExactlyInAnyOrder(401, 401, 401, 404, 413);
    assertThat(refused)
        .allSatisfy(step -> {
          assertThat(step.effects()).isEqualTo(Tally.NOTHING);
          assertThat(step.stored()).isZero();
        });
  }

  @Test
  void oneAcceptedRequestIsNeverStored() {
    assertThat(
            steps().stream().filter(Step::accepted).mapToInt(s -> s.requests() - s.stored()).sum())
        .isEqualTo(1);
  }

  @Test
  void scoreboardIsRightWhenEverythingCameTrue() throws Exception {
    List<Step> steps = steps();
    Turnstile turnstile = answeredAsExpected(steps);
    Tally effects = effects(steps);

    Scoreboard board =
        Scoreboard.of(steps, turnstile, stored(steps), effects, Scoreboard.warehouseRows(effects));

    assertThat(board.right()).isTrue();
    assertThat(board.scores())
        .extracting(Scoreboard.Score::what)
        .contains(
            "sent", "accepted", "refused", "  with 401", "events", "duplicates", "warehouse rows");
  }

  @Test
  void scoreboardShowsOneMissingRow() throws Exception {
    List<Step> steps = steps();
    Tally effects = effects(steps);

    Scoreboard board =
        Scoreboard.of(
            steps,
            answeredAsExpected(steps),
            stored(steps),
            effects,
            Scoreboard.warehouseRows(effects) - 1);

    assertThat(board.scores())
        .filteredOn(score -> !score.right())
        .extracting(Scoreboard.Score::what)
        .containsExactly("warehouse rows");
  }

  @Test
  void unexpectedAnswerIsALineOfItsOwn() throws Exception {
    List<Step> steps = steps();
    Tally effects = effects(steps);
    Turnstile turnstile =
        new Turnstile((url, webhook) -> new Answer(503, null, Duration.ofMillis(1)));
    turnstile.send(URI.create("http://x"), steps.getFirst().webhook());

    Scoreboard board =
        Scoreboard.of(steps, turnstile, stored(steps), effects, Scoreboard.warehouseRows(effects));

    assertThat(board.scores()).contains(new Scoreboard.Score("  with 503", 0, 1));
    assertThat(board.right()).isFalse();
  }

  private static Turnstile answeredAsExpected(List<Step> steps) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (Step step : steps) {
      for (int copy = 0; copy < step.requests(); copy++) {
        statuses.add(step.status());
      }
    }
    Turnstile turnstile =
        new Turnstile(
            (url, webhook) -> new Answer(statuses.removeFirst(), null, Duration.ofMillis(1)));
    for (Step step : steps) {
      for (int copy = 0; copy < step.requests(); copy++) {
        turnstile.send(URI.create("http://x"), step.webhook());
      }
    }
    return turnstile;
  }

  private List<Act> acts(long seed) {
    return new Play(sources, new Random(seed), Clock.fixed(NOW, ZoneOffset.UTC)).acts();
  }

  private List<Step> steps() {
    return acts(3).stream().flatMap(act -> act.steps().stream()).toList();
  }

  private static Act act(List<Act> acts, String title) {
    return acts.stream().filter(act -> act.title().equals(title)).findFirst().orElseThrow();
  }

  private static Tally effects(List<Step> steps) {
    return steps.stream().map(Step::effects).reduce(Tally.NOTHING, Tally::plus);
  }

  private static long stored(List<Step> steps) {
    return steps.stream().mapToLong(Step::stored).sum();
  }

  private static List<String> bodies(List<Act> acts) {
    return acts.stream()
        .flatMap(act -> act.steps().stream())
        .map(step -> new String(step.webhook().body(), StandardCharsets.UTF_8))
        .toList();
  }
}
