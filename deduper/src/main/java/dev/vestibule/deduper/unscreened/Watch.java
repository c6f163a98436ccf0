package dev.vestibule.deduper.unscreened;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Who came in, who was decided about, and who is therefore unscreened. Knows decisions and alerts
 * by visit for {@link #REMEMBERED}, and sign-ins until they are judged.
 *
 * <p>A sign-in is judged once all decisions are known that were written down before it was due. The
 * outcome depends on what was written and when, not on the order in which it is read here: so one
 * who was away, or reads a second time, finds the same. Used by one thread.
 */
final class Watch {
  /** How long decisions and alerts are remembered. About 150 bytes for each visit. */
  static final Duration REMEMBERED = Duration.ofDays(8);

  /** Older sign-ins are not judged; a decision counts at least from a day before. */
  static final Duration JUDGED = REMEMBERED.minusDays(1);

  private final Map<String, Decided> decisions = new HashMap<>();

  /** First known decision of each source. */
  private final Map<String, Instant> hooks = new HashMap<>();

  /** Alerts by id, with the time at which they were raised. */
  private final Map<String, Instant> alerts = new HashMap<>();

  private final List<Waiting> waiting = new ArrayList<>();

  /** First and last decision about a visit, in milliseconds since the epoch. */
  private record Decided(long first, long last) {
    Decided and(Decided other) {
      return new Decided(Math.min(first, other.first), Math.max(last, other.last));
    }
  }

  /** A sign-in and where it lies. */
  private record Waiting(SignIn signIn, TopicPartition partition, long offset) {}

  /** A sign-in and what was found. */
  record Judged(SignIn signIn, Finding finding) {}

  /** Takes in that a decision was made, whatever it says. */
  void decided(String source, @Nullable String visitKey, Instant at) {
    hooks.merge(source, at, (left, right) -> left.isBefore(right) ? left : right);
    if (visitKey != null) {
      Decided one = new Decided(at.toEpochMilli(), at.toEpochMilli());
      decisions.merge(visitKey, one, Decided::and);
    }
  }

  /** Takes in that an alert was written. */
  void raised(String alertId, Instant at) {
    alerts.put(alertId, at);
  }

  /** Takes in a sign-in, which waits until it can be judged. */
  void signedIn(SignIn signIn, TopicPartition partition, long offset) {
    waiting.add(new Waiting(signIn, partition, offset));
  }

  /** When the next sign-in is due, or null when none waits. */
  @Nullable Instant nextDue() {
    return waiting.stream()
        .map(one -> one.signIn().dueAt())
        .min(Comparator.naturalOrder())
        .orElse(null);
  }

  int waiting() {
    return waiting.size();
  }

  /** Where to read on to meet again every sign-in of a partition that waits. */
  OptionalLong firstWaiting(TopicPartition partition) {
    return waiting.stream()
        .filter(one -> one.partition().equals(partition))
        .mapToLong(Waiting::offset)
        .min();
  }

  /** Somebody else reads these partitions now. */
  void giveUp(Set<TopicPartition> partitions) {
    waiting.removeIf(one -> partitions.contains(one.partition()));
  }

  /**
   * Judges what is due, which then waits no more. An alert that is raised for it must be told with
   * {@link #raised}.
   *
   * @param complete decisions and alerts that were written down before this time are known
   */
  List<Judged> judge(Instant complete) {
    List<Judged> judged = new ArrayList<>();
    Map<String, Finding> now = new HashMap<>();
    for (Iterator<Waiting> left = waiting.iterator(); left.hasNext(); ) {
      SignIn signIn = left.next().signIn();
      if (signIn.dueAt().isAfter(complete)) {
        continue;
      }
      left.remove();
      Finding finding = find(signIn, complete);
      if (finding == Finding.UNSCREENED && now.put(signIn.alertId(), finding) != null) {
        finding = Finding.RAISED_BEFORE;
      }
      judged.add(new Judged(signIn, finding));
    }
    return judged;
  }

  private Finding find(SignIn signIn, Instant complete) {
    if (isScreened(signIn)) {
      return Finding.SCREENED;
    }
    if (signIn.at().isBefore(complete.minus(JUDGED))) {
      return Finding.TOO_OLD;
    }
    if (signIn.history() && isBeforeHook(signIn)) {
      return Finding.BEFORE_HOOK;
    }
    return alerts.containsKey(signIn.alertId()) ? Finding.RAISED_BEFORE : Finding.UNSCREENED;
  }

  private boolean isScreened(SignIn signIn) {
    Decided decided = signIn.visitKey() == null ? null : decisions.get(signIn.visitKey());
    return decided != null && decided.first() <= signIn.at().plus(SignIn.GRACE).toEpochMilli();
  }

  private boolean isBeforeHook(SignIn signIn) {
    Instant first = hooks.get(signIn.source());
    return first == null || signIn.at().isBefore(first);
  }

  /** Forgets what is remembered for long enough. */
  void forget(Instant now) {
    Instant since = now.minus(REMEMBERED);
    decisions.values().removeIf(decided -> decided.last() < since.toEpochMilli());
    alerts.values().removeIf(at -> at.isBefore(since));
  }
}
