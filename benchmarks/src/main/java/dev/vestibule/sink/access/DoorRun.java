package dev.vestibule.sink.access;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.EventType;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.DoorPlan.Op;
import dev.vestibule.sink.access.Rules.CredentialRule;
import dev.vestibule.sink.access.Rules.LockdownRule;
import dev.vestibule.sink.access.Rules.Place;
import dev.vestibule.sink.access.Rules.SiteRule;
import dev.vestibule.sink.access.ScriptedTarget.Fault;
import dev.vestibule.sink.access.VisitAccess.Certainty;
import dev.vestibule.sink.access.VisitAccess.Desire;
import dev.vestibule.sink.access.WindowRule.Edge;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.AccessTarget.Capability;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Executes a {@link DoorPlan} against a target and looks at the doors after every step. */
final class DoorRun {
  private static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);
  private static final GrantKeys KEYS = new GrantKeys(IDENTITY, DoorPlan.TARGET);
  private static final List<String> VISITS =
      IntStream.range(0, DoorPlan.MAX_VISITS)
          .mapToObj(visit -> IDENTITY.visit("acme", "visit-" + visit))
          .toList();
  private static final StateFormat FORMAT = new StateFormat(IDENTITY);
  private static final Set<EventType> OPENING =
      EnumSet.of(EventType.SIGNED_IN, EventType.APPROVED, EventType.UPDATED);
  private static final WindowRule WINDOW =
      new WindowRule(
          new Edge(Anchor.EXPECTED, Duration.ofHours(-6)),
          new Edge(Anchor.EXPECTED, Duration.ZERO),
          Duration.ofHours(24));
  private static final Map<DoorTarget, Rules> RULES = new EnumMap<>(DoorTarget.class);

  static {
    for (DoorTarget target : DoorTarget.values()) {
      RULES.put(target, rules(target));
    }
  }

  /** One schedule in so many also writes states as bytes and reads them back. */
  private static final int BYTES_EVERY = 16;

  /** Rounds in which everything must come to rest once nothing goes wrong any more. */
  private static final int ROUNDS = 40;

  private final DoorPlan plan;
  private final DoorTarget kind;
  private final DoorSystem target;
  private final Store states;
  private final List<DoorModel> models = new ArrayList<>();
  private final List<String> visits = new ArrayList<>();
  private final List<GrantKey> keys = new ArrayList<>();
  private final @Nullable Flight[] flights;
  private final boolean[] closed;
  private final boolean[] planted;
  private final List<Set<String>> returned = new ArrayList<>();
  private final Set<String> raised = new HashSet<>();
  private Instant now = DoorPlan.BEGIN;
  private AccessTarget adapter;
  private DoorKeeper keeper;
  private boolean lockWanted;
  private boolean lockAcknowledged;

  /** A call on its way, and its answer once there is one. */
  private record Flight(Move move, @Nullable Reply reply) {}

  private static Rules rules(DoorTarget target) {
    Set<String> locked = target.lockdownZones();
    return new Rules(
        Rules.MAX_AGE,
        Rules.ALARM_AFTER,
        List.of(rule(DoorPlan.SOURCE, target), rule(DoorPlan.SCREENED, target)),
        locked.isEmpty()
            ? List.of()
            : List.of(
                new LockdownRule(
                    new Place(DoorPlan.SOURCE, DoorPlan.SITE), DoorPlan.TARGET, locked)),
        target.takesCards()
            ? List.of(cards(DoorPlan.SOURCE), cards(DoorPlan.SCREENED))
            : List.of());
  }

  private static SiteRule rule(String source, DoorTarget target) {
    return new SiteRule(
        new Place(source, DoorPlan.SITE), DoorPlan.TARGET, target.zones(), OPENING, WINDOW);
  }

  private static CredentialRule cards(String source) {
    return new CredentialRule(new Place(source, DoorPlan.SITE), DoorPlan.TARGET, Set.of("card"));
  }

  private DoorRun(DoorPlan plan, DoorTarget kind) {
    this.plan = plan;
    this.kind = kind;
    this.target = kind.open(plan, () -> now);
    this.adapter = target.connect();
    this.states = new Store(plan.seed() % BYTES_EVERY == 0);
    this.flights = new Flight[plan.facts().size()];
    this.closed = new boolean[plan.facts().size()];
    this.planted = new boolean[plan.facts().size()];
    for (int visit = 0; visit < plan.facts().size(); visit++) {
      models.add(new DoorModel());
      returned.add(new HashSet<>());
      visits.add(VISITS.get(visit));
      keys.add(KEYS.of(VISITS.get(visit)));
    }
    this.keeper = keeper();
  }

  private DoorKeeper keeper() {
    Rules rules = Objects.requireNonNull(RULES.get(kind));
    AccessMachine machine =
        new AccessMachine(
            rules, DoorPlan.TARGET, Set.of(DoorPlan.SCREENED), readsBack(), kind.takesCards());
    return new DoorKeeper(
        machine,
        rules,
        DoorPlan.TARGET,
        adapter,
        KEYS,
        states,
        () -> now,
        (_, _) -> {},
        DoorPlan.CREDENTIAL_KEY);
  }

  private boolean readsBack() {
    return adapter.capabilities().contains(Capability.READS_BACK);
  }

  /** What is wrong, or null. */
  static @Nullable String violation(DoorPlan plan, DoorTarget kind) {
    try {
      return new DoorRun(plan, kind).run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } catch (RuntimeException e) {
      return "threw " + e;
    }
  }

  private @Nullable String run() throws InterruptedException {
    for (int i = 0; i < plan.steps().size(); i++) {
      Op op = plan.steps().get(i);
      String wrong = execute(op);
      if (wrong == null) {
        wrong = looked();
      }
      if (wrong != null) {
        return "after step " + i + ", " + op + ": " + wrong;
      }
    }
    String wrong = heal();
    return wrong == null ? null : "in the end: " + wrong;
  }

  private @Nullable String execute(Op op) throws InterruptedException {
    return switch (op) {
      case Op.Deliver(int visit, int fact) -> {
        Fact delivered = plan.facts().get(visit).get(fact);
        keeper.take(visits.get(visit), delivered);
        models.get(visit).take(delivered, now);
        yield null;
      }
      case Op.Begin(int visit) -> begin(visit);
      case Op.Call(int visit, Fault fault, int detail) -> {
        Flight flight = flights[visit];
        if (flight != null && flight.reply == null) {
          target.script(fault, detail);
          flights[visit] = new Flight(flight.move, keeper.perform(visits.get(visit), flight.move));
          target.script(Fault.NONE, 0);
        }
        yield null;
      }
      case Op.Finish(int visit) -> {
        finish(visit);
        yield null;
      }
      case Op.Crash(boolean applied) -> {
        crash(applied);
        yield null;
      }
      case Op.Wait(Duration time) -> {
        now = now.plus(time);
        yield null;
      }
      case Op.Raise(VisitorEvent event, boolean live) -> {
        raise(event, live);
        yield null;
      }
      case Op.Lock(Fault fault, int detail) -> {
        target.script(fault, detail);
        if (keeper.driveLockdowns() instanceof DoorKeeper.Outcome.Settled) {
          lockAcknowledged = lockWanted;
        }
        target.script(Fault.NONE, 0);
        yield null;
      }
      case Op.Release _ -> {
        keeper.release(DoorPlan.SOURCE, DoorPlan.SITE);
        lockWanted = false;
        lockAcknowledged = false;
        yield null;
      }
      case Op.Stray(int visit) -> {
        stray(visit);
        yield null;
      }
      case Op.Compare _ -> {
        boolean _ = compare();
        yield null;
      }
    };
  }

  private @Nullable String begin(int visit) {
    if (flights[visit] != null) {
      return null;
    }
    String id = visits.get(visit);
    Move move = keeper.begin(id);
    VisitAccess written = states.read(id);
    switch (move) {
      case Move.Rest _ -> {
        if (!models.get(visit).cards().containsAll(target.cards(keys.get(visit)))) {
          return "rests with cards " + target.cards(keys.get(visit));
        }
        if (!(written.desire() instanceof Desire.Open)) {
          closed[visit] = true;
        }
        return null;
      }
      case Move.Give(var grant) -> {
        Optional<Instant> until = models.get(visit).mayOpen(now);
        if (until.isEmpty() || !until.get().equals(grant.validUntil())) {
          return "gives until " + grant.validUntil() + ", may open until " + until;
        }
        if (lockWanted) {
          return "gives during a lockdown";
        }
        if (written.given().certainty() != Certainty.UNSURE) {
          return "gives before it has written so";
        }
        closed[visit] = false;
      }
      case Move.Take _ -> {
        if (written.desire() instanceof Desire.Open && !lockWanted) {
          return "takes before it has written so";
        }
      }
      case Move.Assign(String card, String number, var _, var _, var _) -> {
        if (!models.get(visit).mayAssign(now).contains(number)) {
          return "assigns " + number + ", may " + models.get(visit).mayAssign(now);
        }
        if (lockWanted) {
          return "assigns during a lockdown";
        }
        Card.Given intent = written.card(card).map(Card::given).orElse(null);
        if (intent == null || intent.sure() || closed[visit]) {
          return "assigns before it has written so";
        }
        returned.get(visit).remove(number);
      }
      case Move.Return _, Move.Look _, Move.Forget _ -> {}
    }
    flights[visit] = new Flight(move, null);
    return null;
  }

  private void finish(int visit) {
    Flight flight = flights[visit];
    if (flight != null && flight.reply != null) {
      keeper.finish(visits.get(visit), flight.move, flight.reply);
      if (flight.move instanceof Move.Take && flight.reply instanceof Reply.Done) {
        closed[visit] = true;
        planted[visit] = false;
      }
      if (flight.move instanceof Move.Return back && flight.reply instanceof Reply.Done) {
        returned.get(visit).add(back.fingerprint());
      }
      flights[visit] = null;
    }
  }

  /** All is lost but what was written and what reached the target. */
  private void crash(boolean applied) throws InterruptedException {
    for (int visit = 0; visit < flights.length; visit++) {
      Flight flight = flights[visit];
      if (flight != null && flight.reply == null && applied) {
        keeper.perform(visits.get(visit), flight.move);
      }
      flights[visit] = null;
    }
    adapter = target.connect();
    keeper = keeper();
  }

  private void raise(VisitorEvent event, boolean live) {
    keeper.lockdown(new Fact.Reported(event, null, false, live ? "webhook" : "replay"));
    if (kind.lockdownZones().isEmpty()) {
      return;
    }
    if (event.getType() == EventType.LOCKDOWN_ACTIVATED
        && live
        && event.getSource().equals(DoorPlan.SOURCE)
        && now.isBefore(event.getOccurredAt().plus(Rules.MAX_AGE))
        && raised.stream().allMatch(known -> known.compareTo(order(event)) < 0)) {
      lockWanted = true;
      lockAcknowledged = false;
    }
    if (event.getType() == EventType.LOCKDOWN_ACTIVATED
        && live
        && event.getSource().equals(DoorPlan.SOURCE)
        && now.isBefore(event.getOccurredAt().plus(Rules.MAX_AGE))) {
      raised.add(order(event));
    }
  }

  private static String order(VisitorEvent event) {
    return event.getOccurredAt() + " " + event.getEventId();
  }

  /** Only where nothing of ours may be: what is wanted open is not to be told from it. */
  private void stray(int visit) {
    if (flights[visit] == null
        && readsBack()
        && models.get(visit).shouldBeOpen(now).isEmpty()
        && target.objects(keys.get(visit)) == 0) {
      target.plant(keys.get(visit), now.plus(Duration.ofHours(9)));
      planted[visit] = true;
    }
  }

  /** Whether it could be compared; an adapter may be refusing to knock again. */
  private boolean compare() throws InterruptedException {
    if (!readsBack()) {
      return true;
    }
    List<Observed> there;
    try {
      there = adapter.listManaged();
    } catch (TargetException e) {
      return false;
    }
    Reconciliation.of(there, states.all(), KEYS, now).findings().stream()
        .filter(finding -> finding.kind() != Reconciliation.Kind.MISSING)
        .forEach(finding -> keeper.doubt(finding.visit()));
    return true;
  }

  /** What must hold after every step. */
  private @Nullable String looked() {
    for (int visit = 0; visit < visits.size(); visit++) {
      GrantKey key = keys.get(visit);
      if (closed[visit] && !planted[visit] && target.until(key, now).isPresent()) {
        return "visit " + visit + " is open after its revoke was acknowledged";
      }
      if (closed[visit] && !target.cards(key).isEmpty()) {
        return "visit " + visit + " has cards after its revoke was acknowledged";
      }
      if (target.cards(key).stream().anyMatch(returned.get(visit)::contains)) {
        return "visit " + visit + " has a card after its return was acknowledged";
      }
      if (target.objects(key) > 1 && !target.mayDouble()) {
        return "visit " + visit + " was created twice";
      }
    }
    return lockAcknowledged && !target.locked() ? "unlocked without a person's word" : null;
  }

  /** Nothing goes wrong any more; all must come to what is wanted. */
  private @Nullable String heal() throws InterruptedException {
    crash(false);
    if (!compare()) {
      return "cannot be compared";
    }
    if (!(keeper.driveLockdowns() instanceof DoorKeeper.Outcome.Settled)) {
      return "lockdowns do not come to rest";
    }
    if (target.locked() != lockWanted) {
      return "locked is " + target.locked() + ", wanted is " + lockWanted;
    }
    for (int visit = 0; visit < visits.size(); visit++) {
      String wrong = healed(visit);
      if (wrong == null) {
        wrong = looked();
      }
      if (wrong == null) {
        wrong = settled(visit);
      }
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  private @Nullable String healed(int visit) throws InterruptedException {
    for (int round = 0; round < ROUNDS; round++) {
      String wrong = begin(visit);
      if (wrong != null) {
        return wrong;
      }
      Flight flight = flights[visit];
      if (flight == null) {
        return null;
      }
      flights[visit] = new Flight(flight.move, keeper.perform(visits.get(visit), flight.move));
      finish(visit);
    }
    return "visit " + visit + " does not come to rest";
  }

  private @Nullable String settled(int visit) {
    Optional<Instant> wanted = models.get(visit).shouldBeOpen(now);
    Optional<Instant> open = target.until(keys.get(visit), now);
    if (open.isPresent() && !open.equals(wanted)) {
      return "visit " + visit + " is open until " + open + ", wanted " + wanted;
    }
    if (plan.gentle() && !lockWanted && !open.equals(wanted)) {
      return "visit " + visit + " is closed, wanted open until " + wanted;
    }
    Set<String> zones = target.zones(keys.get(visit), now);
    if (open.isPresent() && !zones.equals(kind.zones())) {
      return "visit " + visit + " opens " + zones + ", wanted " + kind.zones();
    }
    Set<String> cards = target.cards(keys.get(visit));
    Set<String> wantedCards = wanted.isPresent() ? models.get(visit).cards() : Set.of();
    if (!wantedCards.containsAll(cards)) {
      return "visit " + visit + " has cards " + cards + ", wanted " + wantedCards;
    }
    if (kind.takesCards() && plan.gentle() && !lockWanted && !cards.equals(wantedCards)) {
      return "visit " + visit + " has only cards " + cards + ", wanted " + wantedCards;
    }
    return null;
  }

  /** States in memory; what was written survives crashes. */
  private static final class Store implements States {
    private final boolean asBytes;
    private final Map<String, VisitAccess> visits = new HashMap<>();
    private Lockdowns lockdowns = Lockdowns.NONE;

    Store(boolean asBytes) {
      this.asBytes = asBytes;
    }

    @Override
    public VisitAccess read(String visit) {
      return visits.getOrDefault(visit, VisitAccess.NONE);
    }

    @Override
    public void write(String visit, VisitAccess state) {
      visits.put(visit, asBytes ? FORMAT.read(FORMAT.write(state)) : state);
    }

    @Override
    public void forget(String visit) {
      visits.remove(visit);
    }

    Map<String, VisitAccess> all() {
      return visits;
    }

    @Override
    public Set<String> visits() {
      return visits.keySet();
    }

    @Override
    public Lockdowns lockdowns() {
      return lockdowns;
    }

    @Override
    public void write(Lockdowns next) {
      lockdowns = asBytes ? FORMAT.readLockdowns(FORMAT.write(next)) : next;
    }
  }
}
