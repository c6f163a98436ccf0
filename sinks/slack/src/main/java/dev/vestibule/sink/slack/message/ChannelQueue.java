package dev.vestibule.sink.slack.message;

import dev.vestibule.sink.slack.card.Digest;
import dev.vestibule.sink.slack.card.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one channel that wait to be written. Where too many do, they are told as numbers
 * in a digest: those of visits without a message by it alone, those that have one are corrected
 * behind it. What somebody has to look at is never only a number, and goes first. Not safe for
 * several threads.
 */
public final class ChannelQueue {
  /** A digest that nothing was added to for so long is finished; the next one is a new message. */
  static final Duration QUIET = Duration.ofMinutes(1);

  private final int digestAfter;
  private final Set<String> urgent = new LinkedHashSet<>();
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();
  private final Set<String> behind = new LinkedHashSet<>();
  private final Map<String, Phase> counted = new LinkedHashMap<>();
  private @Nullable Digest digest;
  private int digests;
  private Instant last = Instant.MIN;

  private record Waiting(Phase phase, boolean posted, Instant at) {}

  /**
   * @param digestAfter so many may wait; more are told as numbers
   */
  public ChannelQueue(int digestAfter) {
    this.digestAfter = digestAfter;
  }

  /**
   * A message is to be written. What waits already waits once.
   *
   * @param phase where the visit stands, or null where it is about none, which is never a number
   * @param posted whether it has a message
   * @return visits that are now told by the digest alone
   */
  public List<String> offer(String key, @Nullable Phase phase, boolean posted, Instant now) {
    if (digest != null && now.isAfter(last.plus(QUIET))) {
      digest = null;
      counted.clear();
    }
    if (phase == null || !phase.isDigestible()) {
      waiting.remove(key);
      behind.remove(key);
      urgent.add(key);
      return List.of();
    }
    if (urgent.contains(key)) {
      return List.of();
    }
    if (digest != null) {
      return count(key, new Waiting(phase, posted, now)) ? List.of(key) : List.of();
    }
    waiting.merge(
        key,
        new Waiting(phase, posted, now),
        (before, after) -> new Waiting(after.phase, after.posted, before.at));
    if (waiting.size() <= digestAfter) {
      return List.of();
    }
    List<String> told = new ArrayList<>();
    waiting.forEach((visit, entry) -> {
      if (count(visit, entry)) {
        told.add(visit);
      }
    });
    waiting.clear();
    return told;
  }

  /** Counts each visit where it came to stand last; true where that is all that is told of it. */
  private boolean count(String key, Waiting entry) {
    last = last.isAfter(entry.at) ? last : entry.at;
    Digest so = digest;
    if (so == null) {
      so = Digest.at(entry.at);
      digests++;
    }
    Phase before = counted.put(key, entry.phase);
    digest = (before == null ? so : so.minus(before)).plus(entry.phase, entry.at);
    if (entry.posted) {
      behind.add(key);
    }
    return !entry.posted;
  }

  /**
   * Whose message is to be written next, or null where none is. It stays until it is taken.
   *
   * @param mayGo asked in order, until it says yes: one that has to wait lets others pass
   */
  public @Nullable String first(Predicate<String> mayGo) {
    for (Set<String> keys : List.of(urgent, waiting.keySet(), behind)) {
      for (String key : keys) {
        if (mayGo.test(key)) {
          return key;
        }
      }
    }
    return null;
  }

  /** It is being written. */
  public void take(String key) {
    urgent.remove(key);
    waiting.remove(key);
    behind.remove(key);
  }

  /** Whether nothing waits, nor belongs to a digest any more. */
  public boolean isIdle(Instant now) {
    return size() == 0 && (digest == null || now.isAfter(last.plus(QUIET)));
  }

  /** How many wait. */
  public int size() {
    return urgent.size() + waiting.size() + behind.size();
  }

  /** How many digests there have been; each is a message of its own. */
  public int digests() {
    return digests;
  }

  /** What is told as numbers at present, or null. */
  public @Nullable Digest digest() {
    return digest;
  }
}
