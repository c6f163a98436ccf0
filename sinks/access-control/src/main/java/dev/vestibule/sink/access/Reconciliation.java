package dev.vestibule.sink.access;

import dev.vestibule.sink.access.VisitAccess.Certainty;
import dev.vestibule.sink.access.VisitAccess.Desire;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Observed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a target has, compared with what is wanted. A list is not of one instant, so a finding is a
 * doubt and no order: whoever acts on it takes note of it with {@link DoorKeeper#doubt} and drives
 * the visit, which reads the state anew, and closes unless something is still wanted open.
 *
 * @param findings what differs
 * @param foreign objects that carry another's mark; they are never touched
 */
public record Reconciliation(List<Finding> findings, int foreign) {
  /** Targets round to seconds. */
  private static final Duration ROUNDING = Duration.ofSeconds(1);

  public Reconciliation {
    findings = List.copyOf(findings);
  }

  /** What is wrong about a visit. */
  public enum Kind {
    /** Open, and nothing wants it open: revoke. */
    STRAY,
    /** Opens more, or longer, than is wanted: repair, or revoke where that is too late. */
    WIDER,
    /** Wanted open and confirmed, but not there: report. Somebody may have had a reason. */
    MISSING,
    /**
     * A card is assigned that nothing wants there: report. With a visit that is closed it is taken
     * away; from one that is open, nobody but a person can tell why it is there.
     */
    CARD_STRAY,
    /** A card was assigned and is not there: report. An event may have been lost. */
    CARD_MISSING
  }

  public record Finding(Kind kind, String visit, GrantKey key) {}

  /**
   * Compares.
   *
   * @param observed everything that carries a mark
   * @param states of all visits
   */
  public static Reconciliation of(
      List<Observed> observed, Map<String, VisitAccess> states, GrantKeys keys, Instant now) {
    List<Finding> findings = new ArrayList<>();
    Set<String> there = new HashSet<>();
    int foreign = 0;
    for (Observed object : observed) {
      Optional<String> visit = keys.visit(object.key());
      if (visit.isEmpty()) {
        foreign++;
        continue;
      }
      VisitAccess state = states.getOrDefault(visit.get(), VisitAccess.NONE);
      cards(object, state, keys)
          .forEach(kind -> findings.add(new Finding(kind, visit.get(), object.key())));
      if (object.active()) {
        there.add(visit.get());
        switch (state.desire()) {
          case Desire.Closed _, Desire.Held _ ->
              findings.add(new Finding(Kind.STRAY, visit.get(), object.key()));
          case Desire.Open(Terms terms, Instant _) -> {
            if (!now.isBefore(terms.until())) {
              findings.add(new Finding(Kind.STRAY, visit.get(), object.key()));
            } else if (isWider(object, terms)) {
              findings.add(new Finding(Kind.WIDER, visit.get(), object.key()));
            }
          }
        }
      }
    }
    states.forEach((visit, state) -> {
      if (state.desire() instanceof Desire.Open(Terms terms, Instant _)
          && state.given().certainty() == Certainty.THERE
          && state.given().sequence() == state.sequence()
          && now.isBefore(terms.until())
          && !there.contains(visit)) {
        findings.add(new Finding(Kind.MISSING, visit, keys.of(visit)));
      }
    });
    return new Reconciliation(findings, foreign);
  }

  private static Set<Kind> cards(Observed object, VisitAccess state, GrantKeys keys) {
    Set<CardNumber> numbers = object.cards();
    if (numbers == null || state.cards().stream().anyMatch(Reconciliation::isUnderWay)) {
      return Set.of();
    }
    Set<String> wanted = new HashSet<>();
    for (Card card : state.cards()) {
      if (card.given() != null && card.given().print() != null) {
        wanted.add(card.given().print());
      }
    }
    Set<Kind> kinds = new LinkedHashSet<>();
    Set<String> there = new HashSet<>();
    numbers.forEach(number -> there.add(keys.print(number)));
    if (!wanted.containsAll(there)) {
      kinds.add(Kind.CARD_STRAY);
    }
    if (!there.containsAll(wanted)) {
      kinds.add(Kind.CARD_MISSING);
    }
    return kinds;
  }

  /** Whether a call about a card may have been made whose answer is not known. */
  private static boolean isUnderWay(Card card) {
    return card.given() != null && !(card.isSame() && card.isSure());
  }

  private static boolean isWider(Observed observed, Terms terms) {
    Instant until = observed.validUntil();
    return until == null
        || until.isAfter(terms.until().plus(ROUNDING))
        || !terms.zones().containsAll(observed.zones());
  }
}
