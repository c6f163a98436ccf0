package dev.vestibule.sink.access;

import dev.vestibule.contract.VisitVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The access of one visit at one target: what is wanted, what may be there, and what is known that
 * speaks for or against it. A value; {@link AccessMachine} makes the next one.
 *
 * @param sequence rises with each change of what is wanted
 * @param granted newest fact that was taken as a reason to open; null before the first
 * @param revoked tombstone: newest fact that closed; nothing at or below it opens
 * @param revokes event ids of the facts that closed, newest last; a copy closes nothing anew
 * @param doubted newest doubt of a vendor; opens only after somebody cleared it
 * @param cleared newest fact that clears doubts
 * @param approvals what was decided at the door and by people
 * @param desire what is wanted
 * @param given what may be at the target
 * @param erase whether the target shall forget the person once nothing is open
 * @param cards what is known of the visit's cards
 */
public record VisitAccess(
    long sequence,
    @Nullable VisitVersion granted,
    @Nullable VisitVersion revoked,
    List<String> revokes,
    @Nullable VisitVersion doubted,
    @Nullable VisitVersion cleared,
    Approvals approvals,
    Desire desire,
    Given given,
    boolean erase,
    List<Card> cards) {

  /** Nothing is known, wanted or there. */
  public static final VisitAccess NONE =
      new VisitAccess(
          0,
          null,
          null,
          List.of(),
          null,
          null,
          new Approvals(Map.of(), null, null),
          new Desire.Closed(Cause.NOTHING, Instant.EPOCH),
          Given.NOTHING,
          false,
          List.of());

  /** A copy of an older revoke than these closes again, which does no harm. */
  private static final int REVOKES_KEPT = 16;

  public VisitAccess {
    revokes = List.copyOf(revokes);
    cards = List.copyOf(cards);
  }

  /** Why nothing is wanted open. */
  public enum Cause {
    /** Nothing asked for it. */
    NOTHING,
    /** A fact took it away. */
    REVOKED,
    /** A person said no. */
    REFUSED,
    /** The window is over. */
    ENDED,
    /** The target could not be told while the fact was fresh. */
    EXPIRED,
    /** The target did not take it. */
    REJECTED
  }

  /** What is wanted. */
  public sealed interface Desire {
    /**
     * @param since when it was closed, for the alarm
     */
    record Closed(Cause cause, Instant since) implements Desire {}

    /**
     * Asked for, but something is missing.
     *
     * @param since when it was held
     */
    record Held(Terms terms, Instant since) implements Desire {}

    /**
     * @param notAfter when it must not be given any more
     */
    record Open(Terms terms, Instant notAfter) implements Desire {}
  }

  /**
   * What may be at the target.
   *
   * @param sequence what it was given as last; 0 where that is not known
   */
  public record Given(Certainty certainty, long sequence) {
    static final Given NOTHING = new Given(Certainty.NOTHING, 0);
    static final Given UNSURE = new Given(Certainty.UNSURE, 0);

    /** It is there, as something else than what is wanted. */
    static final Given OTHER = new Given(Certainty.THERE, 0);

    static Given as(long sequence) {
      return new Given(Certainty.THERE, sequence);
    }
  }

  /** How sure we are. */
  public enum Certainty {
    NOTHING,
    UNSURE,
    THERE
  }

  /**
   * What was decided at the door and by people.
   *
   * @param decisions by decision id: true while all its records approve
   * @param approvedAt when a person last said yes; null where nobody did, or said no since
   * @param refusedAt when a person last said no; null where nobody did, or said yes since
   */
  public record Approvals(
      Map<String, Boolean> decisions, @Nullable Instant approvedAt, @Nullable Instant refusedAt) {
    public Approvals {
      decisions = Map.copyOf(decisions);
    }

    Approvals with(Fact.Decided decided) {
      Map<String, Boolean> all = new TreeMap<>(decisions);
      all.merge(decided.decisionId(), decided.approved(), Boolean::logicalAnd);
      return new Approvals(all, approvedAt, refusedAt);
    }

    /** The newest word of a person counts; at the same time it is the no. */
    Approvals with(Fact.Reviewed reviewed) {
      Instant at = reviewed.at();
      Instant last = approvedAt == null ? refusedAt : approvedAt;
      if (last != null && (at.isBefore(last) || (at.equals(last) && reviewed.approved()))) {
        return this;
      }
      return reviewed.approved()
          ? new Approvals(decisions, at, null)
          : new Approvals(decisions, null, at);
    }

    /** Whether a screened visit may be let in. */
    boolean approve() {
      return approvedAt != null || (refusedAt == null && decisions.containsValue(true));
    }
  }

  /** Wants something else; where that is nothing, no cards either. */
  VisitAccess wanting(Desire next, Instant now) {
    return next.equals(desire)
        ? this
        : new VisitAccess(
            // Rises also where a state was lost: a target that keeps the last one takes the next.
            Math.max(sequence + 1, now.toEpochMilli()),
            granted,
            revoked,
            revokes,
            doubted,
            cleared,
            approvals,
            next,
            given,
            erase,
            next instanceof Desire.Closed
                ? cards.stream().map(card -> card.unwanted(now)).toList()
                : cards);
  }

  /** Wants the same under another number; what was given before is not it. */
  VisitAccess renumbered(long next) {
    return new VisitAccess(
        next, granted, revoked, revokes, doubted, cleared, approvals, desire, given, erase, cards);
  }

  VisitAccess granted(VisitVersion version) {
    return new VisitAccess(
        sequence, version, revoked, revokes, doubted, cleared, approvals, desire, given, erase,
        cards);
  }

  VisitAccess revoked(VisitVersion version, String eventId) {
    List<String> all = new ArrayList<>(revokes);
    all.add(eventId);
    List<String> kept = all.subList(Math.max(0, all.size() - REVOKES_KEPT), all.size());
    return new VisitAccess(
        sequence, granted, version, kept, doubted, cleared, approvals, desire, given, erase, cards);
  }

  VisitAccess doubted(VisitVersion version) {
    return new VisitAccess(
        sequence,
        granted,
        revoked,
        revokes,
        newer(doubted, version),
        cleared,
        approvals,
        desire,
        given,
        erase,
        cards);
  }

  VisitAccess cleared(VisitVersion version) {
    return new VisitAccess(
        sequence,
        granted,
        revoked,
        revokes,
        doubted,
        newer(cleared, version),
        approvals,
        desire,
        given,
        erase,
        cards);
  }

  VisitAccess with(Approvals next) {
    return new VisitAccess(
        sequence, granted, revoked, revokes, doubted, cleared, next, desire, given, erase, cards);
  }

  VisitAccess with(Given next) {
    return new VisitAccess(
        sequence, granted, revoked, revokes, doubted, cleared, approvals, desire, next, erase,
        cards);
  }

  VisitAccess erasing(boolean next) {
    return new VisitAccess(
        sequence, granted, revoked, revokes, doubted, cleared, approvals, desire, given, next,
        cards);
  }

  Optional<Card> card(String id) {
    return cards.stream().filter(card -> card.id().equals(id)).findFirst();
  }

  /** With this card in place of the one of its id. */
  VisitAccess with(Card card) {
    List<Card> all = new ArrayList<>(cards);
    all.replaceAll(other -> other.id().equals(card.id()) ? card : other);
    if (card(card.id()).isEmpty()) {
      all.add(card);
    }
    return withCards(all);
  }

  VisitAccess withCards(List<Card> all) {
    return new VisitAccess(
        sequence, granted, revoked, revokes, doubted, cleared, approvals, desire, given, erase,
        all);
  }

  static VisitVersion newer(@Nullable VisitVersion a, VisitVersion b) {
    return a == null || a.compareTo(b) < 0 ? b : a;
  }
}
