package dev.vestibule.ingress.decision.watchlist;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.vestibule.ingress.decision.watchlist.Hit.Field;
import dev.vestibule.ingress.decision.watchlist.Hit.Precision;
import java.time.Instant;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable snapshot of all entries: a large part that is rarely made anew, and a small one for
 * what changed since. Safe for any number of threads; {@link #with} gives the next one.
 */
public final class Watchlist {
  /** Changes that are never worth making the whole anew. */
  private static final int FEW = 4096;

  private final Normal normal;
  private final int few;
  private final Segment base;
  private final BitSet dead;
  private final Segment recent;
  private final int size;

  private Watchlist(Normal normal, int few, Segment base, BitSet dead, Segment recent) {
    this.normal = normal;
    this.few = few;
    this.base = base;
    this.dead = dead;
    this.recent = recent;
    this.size = base.size() - dead.cardinality() + recent.size();
  }

  /** A snapshot without entries. */
  public static Watchlist empty(Normal normal) {
    return new Builder(normal).build();
  }

  /** Entries in force, expired ones included. */
  public int size() {
    return size;
  }

  /** Whether there is an entry of this id. */
  public boolean contains(String id) {
    byte[] key = id.getBytes(UTF_8);
    int entry = base.entry(key);
    return (entry >= 0 && !dead.get(entry)) || recent.entry(key) >= 0;
  }

  /** Bytes of heap that the snapshot holds. */
  public long heap() {
    return base.heap() + recent.heap() + dead.size() / Byte.SIZE;
  }

  /**
   * Looks a visitor up.
   *
   * @param site where the visitor is; null = not known, then entries of every site count, since a
   *     doubt is for a person to settle
   * @param now entries that have expired by then do not count
   */
  public Match match(Person person, @Nullable String site, Instant now) {
    Query query = normal.query(person);
    Hits hits = new Hits(site, now.toEpochMilli());
    hits.in(base, dead, query);
    hits.in(recent, new BitSet(), query);
    return hits.match(query.complete());
  }

  /**
   * The snapshot after further records, in their order. A few records cost some milliseconds; now
   * and then the parts are made one, which takes some seconds for a million entries.
   */
  public Watchlist with(Collection<? extends Change> changes) {
    SegmentWriter writer = new SegmentWriter();
    writer.addAll(recent, new BitSet());
    BitSet gone = (BitSet) dead.clone();
    for (Change change : changes) {
      if (apply(change, writer, normal)) {
        int older = base.entry(change.id().getBytes(UTF_8));
        if (older >= 0) {
          gone.set(older);
        }
      }
    }
    Segment small = compact(writer);
    if (small.size() + gone.cardinality() <= few + base.size() / 64) {
      return new Watchlist(normal, few, base, gone, small);
    }
    SegmentWriter all = new SegmentWriter();
    all.addAll(base, gone);
    all.addAll(small, new BitSet());
    return new Watchlist(normal, few, all.freeze(), new BitSet(), new SegmentWriter().freeze());
  }

  private static boolean apply(Change change, SegmentWriter writer, Normal normal) {
    return switch (change) {
      case Change.Put(Entry entry) -> {
        writer.put(
            entry.id().getBytes(UTF_8),
            entry.expires() == null ? Long.MAX_VALUE : entry.expires().toEpochMilli(),
            entry.sites().stream().map(site -> site.getBytes(UTF_8)).toList(),
            normal.forms(entry));
        yield true;
      }
      case Change.Remove(String id) -> {
        writer.remove(id.getBytes(UTF_8));
        yield true;
      }
      case Change.Malformed malformed -> false;
    };
  }

  private static Segment compact(SegmentWriter writer) {
    BitSet dead = writer.dead();
    Segment segment = writer.freeze();
    if (dead.isEmpty()) {
      return segment;
    }
    SegmentWriter living = new SegmentWriter();
    living.addAll(segment, dead);
    return living.freeze();
  }

  /** Makes the first snapshot from a topic's records, in their order. Not for several threads. */
  public static final class Builder {
    private final Normal normal;
    private final int few;
    private SegmentWriter writer = new SegmentWriter();

    public Builder(Normal normal) {
      this(normal, FEW);
    }

    Builder(Normal normal, int few) {
      this.normal = normal;
      this.few = few;
    }

    /** Takes a record; a malformed one changes nothing. */
    public void add(Change change) {
      apply(change, writer, normal);
      if (writer.replaced() > few + writer.living()) {
        BitSet dead = writer.dead();
        Segment segment = writer.freeze();
        writer = new SegmentWriter();
        writer.addAll(segment, dead);
      }
    }

    /** The snapshot; the builder is not used afterwards. */
    public Watchlist build() {
      BitSet dead = writer.dead();
      return new Watchlist(normal, few, writer.freeze(), dead, new SegmentWriter().freeze());
    }
  }

  /** The hits of one look-up. */
  private static final class Hits {
    private static final Comparator<Hit> ORDER =
        Comparator.comparing(Hit::precision).thenComparing(Hit::field).thenComparing(Hit::entry);

    private final byte @Nullable [] site;
    private final long now;
    private final Map<String, Map<Field, Precision>> found = new HashMap<>();
    private boolean more;

    Hits(@Nullable String site, long now) {
      this.site = site == null ? null : site.getBytes(UTF_8);
      this.now = now;
    }

    void in(Segment segment, BitSet dead, Query query) {
      int here = site == null ? -1 : segment.site(site);
      segment.match(
          query,
          (entry, field, precision) -> {
            if (!dead.get(entry)
                && now < segment.expires[entry]
                && (site == null || segment.holdsAt(entry, here))) {
              add(segment.ids.text(entry), field, precision);
            }
          });
    }

    private void add(String id, Field field, Precision precision) {
      if (found.size() == Match.MOST && !found.containsKey(id)) {
        more = true;
        return;
      }
      found
          .computeIfAbsent(id, key -> new HashMap<>())
          .merge(field, precision, (a, b) -> a.compareTo(b) < 0 ? a : b);
    }

    Match match(boolean complete) {
      List<Hit> hits =
          found.entrySet().stream()
              .flatMap(entry ->
                  entry.getValue().entrySet().stream()
                      .map(hit -> new Hit(entry.getKey(), hit.getKey(), hit.getValue())))
              .sorted(ORDER)
              .toList();
      return new Match(hits, complete && !more);
    }
  }
}
