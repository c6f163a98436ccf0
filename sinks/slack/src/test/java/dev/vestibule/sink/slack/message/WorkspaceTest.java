package dev.vestibule.sink.slack.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.message.CallLimits.Method;
import dev.vestibule.sink.slack.message.Reply.Failure;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A workspace in virtual time: everything between the facts and Slack's answers, but the wire. */
class WorkspaceTest {
  private static final int VISITS = 1000;
  private static final int CHANNELS = 20;
  private static final Duration TICK = Duration.ofMillis(50);

  private record Event(Instant at, String visit, EventType type) {}

  private record Alarm(Instant at, String visit) {}

  /** A message as it can be seen. */
  private static final class Seen {
    private final String key;
    private final String ts;
    private String text;
    private long sequence;

    Seen(String key, String ts, String text, long sequence) {
      this.key = key;
      this.ts = ts;
      this.text = text;
      this.sequence = sequence;
    }
  }

  private final CallLimits limits = new CallLimits();
  private final Map<String, MessageState> states = new HashMap<>();
  private final Map<String, ChannelQueue> queues = new HashMap<>();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparing(Alarm::at).thenComparing(Alarm::visit));
  private final Map<String, List<Seen>> slack = new HashMap<>();
  private final Map<String, List<Instant>> posts = new HashMap<>();
  private final List<Instant> updates = new ArrayList<>();

  private static String channel(String visit) {
    return "C" + Integer.parseInt(visit.substring(1)) % CHANNELS;
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1})
  void aThousandVisitsInAMinuteAreAThousandMessages(double faults) {
    long seed = new Random().nextLong();
    System.out.println("workspace: faults " + faults + ", seed " + seed);
    Random random = new Random(seed);
    List<Event> events = events(random);

    Instant now = Visits.NINE;
    int next = 0;
    Instant end = now.plus(Duration.ofMinutes(30));
    while (now.isBefore(end) && (next < events.size() || !idle())) {
      for (; next < events.size() && !events.get(next).at().isAfter(now); next++) {
        take(events.get(next), now);
      }
      while (!alarms.isEmpty() && !alarms.element().at().isAfter(now)) {
        offer(alarms.remove().visit(), now);
      }
      for (Map.Entry<String, ChannelQueue> queue : queues.entrySet()) {
        work(queue.getKey(), queue.getValue(), now, faults, random);
      }
      now = now.plus(TICK);
    }

    assertThat(now).as("seed %s: all is said in time", seed).isBefore(end);
    List<Seen> all = slack.values().stream().flatMap(List::stream).toList();
    assertThat(all).as("seed %s", seed).hasSize(VISITS);
    assertThat(all.stream().map(seen -> seen.key).distinct()).hasSize(VISITS);
    assertThat(all).allMatch(seen -> seen.text.startsWith("Visitor signed in"));
    posts.values().forEach(calls -> keeps(calls, Duration.ofSeconds(60), 63));
    keeps(
        posts.values().stream().flatMap(List::stream).sorted().toList(),
        Duration.ofMinutes(1),
        200);
    keeps(updates, Duration.ofMinutes(1), 50);
  }

  private static List<Event> events(Random random) {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < VISITS; i++) {
      Instant first = Visits.NINE.plusMillis(random.nextInt(55_000));
      events.add(new Event(first, "v" + i, EventType.PRE_REGISTERED));
      events.add(
          new Event(first.plusMillis(1 + random.nextInt(5_000)), "v" + i, EventType.SIGNED_IN));
    }
    events.sort(Comparator.comparing(Event::at));
    return events;
  }

  private boolean idle() {
    return alarms.isEmpty() && queues.values().stream().allMatch(queue -> queue.size() == 0);
  }

  private void take(Event told, Instant now) {
    String visit = told.visit();
    MessageState state =
        MessageMachine.take(
            states.get(visit),
            Told.fact(Visits.event(visit, told.type(), told.at())),
            visit,
            true,
            false,
            now);
    states.put(visit, Objects.requireNonNull(state));
    offer(visit, now);
  }

  private void offer(String visit, Instant now) {
    queues
        .computeIfAbsent(channel(visit), _ -> new ChannelQueue(Integer.MAX_VALUE))
        .offer(visit, Phase.SIGNED_IN, false, now);
  }

  private void work(String channel, ChannelQueue queue, Instant now, double faults, Random random) {
    for (String visit = queue.peek(); visit != null; visit = queue.peek()) {
      MessageMachine.Step step =
          MessageMachine.next(Objects.requireNonNull(states.get(visit)), now);
      if (step.move() instanceof Move.Rest(Instant until)) {
        queue.take(visit);
        states.put(visit, step.state());
        if (until != null) {
          alarms.add(new Alarm(until, visit));
        }
        continue;
      }
      Method method = method(step.move());
      if (limits.earliest(method, channel, now).isAfter(now)) {
        return;
      }
      limits.spend(method, channel, now);
      queue.take(visit);
      Reply reply = call(channel, step.move(), now, faults, random);
      if (reply instanceof Reply.Failed(Failure failure, var _, Duration after, var _)
          && failure == Failure.NOT_NOW
          && after != null) {
        limits.pause(method, channel, now.plus(after));
      }
      states.put(visit, MessageMachine.answered(step.state(), step.move(), reply, now));
      offer(visit, now);
    }
  }

  private static Method method(Move move) {
    return switch (move) {
      case Move.Post _, Move.Reply _ -> Method.POST;
      case Move.Update _, Move.Delete _ -> Method.UPDATE;
      case Move.Find _, Move.Rest _ -> Method.HISTORY;
    };
  }

  private Reply call(String channel, Move move, Instant now, double faults, Random random) {
    if (random.nextDouble() < faults) {
      return new Reply.Failed(Failure.NOT_NOW, Duration.ofSeconds(1 + random.nextInt(3)));
    }
    Reply reply = done(channel, move, now);
    return random.nextDouble() < faults ? new Reply.Failed(Failure.AMBIGUOUS) : reply;
  }

  private Reply done(String channel, Move move, Instant now) {
    List<Seen> messages = slack.computeIfAbsent(channel, _ -> new ArrayList<>());
    return switch (move) {
      case Move.Post(var message, long sequence) -> {
        posts.computeIfAbsent(channel, _ -> new ArrayList<>()).add(now);
        String key = message.metadata().at("/event_payload/key").textValue();
        Seen seen = new Seen(key, "1." + messages.size(), message.text(), sequence);
        messages.add(seen);
        yield new Reply.Done(channel, seen.ts);
      }
      case Move.Update(var _, String ts, var message, long sequence) -> {
        updates.add(now);
        Seen seen = messages.stream().filter(m -> m.ts.equals(ts)).findFirst().orElseThrow();
        seen.text = message.text();
        seen.sequence = sequence;
        yield new Reply.Done(channel, ts);
      }
      case Move.Find(String key, Instant _) ->
          messages.stream()
              .filter(m -> m.key.equals(key))
              .findFirst()
              .<Reply>map(seen -> new Reply.Found(channel, seen.ts, seen.sequence))
              .orElseGet(Reply.NotFound::new);
      case Move.Reply _, Move.Delete _, Move.Rest _ -> throw new AssertionError("not in this test");
    };
  }

  private static void keeps(List<Instant> calls, Duration within, int most) {
    for (int i = 0; i + most < calls.size(); i++) {
      assertThat(Duration.between(calls.get(i), calls.get(i + most)))
          .as("%s calls and one", most)
          .isGreaterThanOrEqualTo(within);
    }
  }
}
