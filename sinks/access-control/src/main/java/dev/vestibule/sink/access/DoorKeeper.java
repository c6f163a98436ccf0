package dev.vestibule.sink.access;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.CardNumber;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Carries out at one target what the states want. A fact is durable before {@link #take} returns,
 * also while a call about the same visit is under way; {@link #drive} then reads the state anew
 * before each call, so that what is called is what is wanted then. One call for each visit at a
 * time. Safe for several threads.
 *
 * <p>Nothing that matters is kept here: a new keeper over the same states goes on where the last
 * one was killed, once {@link #visits} have been driven.
 */
public final class DoorKeeper {
  /** A visit that does not come to rest within these moves comes back later. */
  private static final int MOVES = 12;

  private final AccessMachine machine;
  private final Rules rules;
  private final AccessTarget target;
  private final String name;
  private final GrantKeys keys;
  private final States states;
  private final InstantSource clock;
  private final BiConsumer<@Nullable String, Report> reports;
  private final SealedCards cards;
  private final KeyLocks stateLocks = new KeyLocks();
  private final KeyLocks callLocks = new KeyLocks();
  private final ReentrantLock lockdownState = new ReentrantLock();
  private final ReentrantLock lockdownCalls = new ReentrantLock(true);
  private final PriorityQueue<Due> timers = new PriorityQueue<>();

  private record Due(Instant at, String visit) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return at.compareTo(other.at);
    }
  }

  /** How far a visit is. */
  public sealed interface Outcome {
    /** The target is as wanted. */
    record Settled() implements Outcome {}

    /**
     * Something is left to do: come back.
     *
     * @param failure what stood in the way, or null where there was too much to do at once
     * @param closing whether access is to be taken away, which never ends by itself
     */
    record Pending(@Nullable TargetException failure, boolean closing) implements Outcome {}
  }

  /**
   * @param name of the sink, as the rules call it
   * @param reports takes what people should know, with the visit or null
   * @param credentialKey opens sealed card numbers; null where none is set, and the machine must
   *     know that
   */
  public DoorKeeper(
      AccessMachine machine,
      Rules rules,
      String name,
      AccessTarget target,
      GrantKeys keys,
      States states,
      InstantSource clock,
      BiConsumer<@Nullable String, Report> reports,
      @Nullable IdentityKey credentialKey) {
    this.machine = machine;
    this.rules = rules;
    this.name = name;
    this.target = target;
    this.keys = keys;
    this.states = states;
    this.clock = clock;
    this.reports = reports;
    this.cards = new SealedCards(credentialKey);
  }

  /**
   * Takes a fact about a visit. What it changes is durable on return, and not yet at the target.
   */
  public Ruling take(String visit, Fact fact) {
    return take(visit, (state, now) -> machine.take(state, fact, now));
  }

  private Ruling take(String visit, BiFunction<VisitAccess, Instant, Step> change) {
    try (KeyLocks.Held _ = stateLocks.hold(visit)) {
      VisitAccess before = states.read(visit);
      Step step = change.apply(before, clock.instant());
      write(visit, before, step.state());
      step.reports().forEach(report -> reports.accept(visit, report));
      return step.ruling();
    }
  }

  /**
   * Takes a fact about a card, durable on return. Visits that have the card and are not the one
   * that the fact names give it back; where it names none, nobody gets it.
   *
   * @return the visits that are to be driven
   */
  public Set<String> takeCard(Fact.Reported fact) {
    Set<String> concerned = new LinkedHashSet<>();
    String named = keys.visit(fact.event());
    String card = fact.event().getCredential().getId();
    if (card != null) {
      for (String visit : states.visits()) {
        boolean has = states.read(visit).card(card).filter(Card::isOut).isPresent();
        if (has && !visit.equals(named)) {
          take(visit, (state, now) -> machine.takeBack(state, card, fact, now));
          concerned.add(visit);
        }
      }
    }
    if (named != null) {
      take(named, fact);
      concerned.add(named);
    }
    if (concerned.isEmpty()
        && rules.takesCredentials(name, fact.event().getSource(), fact.event().getSite().getId())) {
      reports.accept(null, Report.of(Report.Kind.CARD_OF_NOBODY, fact));
    }
    return concerned;
  }

  /**
   * Brings the target to what is wanted for a visit, as far as it goes now.
   *
   * @throws InterruptedException a call may or may not have happened; the state knows that
   */
  public Outcome drive(String visit) throws InterruptedException {
    try (KeyLocks.Held _ = callLocks.hold(visit)) {
      for (int i = 0; i < MOVES; i++) {
        Move move = begin(visit);
        if (move instanceof Move.Rest) {
          return new Outcome.Settled();
        }
        Reply reply = perform(visit, move);
        finish(visit, move, reply);
        if (reply instanceof Reply.Failed(TargetException failure)
            && (failure.kind() != Kind.REJECTED || isClosing(move))) {
          return new Outcome.Pending(failure, isClosing(move));
        }
      }
      return new Outcome.Pending(null, false);
    }
  }

  private static boolean isClosing(Move move) {
    return move instanceof Move.Take || move instanceof Move.Return;
  }

  /** The next move about a visit, after it was written down that it may have been made. */
  Move begin(String visit) {
    try (KeyLocks.Held _ = stateLocks.hold(visit)) {
      Instant now = clock.instant();
      List<Report> found = new ArrayList<>();
      VisitAccess before = states.read(visit);
      VisitAccess state = machine.tick(before, now, found);
      Move move = machine.next(state, keys.of(visit), states.lockdowns().on(), now);
      write(visit, before, machine.intending(state, move));
      if (move instanceof Move.Rest(Instant until) && until != null) {
        remind(until, visit);
      }
      found.forEach(report -> reports.accept(visit, report));
      return move;
    }
  }

  /** Makes a move. */
  Reply perform(String visit, Move move) throws InterruptedException {
    GrantKey key = keys.of(visit);
    try {
      return switch (move) {
        case Move.Rest _ -> new Reply.Done();
        case Move.Look _ -> new Reply.Found(target.find(key));
        case Move.Give give -> {
          target.ensureGranted(give.grant());
          yield new Reply.Done();
        }
        case Move.Take take -> {
          target.ensureRevoked(key, take.sequence());
          yield new Reply.Done();
        }
        case Move.Assign assign -> {
          Optional<CardNumber> number = cards.number(assign.sealed());
          if (number.isEmpty()) {
            yield new Reply.Unopened();
          }
          target.assignCard(key, number.get().value());
          yield new Reply.Assigned(keys.print(number.get()));
        }
        case Move.Return back -> {
          Optional<CardNumber> number = cards.number(back.sealed());
          if (number.isEmpty()) {
            yield new Reply.Unopened();
          }
          target.returnCard(key, number.get().value());
          yield new Reply.Done();
        }
        case Move.Forget _ -> {
          target.erase(key);
          yield new Reply.Done();
        }
      };
    } catch (TargetException e) {
      return new Reply.Failed(e);
    }
  }

  /** Writes down what the answer to a move means. */
  void finish(String visit, Move move, Reply reply) {
    try (KeyLocks.Held _ = stateLocks.hold(visit)) {
      Instant now = clock.instant();
      List<Report> found = new ArrayList<>();
      VisitAccess before = states.read(visit);
      VisitAccess state = machine.answered(before, move, reply, now, found);
      write(visit, before, state);
      Instant since = AccessMachine.pendingSince(state);
      if (since != null && !now.isBefore(since.plus(rules.alarmAfter()))) {
        found.add(new Report(Report.Kind.REVOKE_OVERDUE, null, null, null));
      }
      found.forEach(report -> reports.accept(visit, report));
    }
  }

  private void write(String visit, VisitAccess before, VisitAccess after) {
    if (!after.equals(before)) {
      states.write(visit, after);
    }
  }

  /**
   * Takes note that the target may have something else of a visit than was last heard, as a
   * comparison found out. The next {@link #drive} makes it as it is wanted then.
   */
  public void doubt(String visit) {
    try (KeyLocks.Held _ = stateLocks.hold(visit)) {
      VisitAccess before = states.read(visit);
      write(visit, before, before.with(VisitAccess.Given.UNSURE));
    }
  }

  /** What is known of a visit. */
  VisitAccess state(String visit) {
    return states.read(visit);
  }

  /** Forgets a visit that nothing is wanted of, and nothing is left of. */
  void forget(String visit) {
    try (KeyLocks.Held _ = callLocks.hold(visit);
        KeyLocks.Held _ = stateLocks.hold(visit)) {
      VisitAccess state = states.read(visit);
      if (state.desire() instanceof VisitAccess.Desire.Closed
          && state.given().certainty() == VisitAccess.Certainty.NOTHING
          && !state.erase()) {
        states.forget(visit);
      }
    }
  }

  private void remind(Instant until, String visit) {
    synchronized (timers) {
      timers.add(new Due(until, visit));
    }
  }

  /** Visits whose time has come since the last call; they are to be driven. */
  public List<String> due() {
    Instant now = clock.instant();
    List<String> due = new ArrayList<>();
    synchronized (timers) {
      for (Due first = timers.peek();
          first != null && !now.isBefore(first.at());
          first = timers.peek()) {
        due.add(first.visit());
        timers.remove();
      }
    }
    return due;
  }

  /** All visits; driven once after a start, they are as wanted and have their timers again. */
  public Set<String> visits() {
    return states.visits();
  }

  /** Takes an event of a lockdown; durable on return, and from then on nothing is given. */
  public void lockdown(Fact.Reported fact) {
    List<Report> found = new ArrayList<>();
    boolean _ = change(locks -> locks.take(fact, rules, name, clock.instant(), found));
    found.forEach(report -> reports.accept(null, report));
  }

  /** The lockdowns that were ever raised. */
  Lockdowns lockdowns() {
    return states.lockdowns();
  }

  /**
   * A person ends the lockdown of a place; nothing else ever does.
   *
   * @return whether there was one
   */
  public boolean release(String source, String site) {
    return change(locks -> locks.release(new Rules.Place(source, site), clock.instant()));
  }

  /** Brings the target to the lockdowns that are wanted, as far as it goes now. */
  public Outcome driveLockdowns() throws InterruptedException {
    lockdownCalls.lock();
    try {
      Optional<Lockdowns.Order> order = states.lockdowns().next();
      while (order.isPresent()) {
        try {
          if (!perform(order.get()).complete()) {
            return new Outcome.Pending(null, order.get() instanceof Lockdowns.Order.LockDown);
          }
        } catch (TargetException e) {
          return new Outcome.Pending(e, order.get() instanceof Lockdowns.Order.LockDown);
        }
        Lockdowns.Order done = order.get();
        boolean _ = change(locks -> locks.done(done, clock.instant()));
        order = states.lockdowns().next();
      }
      return new Outcome.Settled();
    } finally {
      lockdownCalls.unlock();
    }
  }

  private Lockdown perform(Lockdowns.Order order) throws TargetException, InterruptedException {
    return switch (order) {
      case Lockdowns.Order.LockDown(var _, Set<String> zones) -> target.lockDown(zones);
      case Lockdowns.Order.Release(var _, Set<String> zones) when zones.isEmpty() ->
          new Lockdown(Set.of());
      case Lockdowns.Order.Release(var _, Set<String> zones) -> target.release(zones);
    };
  }

  private boolean change(UnaryOperator<Lockdowns> change) {
    lockdownState.lock();
    try {
      Lockdowns before = states.lockdowns();
      Lockdowns after = change.apply(before);
      if (!after.equals(before)) {
        states.write(after);
        return true;
      }
      return false;
    } finally {
      lockdownState.unlock();
    }
  }
}
