package dev.vestibule.sink.access;

import dev.vestibule.contract.VisitVersion;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.Rules.Match;
import dev.vestibule.sink.access.Rules.SiteRule;
import dev.vestibule.sink.access.VisitAccess.Cause;
import dev.vestibule.sink.access.VisitAccess.Certainty;
import dev.vestibule.sink.access.VisitAccess.Desire.Closed;
import dev.vestibule.sink.access.VisitAccess.Desire.Held;
import dev.vestibule.sink.access.VisitAccess.Desire.Open;
import dev.vestibule.sink.access.VisitAccess.Given;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about one visit at one target: what a fact changes, which move follows, and what the
 * target's answer means. Knows neither clock nor store nor wire.
 *
 * <p>A revoke is never dropped for its version: one that was not seen before closes, and counts as
 * newer than what it closes. A grant opens only if it is newer than every grant and every revoke
 * that was taken before. What is wanted is written down before anybody is asked to do it, so after
 * a crash the state tells what may be at the target.
 */
public final class AccessMachine {
  /** Rank of the revokes within a version. */
  private static final int REVOKING = 3;

  private static final String NAMELESS = "Visitor";

  private final Rules rules;
  private final String target;
  private final Set<String> sources;
  private final Set<String> screened;
  private final boolean readsBack;
  private final CardMachine cards;

  /**
   * @param target name of the sink, as the rules call it
   * @param screened sources that ask at the door, so that their visits need an approval
   * @param readsBack whether the target can be asked what is there
   * @param opensCards whether sealed card numbers can be opened here; where not, cards are reported
   *     and none is assigned
   */
  public AccessMachine(
      Rules rules, String target, Set<String> screened, boolean readsBack, boolean opensCards) {
    this.rules = rules;
    this.target = target;
    this.sources = rules.sources(target);
    this.screened = Set.copyOf(screened);
    this.readsBack = readsBack;
    this.cards = new CardMachine(rules, target, opensCards);
  }

  /** What a fact changes. Taking it twice changes nothing more. */
  public Step take(VisitAccess before, Fact fact, Instant now) {
    List<Report> reports = new ArrayList<>();
    VisitAccess state = tick(before, now, reports);
    return switch (fact) {
      case Fact.Decided decided ->
          weighed(state, state.with(state.approvals().with(decided)), now, reports);
      case Fact.Reviewed reviewed -> {
        VisitAccess next = state.with(state.approvals().with(reviewed));
        if (state.approvals().refusedAt() == null && next.approvals().refusedAt() != null) {
          next = CardMachine.unwanted(next, now);
        }
        yield weighed(
            state,
            next.approvals().refusedAt() != null && !(next.desire() instanceof Closed)
                ? next.wanting(new Closed(Cause.REFUSED, now), now)
                : next,
            now,
            reports);
      }
      case Fact.Reported reported -> withCards(state, reported, now, reports);
    };
  }

  /** The visit first: what closes it takes its cards too. */
  private Step withCards(VisitAccess state, Fact.Reported fact, Instant now, List<Report> reports) {
    if (fact.event().getType() == EventType.CREDENTIAL_CHANGED) {
      CardMachine.Taken taken = cards.take(state, fact, now, reports);
      Ruling ruling = taken.ruling();
      return new Step(taken.state(), ruling == null ? Ruling.NO_RULE : ruling, reports);
    }
    Step step = reported(state, fact, now, reports);
    CardMachine.Taken taken = cards.take(step.state(), fact, now, reports);
    return new Step(taken.state(), step.ruling(), taken.ruling(), reports);
  }

  /** Takes back the cards of an id: they are said to be another visit's, or nobody's. */
  Step takeBack(VisitAccess before, String card, Fact.Reported fact, Instant now) {
    List<Report> reports = new ArrayList<>();
    VisitAccess state = tick(before, now, reports);
    CardMachine.Taken taken = cards.returned(state, card, fact, now);
    Ruling ruling = taken.ruling();
    return new Step(taken.state(), ruling == null ? Ruling.NO_RULE : ruling, reports);
  }

  /** What the time alone changes. */
  VisitAccess tick(VisitAccess state, Instant now, List<Report> reports) {
    return cards.tick(ticked(state, now, reports), now, reports);
  }

  private VisitAccess ticked(VisitAccess state, Instant now, List<Report> reports) {
    return switch (state.desire()) {
      case Closed _ -> state;
      case Held(Terms terms, Instant _) ->
          now.isBefore(terms.until()) ? state : state.wanting(new Closed(Cause.ENDED, now), now);
      case Open(Terms terms, Instant _) when !now.isBefore(terms.until()) ->
          state.wanting(new Closed(Cause.ENDED, now), now);
      case Open(Terms terms, Instant notAfter) -> {
        // What may be there is looked at first, and kept when it is what was wanted.
        if (now.isBefore(notAfter) || isGiven(state) || isToBeSeen(state)) {
          yield state;
        }
        reports.add(Report.of(Report.Kind.EXPIRED, terms));
        yield state.wanting(new Closed(Cause.EXPIRED, now), now);
      }
    };
  }

  private Step weighed(VisitAccess before, VisitAccess state, Instant now, List<Report> reports) {
    VisitAccess after = settled(state, now);
    Ruling ruling =
        after.equals(before)
            ? Ruling.NOTED
            : before.desire().equals(after.desire())
                ? Ruling.NOTED
                : after.desire() instanceof Open ? Ruling.OPENS : Ruling.CLOSES;
    return new Step(after, ruling, reports);
  }

  private Step reported(VisitAccess state, Fact.Reported fact, Instant now, List<Report> reports) {
    EventType type = fact.event().getType();
    if (VisitVersion.revokes(type) || Live.doubts(type)) {
      return closing(state, fact, now, reports);
    }
    VisitAccess next = state;
    if (Live.clears(type) && Live.refusal(fact) == null) {
      next = settled(state.cleared(VisitVersion.of(fact.event())), now);
    }
    if (!Rules.OPENING.contains(type)) {
      return weighed(state, next, now, reports);
    }
    Step step = opening(next, fact, now, reports);
    // What only clears is no refusal.
    return step.ruling() == Ruling.NO_RULE && !next.equals(state)
        ? weighed(state, next, now, reports)
        : step;
  }

  /** Takes access away, whatever else is known, however old or doubtful the fact is. */
  private Step closing(VisitAccess state, Fact.Reported fact, Instant now, List<Report> reports) {
    VisitorEvent event = fact.event();
    boolean unheardOf = state.granted() == null && state.revoked() == null;
    Match place = rules.match(target, event.getSource(), event.getSite().getId(), event.getType());
    if (unheardOf && (place instanceof Match.Elsewhere || !sources.contains(event.getSource()))) {
      return new Step(state, Ruling.ELSEWHERE, reports);
    }
    if (state.revokes().contains(event.getEventId())) {
      return new Step(state, Ruling.KNOWN, reports);
    }
    VisitVersion tombstone = tombstone(state.granted(), VisitVersion.of(event));
    VisitAccess next =
        state.revoked(VisitAccess.newer(state.revoked(), tombstone), event.getEventId());
    if (Live.doubts(event.getType())) {
      next = next.doubted(VisitVersion.of(event));
    }
    if (!(next.desire() instanceof Closed)) {
      next = next.wanting(new Closed(Cause.REVOKED, now), now);
    } else if (unheardOf && !(place instanceof Match.Unknown)) {
      // The state may have been lost while something is open: one call makes sure.
      next = next.wanting(new Closed(Cause.REVOKED, now), now).with(Given.UNSURE);
    }
    next = CardMachine.unwanted(next, now);
    if (event.getType() == EventType.ERASED) {
      next = next.erasing(true);
    }
    return new Step(next, Ruling.CLOSES, reports);
  }

  /** A revoke counts as newer than what it closes, so that no revision of that opens again. */
  static VisitVersion tombstone(@Nullable VisitVersion floor, VisitVersion revoke) {
    return floor == null || revoke.compareTo(floor) > 0
        ? revoke
        : new VisitVersion(floor.effectiveAt(), REVOKING, revoke.arrivedAt(), revoke.eventId());
  }

  private Step opening(VisitAccess state, Fact.Reported fact, Instant now, List<Report> reports) {
    VisitorEvent event = fact.event();
    Ruling refusal = Live.refusal(fact);
    if (refusal != null) {
      return new Step(state, refusal, reports);
    }
    return switch (rules.match(
        target, event.getSource(), event.getSite().getId(), event.getType())) {
      case Match.Unknown _ -> {
        reports.add(Report.of(Report.Kind.UNKNOWN_SITE, fact));
        yield new Step(state, Ruling.UNKNOWN_SITE, reports);
      }
      case Match.Elsewhere _ -> new Step(state, Ruling.ELSEWHERE, reports);
      case Match.Silent _ -> new Step(state, Ruling.NO_RULE, reports);
      case Match.Opens(SiteRule rule) -> opening(state, fact, rule, now, reports);
    };
  }

  private Step opening(
      VisitAccess state, Fact.Reported fact, SiteRule rule, Instant now, List<Report> reports) {
    VisitVersion version = VisitVersion.of(fact.event());
    Ruling order = order(state, version, fact.event().getType());
    if (order != null) {
      return new Step(state, order, reports);
    }
    WindowRule.Span span = rule.window().of(fact.event());
    if (span == null) {
      reports.add(Report.of(Report.Kind.NO_WINDOW, fact));
      return new Step(state, Ruling.NO_WINDOW, reports);
    }
    if (!now.isBefore(span.until())) {
      // Newer than what is open: the visit is said to be over.
      return new Step(
          state.desire() instanceof Closed
              ? state
              : state.granted(version).wanting(new Closed(Cause.ENDED, now), now),
          Ruling.WINDOW_OVER,
          reports);
    }
    Terms terms = terms(fact, rule, span);
    if (!now.isBefore(fresh(state, terms))) {
      return new Step(state, Ruling.STALE, reports);
    }
    VisitAccess next = state.granted(version).erasing(false);
    Ruling missing = missing(next, terms);
    if (missing != null) {
      reports.add(Report.of(Report.Kind.HELD, fact));
      return new Step(next.wanting(new Held(terms, now), now), missing, reports);
    }
    if (state.desire() instanceof Open(Terms open, Instant _)
        && isGiven(state)
        && sameAtTarget(open, terms)) {
      return new Step(next, Ruling.OPENS, reports);
    }
    return new Step(next.wanting(open(next, terms), now), Ruling.OPENS, reports);
  }

  private static @Nullable Ruling order(VisitAccess state, VisitVersion version, EventType type) {
    VisitVersion revoked = state.revoked();
    VisitVersion granted = state.granted();
    if (revoked != null && version.compareTo(revoked) <= 0) {
      return Ruling.REVOKED;
    }
    if (granted != null && version.compareTo(granted) <= 0) {
      return version.equals(granted) ? Ruling.KNOWN : Ruling.OLDER;
    }
    return type == EventType.UPDATED && state.desire() instanceof Closed
        ? Ruling.NOTHING_TO_CHANGE
        : null;
  }

  private Terms terms(Fact.Reported fact, SiteRule rule, WindowRule.Span span) {
    VisitorEvent event = fact.event();
    String name = event.getPerson().getFullName();
    return new Terms(
        event.getEventId(),
        event.getSource(),
        screened.contains(event.getSource()),
        span.from(),
        span.until(),
        Live.until(fact, rules.maxAge()),
        rule.zones(),
        name == null ? NAMELESS : name,
        event.getPerson().getEmail());
  }

  /** Opens what was held as soon as nothing is missing, and holds what something is missing of. */
  private VisitAccess settled(VisitAccess state, Instant now) {
    return switch (state.desire()) {
      case Held(Terms terms, Instant _)
          when missing(state, terms) == null && now.isBefore(fresh(state, terms)) ->
          state.wanting(open(state, terms), now);
      case Open(Terms terms, Instant _) when missing(state, terms) != null ->
          state.wanting(new Held(terms, now), now);
      case Held _, Open _, Closed _ -> state;
    };
  }

  private static @Nullable Ruling missing(VisitAccess state, Terms terms) {
    if (doubted(state)) {
      return Ruling.HOLDS_DOUBTED;
    }
    boolean refused = state.approvals().refusedAt() != null;
    // A source that asks though it has no section for it is believed where it got an answer.
    boolean asks = terms.screened() || !state.approvals().decisions().isEmpty();
    return refused || (asks && !state.approvals().approve()) ? Ruling.HOLDS_UNAPPROVED : null;
  }

  private static boolean doubted(VisitAccess state) {
    VisitVersion doubted = state.doubted();
    if (doubted == null) {
      return false;
    }
    Instant approvedAt = state.approvals().approvedAt();
    boolean cleared =
        (state.cleared() != null && state.cleared().compareTo(doubted) > 0)
            || (approvedAt != null && !approvedAt.isBefore(doubted.arrivedAt()));
    return !cleared;
  }

  private Open open(VisitAccess state, Terms terms) {
    Instant fresh = fresh(state, terms);
    return new Open(terms, fresh.isBefore(terms.until()) ? fresh : terms.until());
  }

  /** Until when the fact, or a person's approval, is fresh enough to open a door. */
  private Instant fresh(VisitAccess state, Terms terms) {
    return Live.until(state.approvals(), terms.freshUntil(), rules.maxAge());
  }

  private static boolean sameAtTarget(Terms a, Terms b) {
    return a.from().equals(b.from())
        && a.until().equals(b.until())
        && a.zones().equals(b.zones())
        && a.name().equals(b.name());
  }

  /** Whether the target is known to have what is wanted. */
  private static boolean isGiven(VisitAccess state) {
    return state.given().equals(Given.as(state.sequence()));
  }

  private boolean isToBeSeen(VisitAccess state) {
    return readsBack && state.given().certainty() == Certainty.UNSURE;
  }

  /**
   * What is to be done next. The state must have been {@link #tick ticked}.
   *
   * @param key what the target knows the visit by
   * @param locked whether a lockdown is on: nothing is given then
   */
  Move next(VisitAccess state, GrantKey key, boolean locked, Instant now) {
    Optional<Move> back =
        state.desire() instanceof Open ? cards.back(state, locked) : Optional.empty();
    return back.orElseGet(() -> nextOfVisit(state, key, locked, now));
  }

  private Move nextOfVisit(VisitAccess state, GrantKey key, boolean locked, Instant now) {
    return switch (state.desire()) {
      case Open(Terms terms, Instant _) when isGiven(state) -> {
        Move rest = rest(state, terms.until());
        yield locked ? rest : cards.out(state, now).orElse(rest);
      }
      case Open _ when isToBeSeen(state) -> new Move.Look(state.sequence());
      // What is not as wanted cannot be put right now, and may be more than is wanted. The number
      // is above that of what was given, for targets that pass over older ones.
      case Open _ when locked && state.given().certainty() != Certainty.NOTHING ->
          new Move.Take(state.sequence() + 1);
      case Open(Terms _, Instant notAfter) when locked -> rest(state, notAfter);
      case Open(Terms terms, Instant notAfter) -> new Move.Give(grant(state, key, terms, notAfter));
      case Closed _, Held _ when isSomethingThere(state) -> new Move.Take(state.sequence());
      case Closed _ when state.erase() -> new Move.Forget();
      case Held(Terms terms, Instant _) -> rest(state, terms.until());
      case Closed _ -> rest(state, null);
    };
  }

  private Move rest(VisitAccess state, @Nullable Instant until) {
    Instant expiry = cards.expiry(state);
    return new Move.Rest(
        until == null || (expiry != null && expiry.isBefore(until)) ? expiry : until);
  }

  private static boolean isSomethingThere(VisitAccess state) {
    return state.given().certainty() != Certainty.NOTHING
        || state.cards().stream().anyMatch(card -> card.given() != null);
  }

  private static Grant grant(VisitAccess state, GrantKey key, Terms terms, Instant notAfter) {
    return new Grant(
        key,
        state.sequence(),
        terms.from(),
        terms.until(),
        notAfter,
        terms.zones(),
        terms.name(),
        terms.email());
  }

  /** What is written before a move is made: that it may have happened. */
  VisitAccess intending(VisitAccess state, Move move) {
    return switch (move) {
      case Move.Give _ -> state.with(Given.UNSURE);
      case Move.Take(long sequence) when sequence > state.sequence() ->
          state.renumbered(sequence + 1);
      case Move.Assign assign -> cards.intending(state, assign);
      case Move.Return back -> cards.intending(state, back);
      case Move.Take _, Move.Look _, Move.Forget _, Move.Rest _ -> state;
    };
  }

  /**
   * What an answer means, for the state as it is now: something else may be wanted since the move.
   */
  VisitAccess answered(
      VisitAccess state, Move move, Reply reply, Instant now, List<Report> reports) {
    return switch (move) {
      case Move.Rest _ -> state;
      case Move.Give(Grant grant) -> given(state, grant, reply, now, reports);
      case Move.Look(long sequence) ->
          reply instanceof Reply.Found found && state.desire() instanceof Open open
              ? looked(state, seen(open.terms(), sequence, found))
              : state;
      case Move.Take _ ->
          reply instanceof Reply.Done ? CardMachine.swept(state.with(Given.NOTHING)) : state;
      case Move.Assign assign -> cards.answered(state, assign, reply, now, reports);
      case Move.Return back -> cards.answered(state, back, reply, now, reports);
      case Move.Forget _ ->
          reply instanceof Reply.Done || failed(reply, Kind.REJECTED)
              ? state.erasing(false)
              : state;
    };
  }

  private VisitAccess given(
      VisitAccess state, Grant grant, Reply reply, Instant now, List<Report> reports) {
    if (reply instanceof Reply.Done) {
      // Whoever cannot be asked may have passed over what came too late, and say so to nobody.
      return readsBack || now.isBefore(grant.notAfter().truncatedTo(ChronoUnit.SECONDS))
          ? state.with(Given.as(grant.sequence()))
          : state;
    }
    if (failed(reply, Kind.REJECTED)
        && state.sequence() == grant.sequence()
        && state.desire() instanceof Open(Terms terms, Instant _)) {
      // Part of it may be there, so it is swept.
      reports.add(Report.of(Report.Kind.REJECTED, terms));
      return state.wanting(new Closed(Cause.REJECTED, now), now);
    }
    return state;
  }

  private static boolean failed(Reply reply, Kind kind) {
    return reply instanceof Reply.Failed(var failure) && failure.kind() == kind;
  }

  /** Whoever is not there has no cards either. */
  private static VisitAccess looked(VisitAccess state, Given seen) {
    VisitAccess next = state.with(seen);
    return seen.equals(Given.NOTHING) ? CardMachine.doubted(next) : next;
  }

  /** Adopts what is there when it is what is wanted. */
  private static Given seen(Terms terms, long sequence, Reply.Found found) {
    if (found.observed().isEmpty()) {
      return Given.NOTHING;
    }
    Observed observed = found.observed().get();
    Instant until = observed.validUntil();
    boolean wanted =
        observed.active()
            && until != null
            && until
                .truncatedTo(ChronoUnit.SECONDS)
                .equals(terms.until().truncatedTo(ChronoUnit.SECONDS))
            && observed.zones().equals(terms.zones());
    return wanted ? Given.as(sequence) : Given.OTHER;
  }

  /** Since when a revoke waits, or null where none does. */
  static @Nullable Instant pendingSince(VisitAccess state) {
    return switch (state.desire()) {
      case Closed(Cause _, Instant since) when isSomethingThere(state) -> since;
      case Held(Terms _, Instant since) when isSomethingThere(state) -> since;
      case Closed _, Held _ -> null;
      case Open _ -> CardMachine.pendingSince(state);
    };
  }
}
