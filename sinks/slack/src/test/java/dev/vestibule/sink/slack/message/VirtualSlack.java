package dev.vestibule.sink.slack.message;

import dev.vestibule.events.EventType;
import dev.vestibule.sink.slack.card.Message;
import dev.vestibule.sink.slack.card.Visits;
import dev.vestibule.sink.slack.message.MessageState.Origin;
import dev.vestibule.sink.slack.message.Reply.Failure;
import dev.vestibule.sink.slack.message.Reply.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A workspace and Slack in virtual time: everything between the facts and Slack's answers, but the
 * wire. Slack keeps its limits, takes a while, loses answers and shows messages late; the process
 * crashes and goes on with what was stored.
 */
public final class VirtualSlack {
  private static final int PARALLEL = 16;

  /** Beyond what is documented: a post each second in a channel after a few, and 50 changes. */
  private static final int POSTS_A_MINUTE = 65;

  private static final int CHANGES_A_MINUTE = 60;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final Random random;
  private final int digestAfter;
  private final double faults;
  private final Map<String, MessageState> stored = new HashMap<>();
  private final Map<String, List<Seen>> channels = new HashMap<>();
  private final Map<String, List<Instant>> calls = new HashMap<>();
  private final PriorityQueue<UnderWay> underWay =
      new PriorityQueue<>(Comparator.comparing(UnderWay::at));
  private Workspace workspace;
  private Instant now;
  private Instant awayUntil = Instant.MIN;
  private int refusals;
  private int mostWaiting;

  /** A message as it can be seen. */
  public static final class Seen {
    private final String key;
    private final String ts;
    private final Instant visible;
    private String text;
    private long sequence;

    private Seen(String key, String ts, Instant visible, String text, long sequence) {
      this.key = key;
      this.ts = ts;
      this.visible = visible;
      this.text = text;
      this.sequence = sequence;
    }

    public String key() {
      return key;
    }

    public String text() {
      return text;
    }
  }

  /** Something that happens at a time. */
  public record Event(Instant at, Runnable happens) {}

  private record UnderWay(Instant at, Workspace.Next.Call call, Reply reply) {}

  /**
   * @param faults share of calls that go wrong
   */
  public VirtualSlack(Instant now, int digestAfter, double faults, Random random) {
    this.now = now;
    this.digestAfter = digestAfter;
    this.faults = faults;
    this.random = random;
    this.workspace = started();
  }

  private Workspace started() {
    return new Workspace(digestAfter, random, state -> stored.put(state.key(), state));
  }

  public Instant now() {
    return now;
  }

  public Workspace workspace() {
    return workspace;
  }

  /** Messages in a channel, in order. */
  public List<Seen> channel(String id) {
    return channels.getOrDefault(id, List.of());
  }

  /** All messages. */
  public List<Seen> messages() {
    return channels.values().stream().flatMap(Collection::stream).toList();
  }

  /** Times of the calls of a method; posts by channel, such as {@code POST C1}. */
  public Map<String, List<Instant>> calls() {
    return calls;
  }

  /** How often Slack asked to be left alone because of its limits. */
  public int refusals() {
    return refusals;
  }

  /** The most messages that waited at a time. */
  public int mostWaiting() {
    return mostWaiting;
  }

  /**
   * An event of a visit, which is told when it happens.
   *
   * @param visit its number; its message is in the channel {@code C…} of its number modulo {@code
   *     channels}
   */
  public Event told(int visit, EventType type, Instant at, int channels) {
    return new Event(at, () -> take(visit, type, at, channels));
  }

  /** A workspace in which so many messages wait. */
  public static Workspace waiting(int messages, int channels) {
    Workspace full = new Workspace(Integer.MAX_VALUE, new Random(1), _ -> {});
    for (int visit = 0; visit < messages; visit++) {
      take(full, visit, EventType.SIGNED_IN, Visits.NINE, channels, Visits.NINE);
    }
    return full;
  }

  private void take(int visit, EventType type, Instant at, int channels) {
    take(workspace, visit, type, at, channels, now);
  }

  private static void take(
      Workspace workspace, int visit, EventType type, Instant at, int channels, Instant now) {
    String id = "v" + visit;
    MessageState state =
        MessageMachine.take(
            workspace.state(id),
            Told.fact(Visits.event(id, type, at)),
            new Origin(id, "C" + visit % channels, id, false, Set.of()),
            true,
            now);
    if (state != null) {
      workspace.put(state, now);
    }
  }

  /** Nobody can be reached until then. */
  public void goAway(Instant until) {
    awayUntil = until;
  }

  /** The process ends at once, and another one goes on with what was stored. */
  public void crash() {
    underWay.clear();
    workspace = started();
    workspace.load(List.copyOf(stored.values()), now);
  }

  /**
   * Lets time pass until everything is said.
   *
   * @return false when that takes longer
   */
  public boolean run(List<Event> events, Instant end) {
    PriorityQueue<Event> due = new PriorityQueue<>(Comparator.comparing(Event::at));
    due.addAll(events);
    while (now.isBefore(end)) {
      while (!due.isEmpty() && !due.element().at().isAfter(now)) {
        due.remove().happens().run();
      }
      while (!underWay.isEmpty() && !underWay.element().at().isAfter(now)) {
        UnderWay one = underWay.remove();
        workspace.answered(one.call(), one.reply(), now);
      }
      mostWaiting = Math.max(mostWaiting, workspace.waiting());
      Instant next = work();
      if (!due.isEmpty()) {
        next = earlier(next, due.element().at());
      }
      if (!underWay.isEmpty()) {
        next = earlier(next, underWay.element().at());
      }
      if (next == null) {
        return true;
      }
      now = next.isAfter(now) ? next : now.plusMillis(1);
    }
    return false;
  }

  private @Nullable Instant work() {
    while (underWay.size() < PARALLEL) {
      switch (workspace.next(now)) {
        case Workspace.Next.Wait(Instant until) -> {
          return until;
        }
        case Workspace.Next.Call call ->
            underWay.add(
                new UnderWay(now.plusMillis(20 + random.nextInt(400)), call, carryOut(call)));
      }
    }
    return null;
  }

  private static @Nullable Instant earlier(@Nullable Instant a, @Nullable Instant b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.isBefore(b) ? a : b;
  }

  private Reply carryOut(Workspace.Next.Call call) {
    if (now.isBefore(awayUntil)) {
      return new Reply.Failed(Failure.NOT_NOW, Scope.SLACK, null, "away");
    }
    if (random.nextDouble() < faults) {
      Duration after = Duration.ofSeconds(1 + random.nextInt(3));
      return new Reply.Failed(Failure.NOT_NOW, Scope.METHOD, after, "ratelimited");
    }
    Reply reply = done(call.to(), call.move());
    return random.nextDouble() < faults && !(reply instanceof Reply.Failed)
        ? new Reply.Failed(Failure.AMBIGUOUS)
        : reply;
  }

  private boolean mayCall(String method, int most) {
    List<Instant> before = calls.computeIfAbsent(method, _ -> new ArrayList<>());
    long recent = before.stream().filter(at -> at.isAfter(now.minus(MINUTE))).count();
    if (recent >= most) {
      refusals++;
      return false;
    }
    before.add(now);
    return true;
  }

  private static Reply limited() {
    return new Reply.Failed(Failure.NOT_NOW, Scope.METHOD, Duration.ofSeconds(10), "ratelimited");
  }

  private Reply done(String to, Move move) {
    List<Seen> messages = channels.computeIfAbsent(to, _ -> new ArrayList<>());
    return switch (move) {
      case Move.Post(Message message, long sequence) -> {
        if (!mayCall("POST " + to, POSTS_A_MINUTE)) {
          yield limited();
        }
        String key = message.metadata().at("/event_payload/key").textValue();
        String ts = "1." + messages.size();
        Instant visible = now.plusMillis(random.nextInt(4_000));
        messages.add(new Seen(key, ts, visible, message.text(), sequence));
        yield new Reply.Done(to, ts);
      }
      case Move.Update(var _, String ts, Message message, long sequence) -> {
        if (!mayCall("UPDATE", CHANGES_A_MINUTE)) {
          yield limited();
        }
        Seen seen = messages.stream().filter(one -> one.ts.equals(ts)).findFirst().orElseThrow();
        seen.text = message.text();
        seen.sequence = sequence;
        yield new Reply.Done(to, ts);
      }
      case Move.Find(String key, Instant _) ->
          messages.stream()
              .filter(one -> one.key.equals(key) && !one.visible.isAfter(now))
              .findFirst()
              .<Reply>map(seen -> new Reply.Found(to, seen.ts, seen.sequence))
              .orElseGet(Reply.NotFound::new);
      case Move.Reply _, Move.Delete _, Move.Rest _ ->
          throw new AssertionError("no such call here: " + move.getClass().getSimpleName());
    };
  }
}
