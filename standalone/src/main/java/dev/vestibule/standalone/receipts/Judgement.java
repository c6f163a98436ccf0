package dev.vestibule.standalone.receipts;

import dev.vestibule.contract.Headers;
import dev.vestibule.contract.Verdict;
import dev.vestibule.standalone.receipts.Facts.Copy;
import dev.vestibule.standalone.receipts.Facts.Dead;
import dev.vestibule.standalone.receipts.Facts.Outcome.Duplicate;
import dev.vestibule.standalone.receipts.Facts.Outcome.Emitted;
import dev.vestibule.standalone.receipts.Facts.Progress;
import dev.vestibule.standalone.receipts.Trace.Accepted;
import dev.vestibule.standalone.receipts.Trace.Delivery;
import dev.vestibule.standalone.receipts.Trace.First;
import dev.vestibule.standalone.receipts.Trace.State;
import dev.vestibule.standalone.receipts.Trace.Stuck;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Concludes from facts where a delivery is; pure. */
final class Judgement {
  private final Facts facts;

  private Judgement(Facts facts) {
    this.facts = facts;
  }

  static Trace of(Facts facts) {
    return new Judgement(facts).trace();
  }

  private Trace trace() {
    Optional<Stuck> stuck = stuck();
    return new Trace(
        facts.raw().place().toString(),
        accepted(),
        facts.copies().stream().map(this::event).toList(),
        facts.letters().stream().map(Dead::letter).toList(),
        state(stuck),
        stuck.orElse(null),
        facts.searched());
  }

  private State state(Optional<Stuck> stuck) {
    if (stuck.isPresent()) {
      return State.WAITING;
    }
    if (!facts.letters().isEmpty()) {
      return State.DEAD_LETTER;
    }
    if (facts.copies().isEmpty()) {
      return facts.searched().complete() ? State.IGNORED : State.UNCLEAR;
    }
    boolean unclear =
        facts.copies().stream()
            .filter(copy -> copy.outcome() == null && !copy.repetition())
            .anyMatch(copy -> verdict(copy) == null);
    return unclear ? State.UNCLEAR : State.DONE;
  }

  /** The first stage on the path that has not done its part. */
  private Optional<Stuck> stuck() {
    if (facts.copies().isEmpty() && facts.letters().isEmpty()) {
      Progress normalizer = facts.normalizer();
      return normalizer.passed(facts.raw().place())
          ? Optional.empty()
          : Optional.of(stuck(normalizer, facts.raw().place()));
    }
    return facts.copies().stream()
        .filter(this::awaitsJudgement)
        .findFirst()
        .map(copy -> stuck(copy.deduper(), copy.place()))
        .or(this::stuckBeforeSink);
  }

  private boolean awaitsJudgement(Copy copy) {
    return copy.outcome() == null
        && !copy.repetition()
        && !isDead(copy)
        && !copy.deduper().passed(copy.place());
  }

  private Optional<Stuck> stuckBeforeSink() {
    for (Copy copy : facts.copies()) {
      if (copy.outcome() instanceof Emitted emitted) {
        for (Progress sink : emitted.sinks()) {
          if (!sink.passed(emitted.place())) {
            return Optional.of(stuck(sink, emitted.place()));
          }
        }
      }
    }
    return Optional.empty();
  }

  private Stuck stuck(Progress stage, Place waiting) {
    return new Stuck(
        stage.name(),
        waiting.toString(),
        facts.raw().storedAt().toString(),
        stage.group(),
        stage.lag(),
        stage.members(),
        stage.pausedFor());
  }

  private Accepted accepted() {
    Map<String, String> headers = facts.raw().headers();
    return new Accepted(
        headers.get(Headers.SOURCE),
        headers.get(Headers.ACCOUNT),
        headers.get(Headers.VENDOR),
        headers.get(Headers.REQUEST_ID),
        headers.get(Headers.DELIVERY_ID),
        headers.get(Headers.RECEIVED_AT),
        headers.get(Headers.PATH),
        headers.get(Headers.BODY_SHA256),
        facts.raw().storedAt().toString());
  }

  private Trace.Event event(Copy copy) {
    return switch (copy.outcome()) {
      case Emitted emitted ->
          event(
              copy,
              emitted.place(),
              null,
              emitted.sinks().stream().map(sink -> delivery(sink, emitted.place())).toList());
      case Duplicate duplicate -> event(copy, duplicate.report(), first(duplicate), List.of());
      case null -> event(copy, null, null, List.of());
    };
  }

  private Trace.Event event(
      Copy copy, @Nullable Place position, @Nullable First first, List<Delivery> deliveries) {
    Verdict verdict = verdict(copy);
    return new Trace.Event(
        copy.eventId(),
        copy.type(),
        copy.place().toString(),
        verdict == null ? null : verdict.name(),
        position == null ? null : position.toString(),
        first,
        copy.conflicts().stream().map(Place::toString).toList(),
        deliveries);
  }

  private static Delivery delivery(Progress sink, Place event) {
    return new Delivery(sink.name(), sink.group(), sink.passed(event), sink.lag());
  }

  private static @Nullable First first(Duplicate duplicate) {
    Place first = duplicate.first();
    return first == null ? null : new First(first.toString(), duplicate.receipt());
  }

  /** Only a replay leaves no record: it is what was passed and is nowhere to be found. */
  private @Nullable Verdict verdict(Copy copy) {
    return switch (copy.outcome()) {
      case Emitted emitted -> emitted.verdict();
      case Duplicate _ -> Verdict.DUPLICATE;
      case null ->
          copy.deduper().passed(copy.place()) && facts.judged().complete() && !isDead(copy)
              ? Verdict.REPLAY
              : null;
    };
  }

  /** A letter that cannot be read may be about any of them: then nothing is concluded. */
  private boolean isDead(Copy copy) {
    return facts.letters().stream()
        .map(Dead::origin)
        .anyMatch(origin -> origin == null || origin.equals(copy.place()));
  }
}
