package dev.vestibule.sink.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vestibule.sink.lane.Lanes.Flush;
import dev.vestibule.sink.lane.Lanes.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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

  /** Keys of the records of each partition; offsets have gaps as real ones have. */
  private final Map<Source, List<Item<Integer>>> log = new HashMap<>();

  private final Map<String, List<Item<Integer>>> byKey = new HashMap<>();

  // What outlives a crash.
  private final Map<Source, Long> committed = new HashMap<>();
  private final TreeMap<Long, Item<Integer>> parked = new TreeMap<>();
  private final Set<Item<Integer>> dead = new HashSet<>();

  // What the destination saw.
  private final Set<Item<Integer>> handled = new HashSet<>();
  private final Set<Item<Integer>> refused = new HashSet<>();

  // What does not.
  private Lanes<Integer> lanes;
  private final Map<Source, Integer> positions = new HashMap<>();
  private final List<Task<Integer>> running = new ArrayList<>();
  private boolean healthy;
  private int crashes;
  private int parkings;
  private int rebalances;

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
            5_000,
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(15));
    int partitions = 1 + random.nextInt(3);
    int keys = 1 + random.nextInt(8);
    int records = 5 + random.nextInt(50);
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
      log.computeIfAbsent(source, _ -> new ArrayList<>()).add(item);
      byKey.computeIfAbsent(item.key(), _ -> new ArrayList<>()).add(item);
    }
    log.keySet().forEach(source -> committed.put(source, 0L));
    lanes = fresh();
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
    return dead.size();
  }

  /** Runs the schedule, then lets everything succeed until nothing is left. */
  void run() {
    int steps = 50 + random.nextInt(250);
    for (int i = 0; i < steps; i++) {
      step();
    }
    healthy = true;
    log.keySet().stream()
        .filter(source -> !positions.containsKey(source))
        .forEach(source -> assign(lanes, source));
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
    log.values().forEach(items -> items.forEach(this::assertFinished));
  }

  private boolean isDrained() {
    return parked.isEmpty()
        && log.entrySet().stream()
            .allMatch(partition ->
                committed.get(partition.getKey()) > partition.getValue().getLast().offset());
  }

  private void assertFinished(Item<Integer> item) {
    check(handled.contains(item) || dead.contains(item), "lost", item);
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
    log.keySet().forEach(source -> assign(fresh, source));
    return fresh;
  }

  private void assign(Lanes<Integer> to, Source source) {
    long position = committed.get(source);
    List<Item<Integer>> items = log.get(source);
    int index = 0;
    while (index < items.size() && items.get(index).offset() < position) {
      index++;
    }
    positions.put(source, index);
    to.assign(source, position);
  }

  private void poll() {
    for (Source source : List.copyOf(positions.keySet())) {
      int left = 1 + random.nextInt(4);
      List<Item<Integer>> items = log.get(source);
      while (left-- > 0 && positions.get(source) < items.size() && lanes.hasRoom(source)) {
        Item<Integer> item = items.get(positions.merge(source, 1, Integer::sum) - 1);
        if (item.payload() % 17 == 16) {
          lanes.refuse(item, "undecodable");
          refused.add(item);
        } else {
          lanes.offer(item);
        }
      }
      lanes.read(
          source,
          items.get(positions.get(source) == 0 ? 0 : positions.get(source) - 1).offset()
              + (positions.get(source) == 0 ? 0 : 1));
    }
    assertThat(lanes.inFlight()).as("bounded").isLessThanOrEqualTo(settings.records() * log.size());
    assertThat(lanes.parked()).as("bounded").isLessThanOrEqualTo(settings.parkedRecords());
  }

  private void start() {
    for (Task<Integer> task : lanes.start()) {
      Item<Integer> item = task.item();
      check(
          running.stream().noneMatch(other -> other.item().key().equals(item.key())),
          "two at a time for one visit",
          item);
      for (Item<Integer> earlier : byKey.get(item.key())) {
        if (earlier.offset() < item.offset()) {
          check(handled.contains(earlier) || refused.contains(earlier), "out of order", item);
        }
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
      case Outcome.Done _, Outcome.Skip _ -> handled.add(task.item());
      case Outcome.Reject _ -> refused.add(task.item());
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
    for (Output<Integer> output : flush.outputs()) {
      switch (output) {
        case Output.Parked<Integer>(Item<Integer> item, long sequence) -> {
          parked.put(sequence, item);
          parkings++;
        }
        case Output.Unparked<Integer>(String key, long sequence) -> {
          Item<Integer> item = parked.remove(sequence);
          assertThat(item).isNotNull();
          assertThat(item.key()).isEqualTo(key);
        }
        case Output.GivenUp<Integer>(Item<Integer> item, String _) -> {
          assertThat(refused).contains(item);
          dead.add(item);
        }
        case Output.Attempted<Integer> _ -> {}
      }
    }
    flush
        .offsets()
        .forEach((source, offset) -> {
          assertThat(offset).as("backwards").isGreaterThanOrEqualTo(committed.get(source));
          committed.put(source, offset);
        });
    log.forEach((source, items) ->
        items.forEach(item -> {
          if (item.offset() < committed.get(source)) {
            check(
                handled.contains(item) || dead.contains(item) || parked.containsValue(item),
                "committed before it was finished or parked",
                item);
          }
        }));
  }

  private void crash() {
    crashes++;
    running.clear();
    lanes = fresh();
  }

  private void rebalance() {
    rebalances++;
    Source source = List.copyOf(log.keySet()).get(random.nextInt(log.size()));
    if (positions.containsKey(source)) {
      if (random.nextBoolean()) {
        write();
      }
      positions.remove(source);
      lanes.revoke(List.of(source));
    } else {
      assign(lanes, source);
    }
  }
}
