package dev.vestibule.sink.access;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a visit has the access that it has: every fact that was considered, with the rule that took
 * or refused it. Made by having the facts decided again, each at the time when it was known, so it
 * says what the rules of today say.
 *
 * @param lines one for each fact, in their order
 * @param state what they lead to, the target's answers apart
 */
public record Explanation(List<Line> lines, VisitAccess state) {
  public Explanation {
    lines = List.copyOf(lines);
  }

  /** A fact and when it was known. */
  public record Known(Fact fact, Instant at) {}

  /**
   * @param at when the fact was known
   * @param what the type of the fact
   * @param id the event or decision; null for a person's word
   * @param ruling what became of it
   * @param card what became of the card that it tells of besides, or null
   */
  public record Line(
      Instant at, String what, @Nullable String id, Ruling ruling, @Nullable Ruling card) {
    @Override
    public String toString() {
      return at
          + "  "
          + what
          + (id == null ? "" : " " + id)
          + "  "
          + ruling.text()
          + (card == null ? "" : "; its card: " + card.text());
    }
  }

  /**
   * Explains facts of one visit.
   *
   * @param facts in the order in which they were known
   * @param now decides about what ends by itself
   */
  public static Explanation of(AccessMachine machine, List<Known> facts, Instant now) {
    VisitAccess state = VisitAccess.NONE;
    List<Line> lines = new ArrayList<>();
    for (Known known : facts) {
      Step step = machine.take(state, known.fact(), known.at());
      state = delivered(step.state());
      lines.add(line(known, step));
    }
    return new Explanation(lines, machine.tick(state, now, new ArrayList<>()));
  }

  /** Without the target's answers it is taken to have done what was wanted. */
  private static VisitAccess delivered(VisitAccess state) {
    return state.desire() instanceof VisitAccess.Desire.Open
        ? CardMachine.delivered(state.with(VisitAccess.Given.as(state.sequence())))
        : CardMachine.swept(state.with(VisitAccess.Given.NOTHING));
  }

  private static Line line(Known known, Step step) {
    Ruling ruling = step.ruling();
    return switch (known.fact()) {
      case Fact.Reported reported ->
          new Line(
              known.at(),
              reported.event().getType().name(),
              reported.event().getEventId(),
              ruling,
              step.card());
      case Fact.Decided decided ->
          new Line(
              known.at(),
              decided.approved() ? "decision: approve" : "decision: review",
              decided.decisionId(),
              ruling,
              null);
      case Fact.Reviewed reviewed ->
          new Line(
              known.at(),
              reviewed.approved() ? "a person: approve" : "a person: refuse",
              null,
              ruling,
              null);
    };
  }
}
