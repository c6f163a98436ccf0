package dev.vestibule.deduper.verdict;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The rules said again, over a plain list of everything that ever happened: no buckets, no expiry,
 * no positions of aborted attempts. Slow, and easy to believe.
 */
final class Oracle {
  private final List<Use> uses = new ArrayList<>();
  private final List<State> states = new ArrayList<>();

  /** Verdict of the next record in the log; {@code late} is told by {@link Answer#late}. */
  Answer judge(Candidate record) {
    if (use("transport", record.transport(), record, record.deliveryWindow()).isPresent()) {
      return new Answer(Verdict.REPLAY, false);
    }
    Answer answer = afterTransport(record);
    note("transport", record.transport(), record);
    return answer;
  }

  private Answer afterTransport(Candidate record) {
    Hash delivery = record.delivery();
    Optional<Use> delivered =
        delivery == null
            ? Optional.empty()
            : use("delivery", delivery, record, record.deliveryWindow());
    boolean comparable = delivered.isPresent() && delivered.get().scheme() == record.scheme();
    if (comparable && !delivered.get().identity().equals(record.identity())) {
      String content = "conflict " + delivery + record.identity() + content(record);
      if (use(content, record.identity(), record, record.deliveryWindow()).isPresent()) {
        return new Answer(Verdict.DUPLICATE, false);
      }
      note(content, record.identity(), record);
      return new Answer(Verdict.CONFLICT, false);
    }
    if (comparable && delivered.get().revision() == record.revision()) {
      return new Answer(Verdict.DUPLICATE, false);
    }
    if (delivery != null && delivered.isEmpty()) {
      note("delivery", delivery, record);
    }
    return record.snapshot() == null
        ? fact(record, delivered)
        : snapshot(record, record.snapshot());
  }

  private Answer fact(Candidate record, Optional<Use> delivered) {
    Optional<Use> known =
        record.fact() == null
            ? Optional.empty()
            : use("fact", record.fact(), record, record.factWindow());
    if (record.fact() != null && known.isEmpty()) {
      note("fact", record.fact(), record);
    }
    if (known.isEmpty() && delivered.isEmpty()) {
      return new Answer(Verdict.NEW, false);
    }
    if (known.isPresent()
        && known.get().scheme() == record.scheme()
        && known.get().revision() == record.revision()) {
      return new Answer(Verdict.DUPLICATE, false);
    }
    Hash base = record.fact() == null ? record.delivery() : record.fact();
    String content = "revision " + base + content(record);
    if (use(content, record.identity(), record, record.factWindow()).isPresent()) {
      return new Answer(Verdict.DUPLICATE, false);
    }
    note(content, record.identity(), record);
    return new Answer(Verdict.REVISION, false);
  }

  private Answer snapshot(Candidate record, Candidate.Snapshot snapshot) {
    Optional<State> last =
        states.stream()
            .filter(state -> state.snapshot().key().equals(snapshot.key()))
            .filter(state -> near(state.arrival(), record, record.factWindow()))
            .reduce((earlier, later) -> later);
    if (last.isPresent()
        && last.get().scheme() == record.scheme()
        && last.get().snapshot().fingerprint().equals(snapshot.fingerprint())) {
      return new Answer(Verdict.DUPLICATE, false);
    }
    if (last.isPresent() && !snapshot.facts().containsAll(last.get().snapshot().facts())) {
      return new Answer(Verdict.NEW, true);
    }
    states.add(new State(snapshot, record.arrival(), record.scheme()));
    return new Answer(Verdict.NEW, false);
  }

  private static String content(Candidate record) {
    return "/" + record.scheme() + "/" + record.revision();
  }

  private Optional<Use> use(String kind, Hash key, Candidate record, DedupeWindow window) {
    return uses.stream()
        .filter(use -> use.kind().equals(kind) && use.key().equals(key))
        .filter(use -> near(use.arrival(), record, window))
        .max(Comparator.comparingLong(Use::arrival));
  }

  private static boolean near(long arrival, Candidate record, DedupeWindow window) {
    return Math.abs(arrival - record.arrival()) <= window.length().toMillis();
  }

  private void note(String kind, Hash key, Candidate record) {
    uses.add(
        new Use(
            kind, key, record.arrival(), record.scheme(), record.identity(), record.revision()));
  }

  record Answer(Verdict verdict, boolean late) {}

  private record Use(
      String kind, Hash key, long arrival, int scheme, Hash identity, long revision) {}

  private record State(Candidate.Snapshot snapshot, long arrival, int scheme) {}
}
