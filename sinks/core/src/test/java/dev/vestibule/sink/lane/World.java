package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.lane.Lanes.Flush;
import dev.vestibule.sink.lane.Lanes.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;

/**
 * Lanes between a log and a destination that both live in memory: one random schedule of polls,
 * outcomes, flushes, rebalances and crashes, and what must hold at each step of it.
 */
final class World {
  private static final Instant START = Instant.parse("2026-03-02T09:00:00Z");

  private final Random random;
  private final LaneSettings settings;
  private Instant now = START;

  private final List<Partition> log = new ArrayList<>();

  /** Partitions that have records, by where they lie; the payload of a record is its number. */
  private final Map<Source, Partition> bySource = new HashMap<>();

  /** For each record the number of the one before it of the same visit, or -1. */
  private final int[] before;

  // What outlives a crash, beside what is committed.
  private final TreeMap<Long, Item<Integer>> parked = new TreeMap<>();
  private final BitSet dead = new BitSet();

  // What the destination saw.
  private final BitSet handled = new BitSet();
  private final BitSet refused = new BitSet();

  // What does not.
  private Lanes<Integer> lanes;
  private final List<Task<Integer>> running = new ArrayList<>();
  private boolean healthy;
  private int crashes;
  private int parkings;
  private int rebalances;

  /** One that is read; its offsets have gaps as real ones have. */
  private static final class Partition {
    private static final int NOT_ASSIGNED = -1;

    private final Source source;
    private final List<Item<Integer>> items = new ArrayList<>();
    private long committed;

    /** How many records lie before what is committed. */
    private int behind;

    /** Index of the record that is read next. */
    private int next = NOT_ASSIGNED;

    private Partition(Source source) {
      this.source = source;
    }

    private boolean isAssigned() {
      return next != NOT_ASSIGNED;
    }
  }

  World(long seed) {
    this.random = new Random(seed);
    this.settings =
        new LaneSettings(
            4 + random.nextInt(12),
            200 + random.nextInt(2_000),
            1 + random.nextInt(6),
            Duration.ofSeconds(1),
            Duration.ofSeconds(8),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10 + random.nextInt(60)),
            Duration.ofSeconds(30),
            3 + random.nextInt(20),
            100 + random.nextInt(2_000),
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(15));
    int partitions = 1 + random.nextInt(3);
    int keys = 1 + random.nextInt(8);
    int records = 5 + random.nextInt(50);
    before = new int[records];
    int[] last = new int[keys];
    Arrays.fill(last, -1);
    long[] next = new long[partitions];
    for (int i = 0; i < records; i++) {
      int key = random.nextInt(keys);
      Source source = new Source("events", key % partitions);
      next[source.partition()] += random.nextInt(5) == 0 ? 2 : 1;
      Item<Integer> item =
          new Item<>(
              source,
              next[source.partition()],
              "visit-" + key,
              10 + random.nextInt(200),
              random.nextInt(4) == 0,
              i);
      bySource.computeIfAbsent(source, this::partition).items.add(item);
      before[i] = last[key];
      last[key] = i;
    }
    lanes = fresh();
  }

  private Partition partition(Source source) {
    Partition partition = new Partition(source);
    log.add(partition);
    return partition;
  }

  int crashes() {
    return crashes;
  }

  int parkings() {
    return parkings;
  }

  int rebalances() {
    return rebalances;
  }

  int dead() {
    return dead.cardinality();
  }

  /** Runs the schedule, then lets everything succeed until nothing is left. */
  void run() {
    int steps = 50 + random.nextInt(250);
    for (int i = 0; i < steps; i++) {
      step();
    }
    healthy = true;
    log.stream()
        .filter(partition -> !partition.isAssigned())
        .forEach(partition -> assign(lanes, partition));
    int left = 5_000;
    while (!isDrained()) {
      assertThat(left--).as("nothing moves any more").isPositive();
      poll();
      start();
      while (!running.isEmpty()) {
        answer();
        start();
      }
      write();
      now = now.plusSeconds(5);
    }
    assertThat(lanes.inFlight()).isZero();
    assertThat(lanes.parked()).isZero();
    log.forEach(
        partition -> partition.items.forEach(item -> check(isFinished(item), "lost", item)));
  }

  private boolean isDrained() {
    return parked.isEmpty()
        && log.stream().allMatch(partition -> partition.behind == partition.items.size());
  }

  private boolean isFinished(Item<Integer> item) {
    return handled.get(item.payload()) || dead.get(item.payload());
  }

  /** As an assertion, without its price: these are asked very often. */
  private static void check(boolean holds, String problem, Item<Integer> item) {
    if (!holds) {
      throw new AssertionError(problem + ": " + item);
    }
  }

  private void step() {
    switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> poll();
      case 4, 5, 6, 7 -> start();
      case 8, 9, 10, 11, 12, 13 -> answer();
      case 14, 15, 16 -> now = now.plusMillis(random.nextInt(8_000));
      case 17, 18 -> write();
      default -> {
        if (random.nextInt(3) == 0) {
          crash();
        } else {
          rebalance();
        }
      }
    }
  }

  private Lanes<Integer> fresh() {
    Lanes<Integer> fresh = new Lanes<>("door", settings, () -> now, random);
    parked.forEach((sequence, item) -> fresh.restore(item, sequence));
    log.forEach(partition -> assign(fresh, partition));
    return fresh;
  }

  private static void assign(Lanes<Integer> to, Partition partition) {
    partition.next = partition.behind;
    to.assign(partition.source, partition.committed);
  }

  private void poll() {
    for (Partition partition : log) {
      if (partition.isAssigned()) {
        poll(partition);
      }
    }
    assertThat(lanes.inFlight()).as("bounded").isLessThanOrEqualTo(settings.records() * log.size());
    assertThat(lanes.parked()).as("bounded").isLessThanOrEqualTo(settings.parkedRecords());
    assertThat(parked.values().stream().mapToLong(Item::bytes).sum())
        .as("bounded")
        .isLessThanOrEqualTo(settings.parkedBytes());
  }

  private void poll(Partition partition) {
    int left = 1 + random.nextInt(4);
    while (left-- > 0
        && partition.next < partition.items.size()
        && lanes.hasRoom(partition.source)) {
      Item<Integer> item = partition.items.get(partition.next++);
      if (item.payload() % 17 == 16) {
        lanes.refuse(item, "undecodable");
        refused.set(item.payload());
      } else {
        lanes.offer(item);
      }
    }
    long position =
        partition.next == 0
            ? partition.items.getFirst().offset()
            : partition.items.get(partition.next - 1).offset() + 1;
    lanes.read(partition.source, position);
  }

  private void start() {
    for (Task<Integer> task : lanes.start()) {
      Item<Integer> item = task.item();
      check(
          running.stream().noneMatch(other -> other.item().key().equals(item.key())),
          "two at a time for one visit",
          item);
      for (int earlier = before[item.payload()]; earlier >= 0; earlier = before[earlier]) {
        check(handled.get(earlier) || refused.get(earlier), "out of order", item);
      }
      running.add(task);
    }
    assertThat(running).hasSizeLessThanOrEqualTo(settings.parallel());
  }

  private void answer() {
    if (running.isEmpty()) {
      return;
    }
    Task<Integer> task = running.remove(random.nextInt(running.size()));
    Outcome outcome = healthy ? new Outcome.Done("ok") : outcome(task.item());
    switch (outcome) {
      case Outcome.Done _, Outcome.Skip _ -> handled.set(task.item().payload());
      case Outcome.Reject _ -> refused.set(task.item().payload());
      default -> {}
    }
    lanes.complete(task, outcome);
  }

  /** Some visits fail more than others, and sometimes everybody does. */
  private Outcome outcome(Item<Integer> item) {
    boolean bad = item.key().hashCode() % 3 == 0 || now.getEpochSecond() / 60 % 4 == 3;
    return switch (random.nextInt(bad ? 30 : 200)) {
      case 0 -> new Outcome.Skip("nothing");
      case 1 -> new Outcome.Reject("bad_request");
      case 2 -> new Outcome.Blocked("http_401");
      case 3, 4, 5 -> new Outcome.Retry(Duration.ofSeconds(random.nextInt(90)), "http_429");
      case 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 ->
          new Outcome.Retry(null, "http_500");
      default -> new Outcome.Done("ok");
    };
  }

  /** All of a flush or nothing. */
  private void write() {
    Flush<Integer> flush = lanes.flush();
    List<Item<Integer>> unparked = new ArrayList<>();
    for (Output<Integer> output : flush.outputs()) {
      switch (output) {
        case Output.Parked<Integer>(Item<Integer> item, long sequence) -> {
          parked.put(sequence, item);
          parkings++;
        }
        case Output.Unparked<Integer>(String key, long sequence) -> {
          Item<Integer> item = Objects.requireNonNull(parked.remove(sequence), "was not parked");
          check(item.key().equals(key), "unparked under another key", item);
          unparked.add(item);
        }
        case Output.GivenUp<Integer>(Item<Integer> item, String _) -> {
          check(refused.get(item.payload()), "given up by nobody", item);
          dead.set(item.payload());
        }
        case Output.Attempted<Integer> _ -> {}
      }
    }
    unparked.forEach(item -> check(isFinished(item), "unparked before it was finished", item));
    flush
        .offsets()
        .forEach((source, offset) -> commit(Objects.requireNonNull(bySource.get(source)), offset));
  }

  private void commit(Partition partition, long offset) {
    assertThat(offset).as("backwards").isGreaterThanOrEqualTo(partition.committed);
    partition.committed = offset;
    while (partition.behind < partition.items.size()
        && partition.items.get(partition.behind).offset() < offset) {
      Item<Integer> item = partition.items.get(partition.behind++);
      check(
          isFinished(item) || parked.containsValue(item),
          "committed before it was finished or parked",
          item);
    }
  }

  private void crash() {
    crashes++;
    running.clear();
    lanes = fresh();
  }

  private void rebalance() {
    rebalances++;
    Partition partition = log.get(random.nextInt(log.size()));
    if (partition.isAssigned()) {
      if (random.nextBoolean()) {
        write();
      }
      partition.next = Partition.NOT_ASSIGNED;
      lanes.revoke(List.of(partition.source));
    } else {
      assign(lanes, partition);
    }
  }
}
