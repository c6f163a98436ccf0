package dev.vestibule.sink.access;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Desire;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about the cards of one visit. A card is assigned under the rules of a grant and only
 * while the visit is open; it is taken back by whatever says that it was, however old or doubtful
 * that is, and with the visit. A card that changes is taken back before the new one is assigned.
 */
final class CardMachine {
  /** States of a credential that give it to somebody. All others take it back. */
  private static final Set<String> ASSIGNING = Set.of("assigned", "changed");

  /** More cards than anybody holds. */
  private static final int MOST = 16;

  private final Rules rules;
  private final String target;
  private final boolean opensCards;

  CardMachine(Rules rules, String target, boolean opensCards) {
    this.rules = rules;
    this.target = target;
    this.opensCards = opensCards;
  }

  /**
   * What a fact changes about the cards.
   *
   * @param ruling null where it says nothing about cards
   */
  record Taken(VisitAccess state, @Nullable Ruling ruling) {}

  /** What a fact about this visit changes. */
  Taken take(VisitAccess state, Fact.Reported fact, Instant now, List<Report> reports) {
    VisitorEvent event = fact.event();
    AccessCredential credential = event.getCredential();
    boolean own = event.getType() != EventType.CREDENTIAL_CHANGED;
    String id = own || credential.getId() == null ? Card.OWN : credential.getId();
    Card known = state.card(id).orElse(null);
    if (own && credential.getState() == null) {
      return absent(state, known, event, now);
    }
    if (!isAssigning(credential)) {
      return returned(state, id, fact, now);
    }
    if (known != null && VisitVersion.of(event).compareTo(known.newest()) <= 0) {
      boolean same = VisitVersion.of(event).equals(known.newest());
      return new Taken(state, same ? Ruling.KNOWN : Ruling.OLDER);
    }
    if (!isRuled(event)) {
      return own ? absent(state, known, event, now) : unruled(state, known, event, now);
    }
    return assigned(state, id, known, fact, now, reports);
  }

  private static boolean isAssigning(AccessCredential credential) {
    String word = credential.getState();
    return word != null && ASSIGNING.contains(word.toLowerCase(Locale.ROOT));
  }

  private boolean isRuled(VisitorEvent event) {
    return rules.takesCredential(
        target, event.getSource(), event.getSite().getId(), event.getCredential().getKind());
  }

  /** A whole report of a visit that tells of no card: there is none any more. */
  private static Taken absent(
      VisitAccess state, @Nullable Card known, VisitorEvent event, Instant now) {
    VisitVersion version = VisitVersion.of(event);
    return known == null
            || known.wanted() == null
            || event.getVisit().getStatus() == null
            || version.compareTo(known.newest()) <= 0
        ? new Taken(state, null)
        : new Taken(state.with(known.wanting(null, version, now)), Ruling.RETURNS);
  }

  /** A card of which something newer is told that no rule names, such as another kind. */
  private Taken unruled(VisitAccess state, @Nullable Card known, VisitorEvent event, Instant now) {
    return known == null
            || known.wanted() == null
            || !rules.takesCredentials(target, event.getSource(), event.getSite().getId())
        ? new Taken(state, Ruling.NO_RULE)
        : new Taken(state.with(known.wanting(null, VisitVersion.of(event), now)), Ruling.RETURNS);
  }

  /** Takes a card back, whatever else is known. */
  Taken returned(VisitAccess state, String id, Fact.Reported fact, Instant now) {
    VisitorEvent event = fact.event();
    VisitVersion version = VisitVersion.of(event);
    Optional<Card> known = state.card(id);
    if (known.isPresent() && known.get().returns().contains(event.getEventId())) {
      return new Taken(state, Ruling.KNOWN);
    }
    if (known.isPresent()) {
      VisitVersion tombstone = AccessMachine.tombstone(known.get().newest(), version);
      return new Taken(
          state.with(known.get().wanting(null, tombstone, now).returnedBy(event.getEventId())),
          Ruling.RETURNS);
    }
    String fingerprint = event.getCredential().getFingerprint();
    String sealed = sealed(event);
    if (!isRuled(event) || isFull(state)) {
      return new Taken(state, Ruling.NO_RULE);
    }
    // The state may have been lost while the card is out: one call makes sure.
    Card.Given given =
        opensCards && fingerprint != null && sealed != null
            ? new Card.Given(fingerprint, sealed, false, 0, null)
            : null;
    return new Taken(
        state.with(new Card(id, version, List.of(event.getEventId()), null, now, given)),
        Ruling.RETURNS);
  }

  private Taken assigned(
      VisitAccess state,
      String id,
      @Nullable Card known,
      Fact.Reported fact,
      Instant now,
      List<Report> reports) {
    VisitorEvent event = fact.event();
    VisitVersion version = VisitVersion.of(event);
    String fingerprint = event.getCredential().getFingerprint();
    String sealed = sealed(event);
    Instant freshUntil = Live.until(fact, rules.maxAge());
    Ruling refusal = refusal(state, known, fact, freshUntil, now);
    if (refusal == null && fingerprint != null && sealed != null && opensCards) {
      Card card = known == null ? new Card(id, version, List.of(), null, now, null) : known;
      Card.Wanted wanted = new Card.Wanted(fingerprint, sealed, freshUntil);
      return new Taken(state.with(card.wanting(wanted, version, now)), Ruling.ASSIGNS);
    }
    if (refusal == null) {
      reports.add(Report.of(Report.Kind.CARD_UNREADABLE, fact));
    }
    // Not in order, but newer: the card that is out is not the visitor's any more.
    if (known != null
        && known.wanted() != null
        && !known.wanted().fingerprint().equals(fingerprint)) {
      return new Taken(state.with(known.unwanted(now)), Ruling.RETURNS);
    }
    return new Taken(state, refusal == null ? Ruling.CARD_UNREADABLE : refusal);
  }

  private @Nullable Ruling refusal(
      VisitAccess state,
      @Nullable Card known,
      Fact.Reported fact,
      Instant freshUntil,
      Instant now) {
    Ruling refusal = Live.refusal(fact);
    if (refusal != null) {
      return refusal;
    }
    VisitVersion revoked = state.revoked();
    if (revoked != null && VisitVersion.of(fact.event()).compareTo(revoked) <= 0) {
      return Ruling.REVOKED;
    }
    if (!now.isBefore(fresh(state, freshUntil))) {
      return Ruling.STALE;
    }
    return known == null && isFull(state) ? Ruling.TOO_MANY_CARDS : null;
  }

  private static boolean isFull(VisitAccess state) {
    return state.cards().size() >= MOST;
  }

  private static @Nullable String sealed(VisitorEvent event) {
    ByteBuffer sealed = event.getCredential().getSealed();
    if (sealed == null) {
      return null;
    }
    byte[] bytes = new byte[sealed.remaining()];
    sealed.duplicate().get(bytes);
    return Base64.getEncoder().encodeToString(bytes);
  }

  private Instant fresh(VisitAccess state, Instant freshUntil) {
    return Live.until(state.approvals(), freshUntil, rules.maxAge());
  }

  /** What the time alone changes. */
  VisitAccess tick(VisitAccess state, Instant now, List<Report> reports) {
    VisitAccess next = state;
    for (Card card : state.cards()) {
      if (card.wanted() != null
          && !(card.isSame() && card.isSure())
          && !now.isBefore(fresh(state, card.wanted().freshUntil()))) {
        if (state.desire() instanceof Desire.Open) {
          reports.add(Report.of(Report.Kind.CARD_EXPIRED, card));
        }
        next = next.with(card.unwanted(now));
      }
    }
    return next;
  }

  /** A card that is to be taken back. */
  Optional<Move> back(VisitAccess state, boolean locked) {
    for (Card card : state.cards()) {
      Card.Given given = card.given();
      // While nothing may be assigned, it cannot be asked for again to be sure of it.
      if (given != null && (!card.isSame() || (locked && !given.sure()))) {
        return Optional.of(new Move.Return(card.id(), given.fingerprint(), given.sealed()));
      }
    }
    return Optional.empty();
  }

  /** A card that is to be assigned; the visit is open at the target. */
  Optional<Move> out(VisitAccess state, Instant now) {
    for (Card card : state.cards()) {
      Card.Wanted wanted = card.wanted();
      if (wanted != null
          && now.isBefore(fresh(state, wanted.freshUntil()))
          && !isCurrent(card.given(), state.sequence())) {
        return Optional.of(
            new Move.Assign(
                card.id(), wanted.fingerprint(), wanted.sealed(), state.sequence(), card.given()));
      }
    }
    return Optional.empty();
  }

  private static boolean isCurrent(Card.@Nullable Given given, long sequence) {
    return given != null && given.sure() && given.sequence() == sequence;
  }

  /** When what waits to be assigned is too old for it; null where nothing waits. */
  @Nullable Instant expiry(VisitAccess state) {
    Instant first = null;
    for (Card card : state.cards()) {
      Card.Wanted wanted = card.wanted();
      if (wanted != null && !(card.isSame() && card.isSure())) {
        Instant fresh = fresh(state, wanted.freshUntil());
        first = first == null || fresh.isBefore(first) ? fresh : first;
      }
    }
    return first;
  }

  /** What is written before a move is made. */
  VisitAccess intending(VisitAccess state, Move.Assign move) {
    return change(
        state,
        move.card(),
        card -> {
          Card.Given before = card.given();
          String print = before == null ? null : before.print();
          return card.with(
              new Card.Given(move.fingerprint(), move.sealed(), false, move.sequence(), print));
        });
  }

  VisitAccess intending(VisitAccess state, Move.Return move) {
    return change(
        state, move.card(), card -> card.given() == null ? card : card.with(card.given().unsure()));
  }

  /** What an answer means. */
  VisitAccess answered(
      VisitAccess state, Move.Assign move, Reply reply, Instant now, List<Report> reports) {
    Card card = state.card(move.card()).orElse(null);
    if (card == null) {
      return state;
    }
    boolean wanted =
        card.wanted() != null && card.wanted().fingerprint().equals(move.fingerprint());
    return switch (reply) {
      case Reply.Assigned(String print) ->
          state.with(
              card.with(
                  new Card.Given(move.fingerprint(), move.sealed(), true, move.sequence(), print)));
      case Reply.Unopened _ -> {
        // Nothing was called, so what may be there is what may have been before.
        reports.add(Report.of(Report.Kind.CARD_UNREADABLE, card));
        Card before = card.with(move.before());
        yield state.with(wanted ? before.unwanted(now) : before);
      }
      case Reply.Failed(var failure) when failure.kind() == Kind.REJECTED && wanted -> {
        // Part of it may be there, so it is taken back.
        reports.add(Report.of(Report.Kind.CARD_REJECTED, card));
        yield state.with(card.unwanted(now));
      }
      case Reply.Failed _, Reply.Done _, Reply.Found _ -> state;
    };
  }

  VisitAccess answered(
      VisitAccess state, Move.Return move, Reply reply, Instant now, List<Report> reports) {
    return switch (reply) {
      case Reply.Done _ -> change(state, move.card(), card -> card.with(null));
      case Reply.Unopened _ -> {
        // What cannot be named can only be taken away together with the whole visit.
        state
            .card(move.card())
            .ifPresent(card -> reports.add(Report.of(Report.Kind.CARD_UNREADABLE, card)));
        yield state.wanting(new Desire.Closed(Cause.REJECTED, now), now);
      }
      case Reply.Failed _, Reply.Assigned _, Reply.Found _ -> state;
    };
  }

  /** Whoever is let out gives the cards back; new ones need a new fact. */
  static VisitAccess unwanted(VisitAccess state, Instant now) {
    return changeAll(state, card -> card.unwanted(now));
  }

  /** Nothing of a visit is at the target any more. */
  static VisitAccess swept(VisitAccess state) {
    return changeAll(state, card -> card.with(null));
  }

  /** As if the target had done all that is wanted. */
  static VisitAccess delivered(VisitAccess state) {
    return changeAll(
        state,
        card ->
            card.with(
                card.wanted() == null
                    ? null
                    : new Card.Given(
                        card.wanted().fingerprint(),
                        card.wanted().sealed(),
                        true,
                        state.sequence(),
                        null)));
  }

  /** Whether the cards are where they were is not known. */
  static VisitAccess doubted(VisitAccess state) {
    return changeAll(state, card -> card.given() == null ? card : card.with(card.given().unsure()));
  }

  private static VisitAccess changeAll(
      VisitAccess state, java.util.function.UnaryOperator<Card> change) {
    List<Card> all = new ArrayList<>(state.cards());
    all.replaceAll(change);
    return state.withCards(all);
  }

  private static VisitAccess change(
      VisitAccess state, String id, java.util.function.UnaryOperator<Card> change) {
    return state.card(id).map(card -> state.with(change.apply(card))).orElse(state);
  }

  /** Since when a card is to be taken back, or null where none is. */
  static @Nullable Instant pendingSince(VisitAccess state) {
    return state.cards().stream()
        .filter(card -> card.given() != null && !card.isSame())
        .map(Card::since)
        .min(Instant::compareTo)
        .orElse(null);
  }
}
