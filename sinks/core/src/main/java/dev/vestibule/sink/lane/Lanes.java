package dev.vestibule.sink.lane;

import dev.vestibule.sink.lane.Output.Attempted;
import dev.vestibule.sink.lane.Output.GivenUp;
import dev.vestibule.sink.lane.Output.Parked;
import dev.vestibule.sink.lane.Output.Unparked;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who is handled when: records in, tasks out; outcomes in, outputs and offsets out. One lane for
 * each key, and in it one record at a time. Not safe for several threads; does nothing by itself.
 *
 * <p>The arithmetic: every record that was offered is finished once, by {@link Outcome.Done},
 * {@link Outcome.Skip} or {@link Outcome.Reject}. An offset is in {@link Flush#offsets()} only when
 * each record before it is finished, or parked by an output of this flush or of one before. Who
 * writes a flush must write all of it or nothing.
 */
final class Lanes<T> {
  private final LaneSettings settings;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final CircuitBreaker breaker;
  private final Map<String, Lane<T>> lanes = new HashMap<>();
  private final Map<Source, Progress> progress = new HashMap<>();
  private final Queue<Lane<T>> ready = new ArrayDeque<>();
  private final PriorityQueue<Alarm<T>> alarms =
      new PriorityQueue<>(Comparator.comparing((Alarm<T> alarm) -> alarm.due));

  /** Where the parked records lie: they may be read once more. */
  private final Set<Place> parkedPlaces = new HashSet<>();

  private List<Output<T>> outputs = new ArrayList<>();
  private int running;
  private int inFlight;
  private int parked;
  private long parkedBytes;
  private long nextSequence;
  private Instant recoveredAt = Instant.MIN;
  private @Nullable Instant takenAt;
  private @Nullable String blocked;
  private String lastFailure = "";

  Lanes(String name, LaneSettings settings, InstantSource clock, RandomGenerator random) {
    this.settings = settings;
    this.clock = clock;
    this.random = random;
    this.breaker =
        CircuitBreaker.of(
            name,
            CircuitBreakerConfig.custom()
                .slidingWindowSize(LaneSettings.BREAKER_WINDOW)
                .minimumNumberOfCalls(LaneSettings.BREAKER_FEWEST)
                .failureRateThreshold(LaneSettings.BREAKER_PERCENT)
                .permittedNumberOfCallsInHalfOpenState(LaneSettings.BREAKER_TRIALS)
                .waitIntervalFunctionInOpenState(
                    IntervalFunction.ofExponentialBackoff(
                        settings.breakerWait(), 2, settings.longestBreakerWait()))
                .recordResult(Boolean.FALSE::equals)
                .writableStackTraceEnabled(false)
                .clock(clock.withZone(ZoneOffset.UTC))
                .build());
  }

  /** What is to be done about one record. */
  static final class Task<T> {
    private final Lane<T> lane;
    private final Entry<T> entry;
    private final int attempt;
    private final Instant startedAt;
    private final Instant since;
    private final List<T> urgentFollowers;

    private Task(Lane<T> lane, Entry<T> entry, Instant startedAt) {
      this.lane = lane;
      this.entry = entry;
      this.attempt = lane.attempts;
      this.startedAt = startedAt;
      this.since = lane.since;
      this.urgentFollowers =
          lane.urgent.stream()
              .filter(behind -> behind != entry)
              .map(behind -> behind.item.payload())
              .toList();
    }

    Item<T> item() {
      return entry.item;
    }

    int attempt() {
      return attempt;
    }

    Instant since() {
      return since;
    }

    List<T> urgentFollowers() {
      return urgentFollowers;
    }
  }

  /**
   * What has come about since the flush before.
   *
   * @param outputs in order
   * @param offsets positions that have moved
   */
  record Flush<T>(List<Output<T>> outputs, Map<Source, Long> offsets) {
    boolean isEmpty() {
      return outputs.isEmpty() && offsets.isEmpty();
    }
  }

  // ---- Records in

  /** A partition is ours from now on, and read from a position. */
  void assign(Source source, long position) {
    progress.put(source, new Progress(position));
  }

  /** Partitions are no longer ours: their unfinished records are somebody else's. */
  void revoke(Collection<Source> sources) {
    Set<Source> gone = new HashSet<>(sources);
    progress.keySet().removeAll(gone);
    for (Lane<T> lane : List.copyOf(lanes.values())) {
      Entry<T> head = lane.entries.peek();
      Iterator<Entry<T>> entries = lane.entries.iterator();
      while (entries.hasNext()) {
        Entry<T> entry = entries.next();
        if (!entry.isParked() && gone.contains(entry.item.source())) {
          entries.remove();
          lane.urgent.remove(entry);
          inFlight--;
        }
      }
      if (lane.entries.peek() != head && !lane.running) {
        turn(lane);
      }
    }
  }

  /**
   * A record that was parked before this began, in the order of its sequence. Comes before any
   * other record.
   */
  void restore(Item<T> item, long sequence) {
    Lane<T> lane = lane(item.key());
    Entry<T> entry = new Entry<>(item, null);
    lane.add(entry);
    count(lane, entry, sequence);
    nextSequence = Math.max(nextSequence, sequence + 1);
    if (lane.entries.size() == 1) {
      // Many visits may have been parked; they do not all come at once.
      wait(lane, clock.instant().plus(jitter(settings.firstBackoff().multipliedBy(5))));
    }
  }

  /** The next record of a partition that is ours. */
  void offer(Item<T> item) {
    Progress of = progress(item.source());
    boolean hadRoom = of.hasRoom(settings);
    Progress.Mark mark = of.add(item.offset(), item.bytes());
    Lane<T> lane = lane(item.key());
    if (parkedPlaces.contains(new Place(item.source(), item.offset()))) {
      mark.finish();
      return;
    }
    Entry<T> entry = new Entry<>(item, mark);
    inFlight++;
    lane.add(entry);
    if (lane.entries.size() == 1 && !lane.running) {
      turn(lane);
    } else if (lane.parked > 0 && lane.failures > 0) {
      park(lane);
    }
    if (item.urgent()) {
      lane.hurried = true;
      if (lane.alarm != null) {
        wake(lane);
      }
    }
    if (hadRoom && !of.hasRoom(settings)) {
      relieve(item.source());
    }
  }

  /** The next record of a partition that is ours, which nobody can read. */
  void refuse(Item<T> item, String reason) {
    progress(item.source()).add(item.offset(), item.bytes()).finish();
    outputs.add(
        new Attempted<>(item, 0, new Outcome.Reject(reason), clock.instant(), Duration.ZERO, null));
    outputs.add(new GivenUp<>(item, reason));
  }

  /** A partition that is ours was read up to a position. */
  void read(Source source, long position) {
    progress(source).read(position);
  }

  /** Whether more of a partition may be read. */
  boolean hasRoom(Source source) {
    boolean open =
        switch (breaker.getState()) {
          case OPEN, FORCED_OPEN -> false;
          // Without a record there is nothing to try it with.
          case HALF_OPEN -> running == 0 && ready.isEmpty();
          default -> true;
        };
    return open && progress(source).hasRoom(settings);
  }

  // ---- Tasks out, outcomes in

  /** What can be begun now; each task is to be answered with {@link #complete}. */
  List<Task<T>> start() {
    Instant now = clock.instant();
    while (!alarms.isEmpty() && !alarms.peek().due.isAfter(now)) {
      Alarm<T> alarm = alarms.remove();
      if (alarm.lane.alarm == alarm) {
        wake(alarm.lane);
      }
    }
    List<Task<T>> tasks = new ArrayList<>();
    while (running < settings.parallel()) {
      Lane<T> lane = ready.peek();
      if (lane == null) {
        lookAgain();
        break;
      }
      if (lane.entries.isEmpty()) {
        ready.remove();
        continue;
      }
      if (!breaker.tryAcquirePermission()) {
        break;
      }
      ready.remove();
      tasks.add(begin(lane, now));
    }
    return tasks;
  }

  /** With nobody to try it, an open breaker would stay open for ever. */
  private void lookAgain() {
    if (breaker.getState() == State.OPEN && breaker.tryAcquirePermission()) {
      breaker.releasePermission();
    }
  }

  private Task<T> begin(Lane<T> lane, Instant now) {
    lane.queued = false;
    lane.hurried = false;
    lane.running = true;
    lane.attempts++;
    if (lane.attempts == 1) {
      lane.since = now;
    }
    running++;
    return new Task<>(lane, lane.entries.element(), now);
  }

  /** What came of a task. */
  void complete(Task<T> task, Outcome outcome) {
    Instant now = clock.instant();
    Lane<T> lane = task.lane;
    Entry<T> entry = task.entry;
    running--;
    lane.running = false;
    State before = breaker.getState();
    tell(task, outcome, before, now);
    if (before != State.CLOSED && breaker.getState() == State.CLOSED) {
      recovered(now);
    }
    if (lane.entries.peek() != entry) {
      // Its partition was taken away meanwhile. It happened all the same.
      attempted(task, outcome, now, null);
      turn(lane);
      return;
    }
    switch (outcome) {
      case Outcome.Done _, Outcome.Skip _ -> {
        attempted(task, outcome, now, null);
        finish(lane);
      }
      case Outcome.Reject(String reason) -> {
        attempted(task, outcome, now, null);
        outputs.add(new GivenUp<>(entry.item, reason));
        finish(lane);
      }
      case Outcome.Retry retry -> {
        lane.failures++;
        // Something urgent has come that this attempt did not see.
        Instant due = lane.hurried ? now : now.plus(delay(lane, retry));
        attempted(task, outcome, now, due);
        wait(lane, due);
        if (isStuck(lane, now)) {
          park(lane);
        }
      }
      case Outcome.Blocked(String reason) -> {
        blocked = reason;
        attempted(task, outcome, now, null);
        queue(lane);
      }
    }
  }

  private void tell(Task<T> task, Outcome outcome, State state, Instant now) {
    Duration latency = Duration.between(task.startedAt, now);
    switch (outcome) {
      case Outcome.Done _ -> {
        blocked = null;
        takenAt = now;
        breaker.onResult(latency.toNanos(), TimeUnit.NANOSECONDS, true);
      }
      case Outcome.Skip _ -> breaker.releasePermission();
      case Outcome.Reject _ -> {
        lastFailure = outcome.reason();
        breaker.onResult(latency.toNanos(), TimeUnit.NANOSECONDS, false);
      }
      case Outcome.Retry _ -> {
        lastFailure = outcome.reason();
        if (state == State.HALF_OPEN || task.attempt <= LaneSettings.COUNTED_FAILURES) {
          breaker.onResult(latency.toNanos(), TimeUnit.NANOSECONDS, false);
        } else {
          breaker.releasePermission();
        }
      }
      case Outcome.Blocked _ -> {
        if (state != State.OPEN) {
          breaker.transitionToOpenStateFor(settings.blockedWait());
        }
      }
    }
  }

  private void attempted(Task<T> task, Outcome outcome, Instant now, @Nullable Instant retryAt) {
    outputs.add(
        new Attempted<>(
            task.entry.item,
            task.attempt,
            outcome,
            task.startedAt,
            Duration.between(task.startedAt, now),
            retryAt));
  }

  private void finish(Lane<T> lane) {
    Entry<T> entry = lane.entries.remove();
    lane.urgent.remove(entry);
    if (entry.isParked()) {
      parkedPlaces.remove(new Place(entry.item.source(), entry.item.offset()));
      outputs.add(new Unparked<>(lane.key, entry.sequence));
      lane.parked--;
      parked--;
      parkedBytes -= entry.item.bytes();
    } else {
      inFlight--;
      entry.mark().finish();
    }
    turn(lane);
  }

  /** The destination is back: whoever waits for it need not wait so long. */
  private void recovered(Instant now) {
    recoveredAt = now;
    for (Lane<T> lane : lanes.values()) {
      Alarm<T> alarm = lane.alarm;
      if (alarm != null) {
        Instant soon = now.plus(jitter(settings.breakerWait()));
        Instant due = soon.isBefore(lane.notBefore) ? lane.notBefore : soon;
        if (due.isBefore(alarm.due)) {
          wait(lane, due);
        }
      }
    }
  }

  // ---- Outputs out

  /** Everything that has come about; to be written as one. */
  Flush<T> flush() {
    List<Output<T>> written = outputs;
    outputs = new ArrayList<>();
    Map<Source, Long> offsets = new HashMap<>();
    progress.forEach((source, of) -> {
      if (of.moved()) {
        offsets.put(source, of.position());
      }
    });
    return new Flush<>(written, offsets);
  }

  // ---- Lanes

  private Lane<T> lane(String key) {
    return lanes.computeIfAbsent(key, Lane::new);
  }

  private Progress progress(Source source) {
    Progress of = progress.get(source);
    if (of == null) {
      throw new IllegalStateException("not assigned: " + source);
    }
    return of;
  }

  /** Another record has come to the front, or none is left. */
  private void turn(Lane<T> lane) {
    lane.attempts = 0;
    lane.failures = 0;
    lane.notBefore = Instant.MIN;
    lane.alarm = null;
    if (lane.entries.isEmpty()) {
      lanes.remove(lane.key, lane);
    } else {
      queue(lane);
    }
  }

  private void queue(Lane<T> lane) {
    if (!lane.queued) {
      lane.queued = true;
      ready.add(lane);
    }
  }

  private void wake(Lane<T> lane) {
    lane.alarm = null;
    queue(lane);
  }

  private void wait(Lane<T> lane, Instant due) {
    Alarm<T> alarm = new Alarm<>(lane, due);
    lane.alarm = alarm;
    alarms.add(alarm);
  }

  /** Exponential with full jitter, and never before the destination wants to be asked again. */
  private Duration delay(Lane<T> lane, Outcome.Retry retry) {
    Duration longest = lane.parked > 0 ? settings.parkedBackoff() : settings.longestBackoff();
    Duration ceiling = settings.firstBackoff().multipliedBy(1L << Math.min(lane.failures - 1, 20));
    Duration backoff = jitter(ceiling.compareTo(longest) < 0 ? ceiling : longest);
    Duration after = retry.after();
    if (after == null || after.isNegative()) {
      return backoff;
    }
    Duration asked =
        after.compareTo(settings.longestRetryAfter()) < 0 ? after : settings.longestRetryAfter();
    lane.notBefore = clock.instant().plus(asked);
    return asked.compareTo(backoff) < 0 ? backoff : asked.plus(jitter(settings.firstBackoff()));
  }

  private Duration jitter(Duration most) {
    return Duration.ofMillis(random.nextLong(most.toMillis() + 1));
  }

  // ---- Parking

  /** While the breaker is not closed the destination is to blame, and everybody waits in place. */
  private boolean isStuck(Lane<T> lane, Instant now) {
    if (breaker.getState() != State.CLOSED) {
      return false;
    }
    if (lane.parked > 0) {
      return true;
    }
    Instant since = lane.since.isBefore(recoveredAt) ? recoveredAt : lane.since;
    return Duration.between(since, now).compareTo(settings.parkAfter()) >= 0
        || (holdsUpOthers(lane) && lane.failures >= LaneSettings.COUNTED_FAILURES);
  }

  private boolean holdsUpOthers(Lane<T> lane) {
    return lane.entries.stream()
        .anyMatch(entry -> !entry.isParked() && !hasRoomFor(entry.item.source()));
  }

  private boolean hasRoomFor(Source source) {
    Progress of = progress.get(source);
    return of == null || of.hasRoom(settings);
  }

  /** A partition is full: what fails there makes room for what may not. */
  private void relieve(Source source) {
    if (breaker.getState() != State.CLOSED) {
      return;
    }
    for (Lane<T> lane : lanes.values()) {
      if (lane.alarm != null
          && lane.failures >= LaneSettings.COUNTED_FAILURES
          && lane.entries.stream()
              .anyMatch(entry -> !entry.isParked() && entry.item.source().equals(source))) {
        park(lane);
      }
    }
  }

  /**
   * Parks the records of a lane in their order. Where there is no more room the rest waits in place
   * and holds its offsets.
   */
  private void park(Lane<T> lane) {
    ArrayDeque<Entry<T>> rest = new ArrayDeque<>();
    Iterator<Entry<T>> fromLast = lane.entries.descendingIterator();
    while (rest.size() < lane.entries.size() - lane.parked) {
      rest.addFirst(fromLast.next());
    }
    for (Entry<T> entry : rest) {
      if (parked >= settings.parkedRecords()
          || parkedBytes + entry.item.bytes() > settings.parkedBytes()) {
        return;
      }
      long sequence = nextSequence++;
      outputs.add(new Parked<>(entry.item, sequence));
      entry.mark().finish();
      inFlight--;
      count(lane, entry, sequence);
    }
  }

  private void count(Lane<T> lane, Entry<T> entry, long sequence) {
    entry.sequence = sequence;
    lane.parked++;
    parked++;
    parkedBytes += entry.item.bytes();
    parkedPlaces.add(new Place(entry.item.source(), entry.item.offset()));
  }

  // ---- For those who look

  /** Tasks that were begun and not answered yet. */
  int running() {
    return running;
  }

  /** Records that are neither finished nor parked. */
  int inFlight() {
    return inFlight;
  }

  /** Records that are parked. */
  int parked() {
    return parked;
  }

  /** Visits of which records are parked. */
  long parkedLanes() {
    return lanes.values().stream().filter(lane -> lane.parked > 0).count();
  }

  /** Visits that wait for another attempt. */
  long failing() {
    return lanes.values().stream().filter(lane -> lane.failures > 0).count();
  }

  State breaker() {
    return breaker.getState();
  }

  /** Why a person has to do something, or null. */
  @Nullable String blocked() {
    return blocked;
  }

  /** When the destination last took something, or null. */
  @Nullable Instant takenAt() {
    return takenAt;
  }

  /** Why the destination last took something not, or nothing. */
  String lastFailure() {
    return lastFailure;
  }

  /** Whether something waits to be flushed. */
  boolean hasOutputs() {
    return !outputs.isEmpty();
  }

  /**
   * The records of one key. It is running, queued, waits for its alarm, or has no records and is
   * forgotten.
   */
  private static final class Lane<T> {
    private final String key;
    private final ArrayDeque<Entry<T>> entries = new ArrayDeque<>();

    /** Those of the records that are. */
    private final ArrayDeque<Entry<T>> urgent = new ArrayDeque<>();

    /** How many of the records are parked: always the first ones. */
    private int parked;

    private boolean running;
    private boolean queued;

    /** Something urgent has come since the last attempt began. */
    private boolean hurried;

    private @Nullable Alarm<T> alarm;

    /** Of the first record. */
    private int attempts;

    private int failures;
    private Instant since = Instant.MIN;
    private Instant notBefore = Instant.MIN;

    Lane(String key) {
      this.key = key;
    }

    void add(Entry<T> entry) {
      entries.add(entry);
      if (entry.item.urgent()) {
        urgent.add(entry);
      }
    }
  }

  private static final class Entry<T> {
    private static final long NOT_PARKED = -1;

    private final Item<T> item;
    private final Progress.@Nullable Mark mark;
    private long sequence = NOT_PARKED;

    Entry(Item<T> item, Progress.@Nullable Mark mark) {
      this.item = item;
      this.mark = mark;
    }

    boolean isParked() {
      return sequence != NOT_PARKED;
    }

    Progress.Mark mark() {
      if (mark == null) {
        throw new IllegalStateException("restored, so it has no offset: " + item);
      }
      return mark;
    }
  }

  /** Equal to itself alone: a later one of the same lane makes it void. */
  private static final class Alarm<T> {
    private final Lane<T> lane;
    private final Instant due;

    Alarm(Lane<T> lane, Instant due) {
      this.lane = lane;
      this.due = due;
    }
  }

  private record Place(Source source, long offset) {}
}
