package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.deduper.verdict.Candidate.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A small world drawn from a seed: copies in the order in which they are processed, and where the
 * process crashes and starts again a few records back, with everything it wrote still in place.
 *
 * @param firstOffset offset of the first copy; memory that starts at 0 is complete
 * @param wild whether clocks jump, and one raw partition lags further than is allowed
 */
record Schedule(
    long seed, long firstOffset, boolean wild, List<Copy> copies, List<Rewind> rewinds) {

  /** Rewinds stay below the number of snapshot rows kept. */
  static final int LONGEST_REWIND = Remembered.Snapshots.KEPT - 1;

  private static final long EPOCH = 1_800_000_000_000L;
  private static final List<Duration> SPANS =
      List.of(
          Duration.ofMinutes(30),
          Duration.ofHours(3),
          Duration.ofHours(30),
          Duration.ofHours(54),
          Duration.ofDays(9));

  /**
   * One copy on its way through the deduper.
   *
   * @param readyAt when it is processed, in milliseconds since the epoch; arrival plus lag
   */
  record Copy(
      int account,
      int visit,
      long arrival,
      long readyAt,
      int scheme,
      Hash transport,
      @Nullable Hash delivery,
      @Nullable Hash fact,
      @Nullable Snapshot snapshot,
      Hash identity,
      long revision,
      DedupeWindow deliveryWindow,
      DedupeWindow factWindow) {

    Candidate at(long offset) {
      return new Candidate(
          offset,
          arrival,
          scheme,
          transport,
          delivery,
          fact,
          snapshot,
          identity,
          revision,
          deliveryWindow,
          factWindow);
    }
  }

  /** After the record at this index was processed, start again {@code back} records earlier. */
  record Rewind(int after, int back) {}

  Schedule with(List<Copy> copies, List<Rewind> rewinds) {
    return new Schedule(seed, firstOffset, wild, copies, rewinds);
  }

  static Schedule draw(long seed) {
    return new Generator(seed).schedule();
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("seed %d, first offset %d, wild %s%n".formatted(seed, firstOffset, wild));
    for (int i = 0; i < copies.size(); i++) {
      text.append(i).append(": ").append(copies.get(i)).append('\n');
    }
    return text.append(rewinds).toString();
  }

  private static final class Generator {
    private final long seed;
    private final Random random;
    private final boolean wild;
    private final long span;
    private final long start;
    private final long[] lags;
    private final List<Copy> drawn = new ArrayList<>();
    private int transports;

    Generator(long seed) {
      this.seed = seed;
      this.random = new Random(seed * 0x9E3779B97F4A7C15L);
      this.wild = random.nextInt(4) == 0;
      this.span = SPANS.get(random.nextInt(SPANS.size())).toMillis();
      this.start = EPOCH + random.nextLong(Duration.ofDays(2).toMillis());
      // Three raw partitions: one on time, one a little behind, one held back.
      this.lags =
          new long[] {0, random.nextLong(Duration.ofMinutes(5).toMillis()), heldBack().toMillis()};
    }

    private Duration heldBack() {
      return wild ? Duration.ofHours(random.nextInt(24 * 12)) : Duration.ofHours(6);
    }

    Schedule schedule() {
      int size = 4 + random.nextInt(26);
      for (int i = 0; i < size; i++) {
        drawn.add(draw());
      }
      List<Copy> copies = new ArrayList<>(drawn);
      copies.sort(Comparator.comparingLong(Copy::readyAt));
      long firstOffset = random.nextInt(8) == 0 ? 1000 : 0;
      return new Schedule(seed, firstOffset, wild, List.copyOf(copies), rewinds(size));
    }

    private List<Rewind> rewinds(int size) {
      List<Rewind> rewinds = new ArrayList<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        int after = random.nextInt(size);
        rewinds.add(new Rewind(after, random.nextInt(1 + Math.min(after, LONGEST_REWIND))));
      }
      return List.copyOf(rewinds);
    }

    private Copy draw() {
      if (!drawn.isEmpty() && random.nextInt(8) == 0) {
        return repeated(drawn.get(random.nextInt(drawn.size())));
      }
      long arrival = arrival();
      int account = random.nextInt(2);
      int visit = random.nextInt(2);
      int type = random.nextInt(2);
      Hash identity = hash("identity", account, visit, type);
      boolean snapshot = random.nextInt(4) == 0;
      int content = random.nextInt(3);
      Hash delivery = random.nextInt(3) > 0 ? delivery(account, visit, type) : null;
      Hash fact = !snapshot && random.nextInt(3) > 0 ? hash("fact", account, visit, type) : null;
      return new Copy(
          account,
          visit,
          arrival,
          arrival + lags[random.nextInt(lags.length)] + jitter(),
          random.nextInt(20) == 0 ? 2 : 1,
          hash("transport", transports++),
          delivery,
          fact,
          snapshot ? snapshot(account, visit, content) : null,
          snapshot ? hash("identity", account, visit, 9) : identity,
          content,
          DedupeWindow.DAY,
          visit == 0 ? DedupeWindow.WEEK : DedupeWindow.DAY);
    }

    /** Our own repetition: another position, the same request. */
    private Copy repeated(Copy copy) {
      long arrival = random.nextBoolean() ? copy.arrival() : copy.arrival() + jitter();
      return new Copy(
          copy.account(),
          copy.visit(),
          arrival,
          Math.max(copy.readyAt(), arrival) + jitter(),
          copy.scheme(),
          copy.transport(),
          copy.delivery(),
          copy.fact(),
          copy.snapshot(),
          copy.identity(),
          copy.revision(),
          copy.deliveryWindow(),
          copy.factWindow());
    }

    private Hash delivery(int account, int visit, int type) {
      boolean reused = random.nextInt(6) == 0;
      return reused
          ? hash("delivery", account, 7)
          : hash("delivery", account, visit, type, random.nextInt(2));
    }

    private Snapshot snapshot(int account, int visit, int content) {
      Set<TerminalFact> facts = EnumSet.noneOf(TerminalFact.class);
      if (content > 0 && random.nextInt(6) > 0) {
        facts.add(TerminalFact.ARRIVED);
      }
      if (content > 1) {
        facts.add(TerminalFact.LEFT);
      }
      return new Snapshot(hash("snapshot", account, visit), hash("content", content), facts);
    }

    /** Half of all arrivals sit exactly on or beside an edge of an earlier one. */
    private long arrival() {
      if (!drawn.isEmpty() && random.nextBoolean()) {
        long earlier = drawn.get(random.nextInt(drawn.size())).arrival();
        DedupeWindow window = random.nextInt(4) == 0 ? DedupeWindow.WEEK : DedupeWindow.DAY;
        long edge =
            switch (random.nextInt(4)) {
              case 0 -> earlier + window.length().toMillis();
              case 1 -> earlier - window.length().toMillis();
              case 2 -> Coverage.bucket(window, earlier + window.bucket().toMillis());
              default -> earlier;
            };
        return Math.max(EPOCH, edge + random.nextInt(3) - 1);
      }
      long jump =
          wild && random.nextInt(4) == 0 ? Duration.ofHours(random.nextInt(400)).toMillis() : 0;
      return start + random.nextLong(span) + jump;
    }

    private long jitter() {
      return random.nextInt(10) == 0
          ? random.nextLong(Duration.ofHours(2).toMillis())
          : random.nextLong(2000);
    }

    private static Hash hash(String kind, int... parts) {
      long high = kind.hashCode();
      for (int part : parts) {
        high = high * 1_000_003L + part;
      }
      return new Hash(high, kind.hashCode());
    }
  }
}
