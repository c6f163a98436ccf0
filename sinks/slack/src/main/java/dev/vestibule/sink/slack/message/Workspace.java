package dev.vestibule.sink.slack.message;

import dev.vestibule.sink.slack.card.Digest;
import dev.vestibule.sink.slack.card.Phase;
import dev.vestibule.sink.slack.card.VisitView;
import dev.vestibule.sink.slack.message.CallLimits.Method;
import dev.vestibule.sink.slack.message.MessageMachine.Step;
import dev.vestibule.sink.slack.message.MessageState.Origin;
import dev.vestibule.sink.slack.message.MessageState.Place;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All messages of one workspace: what is to be called next, within Slack's limits, and what an
 * answer changes. Knows neither clock nor store nor wire, so that it runs in virtual time too. Not
 * safe for several threads.
 *
 * <p>Each change is handed to the store before the method that made it returns; the call that
 * {@link #next} gives may be made when that is durable.
 */
public final class Workspace {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);
  private static final Duration TOKEN_PAUSE = Duration.ofMinutes(1);
  private static final Duration CHANNEL_PAUSE = Duration.ofMinutes(5);
  private static final Duration LIMIT_PAUSE = Duration.ofSeconds(30);
  private static final int DOUBLINGS = 6;

  private final int digestAfter;
  private final Random random;
  private final Consumer<MessageState> store;
  private final CallLimits limits = new CallLimits();
  private final Map<String, MessageState> states = new HashMap<>();
  private final Map<String, Set<String>> byVisit = new HashMap<>();
  private final Map<Place.There, String> byPlace = new HashMap<>();
  private final LinkedHashMap<String, Channel> channels = new LinkedHashMap<>();
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>(Comparator.comparing(Alarm::at).thenComparing(Alarm::key));
  private final Set<String> underWay = new HashSet<>();
  private Instant pausedUntil = Instant.MIN;
  private int failures;

  /** What waits for one place. */
  private static final class Channel {
    final ChannelQueue queue;
    int digests;
    @Nullable String digestKey;
    Instant pausedUntil = Instant.MIN;

    Channel(int digestAfter) {
      this.queue = new ChannelQueue(digestAfter);
    }
  }

  private record Alarm(Instant at, String key) {}

  /** What is to be done. */
  public sealed interface Next {

    /** A call, as soon as what was stored is durable; {@link #answered} is told its answer. */
    record Call(String key, String to, Move move) implements Next {}

    /**
     * Nothing.
     *
     * @param until when to ask again without a change, or null for never
     */
    record Wait(@Nullable Instant until) implements Next {}
  }

  /**
   * @param digestAfter so many may wait for one channel; more are told as numbers
   * @param store is told every change, in order
   */
  public Workspace(int digestAfter, Random random, Consumer<MessageState> store) {
    this.digestAfter = digestAfter;
    this.random = random;
    this.store = store;
  }

  /** Goes on with what was stored. */
  public void load(Collection<MessageState> stored, Instant now) {
    for (MessageState state : stored) {
      keep(state);
    }
    for (MessageState state : stored) {
      offer(state, now);
    }
  }

  public @Nullable MessageState state(String key) {
    return states.get(key);
  }

  /** Messages about a visit. */
  public List<MessageState> about(String visit) {
    return byVisit.getOrDefault(visit, Set.of()).stream().map(this::known).toList();
  }

  /** The message that Slack calls so, or null. */
  public @Nullable MessageState at(String channel, String ts) {
    String key = byPlace.get(new Place.There(channel, ts, true));
    return key == null ? null : states.get(key);
  }

  /** How many messages there are. */
  public int size() {
    return states.size();
  }

  /** How many are to be written. */
  public int waiting() {
    return channels.values().stream().mapToInt(channel -> channel.queue.size()).sum()
        + underWay.size();
  }

  /** A state changed, or is new; the same one again does nothing. */
  public void put(MessageState state, Instant now) {
    if (!state.equals(states.get(state.key()))) {
      change(state);
      offer(state, now);
    }
  }

  /**
   * Forgets what has been at rest for long, and returns its keys.
   *
   * @param kept how long a message is remembered
   * @param keptNamed how long one is that may have to be erased, or whose visitor has not come yet
   */
  public List<String> forget(Duration kept, Duration keptNamed, Instant now) {
    List<String> old = new ArrayList<>();
    for (MessageState state : states.values()) {
      boolean names = state.place() instanceof Place.There && state.view() instanceof VisitView;
      Duration keep = names || state.phase() == Phase.EXPECTED ? keptNamed : kept;
      if (MessageMachine.isDone(state)
          && !underWay.contains(state.key())
          && state.notBefore().plus(keep).isBefore(now)) {
        old.add(state.key());
      }
    }
    old.forEach(this::drop);
    channels
        .values()
        .removeIf(channel -> channel.queue.isIdle(now) && !channel.pausedUntil.isAfter(now));
    return old;
  }

  // ---- What is next

  /** What is to be done now. */
  public Next next(Instant now) {
    while (!alarms.isEmpty() && !alarms.element().at().isAfter(now)) {
      MessageState state = states.get(alarms.remove().key());
      if (state != null && !underWay.contains(state.key())) {
        offer(state, now);
      }
    }
    if (pausedUntil.isAfter(now)) {
      return new Next.Wait(pausedUntil);
    }
    Earliest earliest = new Earliest();
    for (Map.Entry<String, Channel> entry : List.copyOf(channels.entrySet())) {
      Next.Call call = next(entry.getKey(), entry.getValue(), earliest, now);
      if (call != null) {
        // Whoever was served goes to the end.
        channels.putLast(entry.getKey(), entry.getValue());
        return call;
      }
    }
    if (!alarms.isEmpty()) {
      earliest.mayBe(alarms.element().at());
    }
    return new Next.Wait(earliest.at);
  }

  private static final class Earliest {
    private @Nullable Instant at;

    void mayBe(Instant time) {
      Instant so = at;
      at = so == null || time.isBefore(so) ? time : so;
    }
  }

  private Next.@Nullable Call next(String to, Channel channel, Earliest earliest, Instant now) {
    if (channel.pausedUntil.isAfter(now)) {
      earliest.mayBe(channel.pausedUntil);
      return null;
    }
    while (true) {
      Set<Method> full = EnumSet.noneOf(Method.class);
      Map<Method, Instant> rooms = new HashMap<>();
      String key =
          channel.queue.first(candidate -> {
            if (underWay.contains(candidate)) {
              return false;
            }
            MessageState state = known(candidate);
            Method method = MessageMachine.method(state);
            if (method == null || state.notBefore().isAfter(now)) {
              return true;
            }
            return !full.contains(method) && room(method, to, full, rooms, now);
          });
      rooms.values().forEach(earliest::mayBe);
      if (key == null) {
        return null;
      }
      Step step = MessageMachine.next(known(key), now);
      if (step.move() instanceof Move.Rest(Instant until)) {
        channel.queue.take(key);
        if (!step.state().equals(states.get(key))) {
          change(step.state());
        }
        if (until != null) {
          alarms.add(new Alarm(until, key));
        }
        continue;
      }
      Method method = method(step.move());
      Instant room = limits.earliest(method, to, now);
      if (room.isAfter(now)) {
        // A line below the message falls under another limit than the message itself.
        channel.queue.take(key);
        alarms.add(new Alarm(room, key));
        continue;
      }
      limits.spend(method, to, now);
      channel.queue.take(key);
      underWay.add(key);
      if (!step.state().equals(states.get(key))) {
        change(step.state());
      }
      return new Next.Call(key, to, step.move());
    }
  }

  private boolean room(
      Method method, String to, Set<Method> full, Map<Method, Instant> rooms, Instant now) {
    Instant room = limits.earliest(method, to, now);
    if (room.isAfter(now)) {
      full.add(method);
      rooms.put(method, room);
      return false;
    }
    return true;
  }

  private static Method method(Move move) {
    return switch (move) {
      case Move.Post _, Move.Reply _ -> Method.POST;
      case Move.Update _, Move.Delete _ -> Method.UPDATE;
      case Move.Find _, Move.Rest _ -> Method.HISTORY;
    };
  }

  // ---- What was answered

  /** Slack has answered a call, or has not. */
  public void answered(Next.Call call, Reply reply, Instant now) {
    underWay.remove(call.key());
    if (reply instanceof Reply.Failed failed) {
      leaveAlone(call, failed, now);
    } else {
      failures = 0;
    }
    MessageState before = states.get(call.key());
    if (before != null) {
      MessageState after = MessageMachine.answered(before, call.move(), reply, now);
      if (!after.equals(before)) {
        change(after);
      }
      offer(after, now);
    }
  }

  private void leaveAlone(Next.Call call, Reply.Failed failed, Instant now) {
    switch (failed.scope()) {
      case MESSAGE -> {}
      case METHOD ->
          limits.pause(method(call.move()), call.to(), now.plus(or(failed.after(), LIMIT_PAUSE)));
      case CHANNEL -> channel(call.to()).pausedUntil = now.plus(or(failed.after(), CHANNEL_PAUSE));
      case SLACK -> pause(now.plus(or(failed.after(), backoff())));
      case TOKEN -> pause(now.plus(or(failed.after(), TOKEN_PAUSE)));
    }
  }

  private static Duration or(@Nullable Duration asked, Duration otherwise) {
    return asked == null ? otherwise : asked;
  }

  private void pause(Instant until) {
    pausedUntil = pausedUntil.isAfter(until) ? pausedUntil : until;
  }

  private Duration backoff() {
    Duration longest = FIRST_PAUSE.multipliedBy(1L << Math.min(failures, DOUBLINGS));
    failures++;
    if (longest.compareTo(LONGEST_PAUSE) > 0) {
      longest = LONGEST_PAUSE;
    }
    return FIRST_PAUSE.plusMillis(random.nextLong(longest.toMillis()));
  }

  // ---- States

  private void offer(MessageState state, Instant now) {
    if (underWay.contains(state.key()) || MessageMachine.isDone(state)) {
      return;
    }
    Channel channel = channel(state.origin().to());
    Digest before = channel.queue.digest();
    boolean posted = !(state.place() instanceof Place.Nowhere);
    for (String key : channel.queue.offer(state.key(), state.phase(), posted, now)) {
      change(MessageMachine.counted(known(key)));
    }
    Digest after = channel.queue.digest();
    if (after != null && !after.equals(before)) {
      tell(state.origin().to(), channel, after, now);
    }
  }

  private void tell(String to, Channel channel, Digest digest, Instant now) {
    String key = channel.digestKey;
    if (key == null || channel.digests != channel.queue.digests()) {
      key = "digest-" + to + "-" + now.toEpochMilli();
      channel.digests = channel.queue.digests();
      channel.digestKey = key;
    }
    put(
        MessageMachine.show(
            states.get(key), new Origin(key, to, null, false, Set.of()), digest, now),
        now);
  }

  private Channel channel(String to) {
    return channels.computeIfAbsent(to, _ -> new Channel(digestAfter));
  }

  private MessageState known(String key) {
    MessageState state = states.get(key);
    if (state == null) {
      throw new IllegalStateException("no message " + key);
    }
    return state;
  }

  private void change(MessageState state) {
    keep(state);
    store.accept(state);
  }

  private void keep(MessageState state) {
    MessageState before = states.put(state.key(), state);
    if (before != null && before.place() instanceof Place.There(String channel, String ts, var _)) {
      byPlace.remove(new Place.There(channel, ts, true));
    }
    if (state.place() instanceof Place.There(String channel, String ts, var _)) {
      byPlace.put(new Place.There(channel, ts, true), state.key());
    }
    String visit = state.origin().visit();
    if (visit != null) {
      byVisit.computeIfAbsent(visit, _ -> new HashSet<>()).add(state.key());
    }
  }

  private void drop(String key) {
    MessageState state = known(key);
    states.remove(key);
    channel(state.origin().to()).queue.take(key);
    if (state.place() instanceof Place.There(String channel, String ts, var _)) {
      byPlace.remove(new Place.There(channel, ts, true));
    }
    String visit = state.origin().visit();
    if (visit != null) {
      byVisit.computeIfPresent(
          visit,
          (_, keys) -> {
            keys.remove(key);
            return keys.isEmpty() ? null : keys;
          });
    }
  }
}
