package dev.vestibule.benchmarks;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.slack.card.HostileNames;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.message.VirtualSlack;
import dev.vestibule.sink.slack.message.VirtualSlack.Seen;
import dev.vestibule.sink.slack.message.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What many visits at once are in Slack, in virtual time within Slack's limits; what waiting
 * messages weigh; and whether any name gets out of its line.
 */
final class SlackBench {
  private static final int VISITS = 1_000;
  private static final int CHANNELS = 20;
  private static final int DRILL = 2_000;
  private static final int AWAY_VISITS = 3_000;
  private static final int DIGEST_AFTER = 30;
  private static final int NEVER = Integer.MAX_VALUE;
  private static final int WEIGHED = 50_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Pattern SIGNED_OUT = Pattern.compile("(\\d+) visitors? signed out");

  private final int names;
  private final long seed;
  private final Random random;

  SlackBench(int names, long seed) {
    this.names = names;
    this.seed = seed;
    this.random = new Random(seed);
  }

  Report run() {
    System.err.println("bench slack: seed " + seed);
    Report report = new Report("slack");
    minute(report);
    drill(report);
    away(report);
    memory(report);
    System.err.println("bench slack: " + names + " names");
    HostileNames.Result result = HostileNames.run(seed, names);
    if (result.first() != null) {
      System.err.println("bench slack: " + result.first());
    }
    report.goal("names-escaped", result.escapes(), 0, false);
    report.figure("names", names);
    return report;
  }

  /** Two events of each visit within a minute, and no digest. */
  private void minute(Report report) {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, NEVER, 0, random);
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < VISITS; i++) {
      Instant first = Visits.NINE.plusMillis(random.nextInt(55_000));
      Instant second = first.plusMillis(1 + random.nextInt(5_000));
      events.add(slack.told(i, EventType.PRE_REGISTERED, first, CHANNELS));
      events.add(slack.told(i, EventType.SIGNED_IN, second, CHANNELS));
    }
    report.goal("minute-done", slack.run(events, Visits.NINE.plus(HOUR)) ? 1 : 0, 1, true);
    report.goal("minute-visits-without-message", VISITS - (double) distinct(slack), 0, false);
    report.goal("minute-messages", slack.messages().size(), VISITS, false);
    report.goal(
        "minute-messages-not-as-it-ended",
        (double)
            slack.messages().stream()
                .filter(seen -> !seen.text().startsWith("Visitor signed in"))
                .count(),
        0,
        false);
    report.goal("minute-refused-by-limits", slack.refusals(), 0, false);
    report.figure("minute-last-posted-after-seconds", seconds(lastPost(slack)));
    report.figure("minute-last-changed-after-seconds", seconds(slack.now()));
  }

  /** Everybody leaves within a minute, in one channel. */
  private void drill(Report report) {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, DIGEST_AFTER, 0, random);
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < DRILL; i++) {
      Instant at = Visits.NINE.plusMillis(random.nextInt((int) MINUTE.toMillis()));
      events.add(slack.told(i, EventType.SIGNED_OUT, at, 1));
    }
    report.goal("drill-done", slack.run(events, Visits.NINE.plus(HOUR)) ? 1 : 0, 1, true);
    int told = 0;
    for (Seen seen : slack.messages()) {
      Matcher digest = SIGNED_OUT.matcher(seen.text());
      told += digest.lookingAt() ? Integer.parseInt(digest.group(1)) : 1;
    }
    report.goal("drill-visits-not-told", Math.abs(DRILL - told), 0, false);
    report.goal("drill-messages", slack.messages().size(), 100, false);
    report.goal("drill-refused-by-limits", slack.refusals(), 0, false);
    report.figure("drill-last-posted-after-seconds", seconds(lastPost(slack)));
    report.figure("drill-last-changed-after-seconds", seconds(slack.now()));
  }

  /** Nobody reaches Slack for an hour, in which visitors come and go. */
  private void away(Report report) {
    VirtualSlack slack = new VirtualSlack(Visits.NINE, DIGEST_AFTER, 0.05, random);
    slack.goAway(Visits.NINE.plus(HOUR));
    List<VirtualSlack.Event> events = new ArrayList<>();
    for (int i = 0; i < AWAY_VISITS; i++) {
      Instant in = Visits.NINE.plusMillis(random.nextInt(1_800_000));
      Instant out = in.plusMillis(1 + random.nextInt(1_700_000));
      events.add(slack.told(i, EventType.SIGNED_IN, in, CHANNELS));
      events.add(slack.told(i, EventType.SIGNED_OUT, out, CHANNELS));
    }
    Instant end = Visits.NINE.plus(HOUR.multipliedBy(4));
    report.goal("away-made-up-for", slack.run(events, end) ? 1 : 0, 1, true);
    report.goal(
        "away-messages-twice", slack.messages().size() - (double) distinct(slack), 0, false);
    report.goal(
        "away-most-waiting", slack.mostWaiting(), CHANNELS * (DIGEST_AFTER + 2) + 16, false);
    report.figure("away-messages", slack.messages().size());
    report.figure("away-made-up-for-after-seconds", seconds(slack.now().minus(HOUR)));
  }

  private static void memory(Report report) {
    long before = used();
    Workspace full = VirtualSlack.waiting(WEIGHED, CHANNELS);
    long after = used();
    double each = (after - before) / (double) full.size();
    report.goal("bytes-per-waiting-message", each, 4_096, false);
  }

  private static long used() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long distinct(VirtualSlack slack) {
    return slack.messages().stream().map(Seen::key).distinct().count();
  }

  private static Instant lastPost(VirtualSlack slack) {
    return slack.calls().entrySet().stream()
        .filter(calls -> calls.getKey().startsWith("POST "))
        .map(Map.Entry::getValue)
        .flatMap(Collection::stream)
        .max(Instant::compareTo)
        .orElse(Visits.NINE);
  }

  private static double seconds(Instant at) {
    return Duration.between(Visits.NINE, at).toMillis() / 1000.0;
  }
}
