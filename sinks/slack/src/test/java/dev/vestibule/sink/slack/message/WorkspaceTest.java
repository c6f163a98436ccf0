package dev.vestibule.sink.slack.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.slack.card.Visits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole of a workspace in virtual time. */
class WorkspaceTest {
  private static final int VISITS = 1000;
  private static final int CHANNELS = 20;
  private static final int ALL = Integer.MAX_VALUE;

  private final long seed = Long.getLong("vestibule.seed", new Random().nextLong());
  private final Random random = new Random(seed);

  @ParameterizedTest
  @CsvSource({"0, 0", "0.1, 0", "0, 40", "0.1, 40"})
  void aThousandVisitsInAMinuteAreAThousandMessages(double faults, int crashes) {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, ALL, faults, random);
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < VISITS; i++) {
      Instant first = Visits.NINE.plusMillis(random.nextInt(55_000));
      Instant second = first.plusMillis(1 + random.nextInt(5_000));
      events.add(slack.told(i, EventType.PRE_REGISTERED, first, CHANNELS));
      events.add(slack.told(i, EventType.SIGNED_IN, second, CHANNELS));
    }
    for (int i = 0; i < crashes; i++) {
      Instant at = Visits.NINE.plusMillis(random.nextInt(300_000));
      events.add(new VirtualSlack.Event(at, slack::crash));
    }

    assertThat(slack.run(events, Visits.NINE.plus(Duration.ofHours(1))))
        .as("seed %s: all is said in time", seed)
        .isTrue();
    assertThat(slack.messages()).as("seed %s", seed).hasSize(VISITS);
    assertThat(slack.messages().stream().map(VirtualSlack.Seen::key).distinct()).hasSize(VISITS);
    assertThat(slack.messages())
        .as("seed %s", seed)
        .allMatch(seen -> seen.text().startsWith("Visitor signed in"));
    if (crashes == 0) {
      // What a process has called is forgotten with it; then Slack's own limits hold.
      assertThat(slack.refusals()).as("seed %s", seed).isZero();
    }
  }

  @Test
  void aFireDrillEndsInADigest() {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, 30, 0, random);
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      Instant at = Visits.NINE.plusMillis(random.nextInt(60_000));
      events.add(slack.told(i, EventType.SIGNED_OUT, at, 1));
    }

    assertThat(slack.run(events, Visits.NINE.plus(Duration.ofMinutes(10))))
        .as("seed %s: all is said in ten minutes", seed)
        .isTrue();
    List<VirtualSlack.Seen> seen = slack.channel("C0");
    long alone = seen.stream().filter(one -> one.text().startsWith("Visitor signed out")).count();
    List<VirtualSlack.Seen> digests =
        seen.stream().filter(one -> !one.text().startsWith("Visitor signed out")).toList();
    assertThat(digests).as("seed %s", seed).hasSize(1);
    assertThat(digests.getFirst().text())
        .startsWith((2000 - alone) + " visitors signed out, 2026-01-15 09:00 UTC to ");
    assertThat(alone).isLessThan(100);
  }

  @Test
  void whatIsUrgentIsNotHeldUpByChanges() {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, ALL, 0, random);
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      events.add(slack.told(i, EventType.SIGNED_IN, Visits.NINE, 5));
    }
    // Changes of all of them take four minutes.
    Instant drill = Visits.NINE.plus(Duration.ofMinutes(10));
    for (int i = 0; i < 200; i++) {
      events.add(slack.told(i, EventType.SIGNED_OUT, drill, 5));
    }
    Instant denied = drill.plusSeconds(5);
    events.add(slack.told(1000, EventType.DENIED, denied, 5));
    events.add(slack.told(1001, EventType.SIGNED_IN, denied, 5));
    Instant[] seen = new Instant[1];
    events.add(
        new VirtualSlack.Event(
            denied.plusSeconds(20),
            () -> {
              if (slack.messages().size() == 202) {
                seen[0] = slack.now();
              }
            }));

    assertThat(slack.run(events, drill.plus(Duration.ofMinutes(30)))).isTrue();
    assertThat(seen[0]).as("seed %s: posted beside the changes", seed).isNotNull();
  }

  @Test
  void slackAwayForAnHourIsMadeUpForAndWaitingVisitsWaitOnce() {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, 30, 0.05, random);
    slack.goAway(Visits.NINE.plus(Duration.ofHours(1)));
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      Instant in = Visits.NINE.plusMillis(random.nextInt(1_800_000));
      Instant out = in.plusMillis(1 + random.nextInt(1_700_000));
      events.add(slack.told(i, EventType.PRE_REGISTERED, in, CHANNELS));
      events.add(slack.told(i, EventType.SIGNED_IN, in.plusMillis(1), CHANNELS));
      events.add(slack.told(i, EventType.SIGNED_OUT, out, CHANNELS));
    }

    assertThat(slack.run(events, Visits.NINE.plus(Duration.ofHours(3))))
        .as("seed %s", seed)
        .isTrue();
    // Behind a digest nobody waits: thirty a channel, the digest itself, and what is under way.
    assertThat(slack.mostWaiting()).as("seed %s", seed).isLessThan(CHANNELS * 32 + 16);
    assertThat(slack.messages().stream().map(VirtualSlack.Seen::key).distinct())
        .as("seed %s: nothing twice", seed)
        .hasSameSizeAs(slack.messages());
  }

  @Test
  void whatNamesSomebodyIsRememberedLongerThanWhatDoesNot() {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, 5, 0, random);
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Instant at = Visits.NINE.plus(Duration.ofMinutes(i < 3 ? i : 10));
      events.add(slack.told(i, EventType.SIGNED_OUT, at, 1));
    }
    assertThat(slack.run(events, Visits.NINE.plus(Duration.ofHours(1)))).isTrue();
    List<String> posted = slack.channel("C0").stream().map(VirtualSlack.Seen::key).toList();
    assertThat(posted).hasSizeBetween(1, 19);
    Instant later = Visits.NINE.plus(Duration.ofDays(4));

    List<String> forgotten =
        slack.workspace().forget(Duration.ofDays(3), Duration.ofDays(90), later);

    assertThat(forgotten)
        .isNotEmpty()
        .doesNotContainAnyElementsOf(posted.stream().filter(key -> key.startsWith("v")).toList());
    String named = posted.stream().filter(key -> key.startsWith("v")).findFirst().orElseThrow();
    assertThat(slack.workspace().about(named)).hasSize(1);

    Instant muchLater = Visits.NINE.plus(Duration.ofDays(91));
    assertThat(slack.workspace().forget(Duration.ofDays(3), Duration.ofDays(90), muchLater))
        .contains(named);
    assertThat(slack.workspace().size()).isZero();
  }
}
