package dev.vestibule.sink.access;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.ScriptedTarget.Fault;
import dev.vestibule.sink.access.ScriptedTarget.Nature;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What happens in one schedule: made from a seed, executed by {@link DoorRun}. A plan from which
 * steps were taken out is a plan.
 *
 * @param gentle whether nothing grows too old and the target refuses nothing for good, so that what
 *     is wanted open must be open in the end
 * @param facts by visit
 */
record DoorPlan(long seed, Nature nature, boolean gentle, List<List<Fact>> facts, List<Op> steps) {
  static final Instant BEGIN = Instant.parse("2026-03-02T09:00:00Z");
  static final String SOURCE = "lobby";
  static final String SCREENED = "door";
  static final String SITE = "hq";
  static final String TARGET = "doors";
  static final int MAX_VISITS = 2;
  static final IdentityKey CREDENTIAL_KEY = new IdentityKey(new byte[32]);

  /** There are a few numbers only, and sealing takes longer than all else. */
  private static final Map<String, ByteBuffer> SEALED = new ConcurrentHashMap<>();

  private static final String DECISION = "d";

  /** Divided by the ways there are. */
  private static final int DETAILS = 48;

  DoorPlan {
    steps = List.copyOf(steps);
  }

  /** One step. What does not apply when its turn comes does nothing. */
  sealed interface Op {
    record Deliver(int visit, int fact) implements Op {}

    record Begin(int visit) implements Op {}

    /**
     * @param detail how it goes wrong, where there are several ways
     */
    record Call(int visit, Fault fault, int detail) implements Op {}

    record Finish(int visit) implements Op {}

    /**
     * @param applied whether calls under way reach the target all the same
     */
    record Crash(boolean applied) implements Op {}

    record Wait(Duration time) implements Op {}

    record Raise(VisitorEvent event, boolean live) implements Op {
      @Override
      public String toString() {
        return "Raise[" + event.getType() + " " + event.getEventId() + " live=" + live + "]";
      }
    }

    record Lock(Fault fault, int detail) implements Op {}

    record Release() implements Op {}

    /** Something of ours stands open that nobody asked for. */
    record Stray(int visit) implements Op {}

    record Compare() implements Op {}
  }

  static DoorPlan of(long seed) {
    Random random = new Random(seed);
    boolean gentle = random.nextInt(5) < 3;
    Nature nature = any(random, List.of(Nature.values()));
    int visits = 1 + random.nextInt(MAX_VISITS);
    List<List<Fact>> facts = new ArrayList<>();
    for (int visit = 0; visit < visits; visit++) {
      facts.add(facts(random, visit, gentle));
    }
    return new DoorPlan(seed, nature, gentle, facts, steps(random, facts, gentle));
  }

  DoorPlan with(List<Op> fewer) {
    return new DoorPlan(seed, nature, gentle, facts, fewer);
  }

  private static List<Fact> facts(Random random, int visit, boolean gentle) {
    String source = random.nextInt(3) == 0 ? SCREENED : SOURCE;
    List<Fact> facts = new ArrayList<>();
    int count = 2 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      facts.add(reported(random, source, visit, i, gentle));
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      facts.add(card(random, source, visit, count + i));
    }
    int words = source.equals(SCREENED) ? 1 + random.nextInt(3) : random.nextInt(5) / 4;
    for (int i = 0; i < words; i++) {
      facts.add(
          random.nextInt(3) > 0
              ? new Fact.Decided(DECISION + random.nextInt(2), random.nextInt(4) > 0)
              : new Fact.Reviewed(random.nextInt(3) > 0, BEGIN.plusSeconds(random.nextInt(120))));
    }
    return facts;
  }

  private static Fact.Reported reported(
      Random random, String source, int visit, int i, boolean gentle) {
    EventType type =
        switch (random.nextInt(20)) {
          case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> EventType.SIGNED_IN;
          case 9, 10 -> gentle ? EventType.UPDATED : EventType.APPROVED;
          case 11, 12, 13 -> EventType.SIGNED_OUT;
          case 14 -> EventType.DENIED;
          case 15 -> EventType.WATCHLIST_HIT;
          case 16 -> EventType.REVIEW_REQUIRED;
          case 17 -> EventType.ERASED;
          case 18 -> EventType.PRE_REGISTRATION_CANCELLED;
          default -> EventType.APPROVED;
        };
    Fact.Reported fact = reported(random, type, source, visit, i);
    if (type == EventType.UPDATED || type == EventType.APPROVED) {
      fact.event().getVisit().setStatus(random.nextInt(4) == 0 ? null : "onsite");
      if (random.nextInt(3) > 0) {
        credential(fact.event(), null, "assigned", "own" + random.nextInt(2));
      }
    }
    return fact;
  }

  private static Fact.Reported card(Random random, String source, int visit, int i) {
    Fact.Reported fact = reported(random, EventType.CREDENTIAL_CHANGED, source, visit, i);
    String card = "card" + random.nextInt(2);
    credential(
        fact.event(),
        card,
        random.nextInt(3) > 0 ? "assigned" : "returned",
        card + random.nextInt(2));
    return fact;
  }

  private static void credential(
      VisitorEvent event, @Nullable String card, String state, String number) {
    event.getCredential().setId(card);
    event.getCredential().setKind("card");
    event.getCredential().setState(state);
    event.getCredential().setFingerprint(number);
    event
        .getCredential()
        .setSealed(SEALED.computeIfAbsent(number, DoorPlan::sealed).asReadOnlyBuffer());
  }

  private static ByteBuffer sealed(String number) {
    String json = "{\"cardNumberKiosk\":\"" + number + "\"}";
    return ByteBuffer.wrap(
        CREDENTIAL_KEY.seal("credential", json.getBytes(StandardCharsets.UTF_8)));
  }

  private static Fact.Reported reported(
      Random random, EventType type, String source, int visit, int i) {
    boolean odd = random.nextInt(6) == 0;
    Verdict verdict =
        odd
            ? switch (random.nextInt(4)) {
              case 0 -> Verdict.CONFLICT;
              case 1 -> Verdict.UNVERIFIED;
              case 2 -> Verdict.REVISION;
              default -> null;
            }
            : Verdict.NEW;
    int age = random.nextInt(12) == 0 ? 1200 : random.nextInt(8) * 15;
    Instant occurred = BEGIN.minusSeconds(age);
    VisitorEvent event =
        event(
            "v" + visit + "e" + i,
            type,
            source,
            random.nextInt(25) == 0 ? "elsewhere" : SITE,
            occurred,
            occurred.plusSeconds(random.nextInt(60)));
    event.getVisit().setId("visit-" + visit);
    event.getVisit().setExpectedAt(BEGIN.plus(Duration.ofMinutes(30L * (1 + random.nextInt(4)))));
    String path = random.nextInt(10) == 0 ? "replay" : "webhook";
    event.setPath(random.nextInt(15) == 0 ? "backfill" : "webhook");
    return new Fact.Reported(event, verdict, random.nextInt(15) == 0, path);
  }

  private static <T> T any(Random random, List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private static List<Op> steps(Random random, List<List<Fact>> facts, boolean gentle) {
    List<Op> deliveries = new ArrayList<>();
    for (int visit = 0; visit < facts.size(); visit++) {
      for (int fact = 0; fact < facts.get(visit).size(); fact++) {
        for (int copy = random.nextInt(3) / 2; copy >= 0; copy--) {
          deliveries.add(new Op.Deliver(visit, fact));
        }
      }
    }
    shuffle(random, deliveries);
    List<Op> steps = new ArrayList<>();
    for (Op delivery : deliveries) {
      steps.add(delivery);
      for (int i = random.nextInt(10); i > 0; i--) {
        steps.add(step(random, facts.size(), gentle));
      }
    }
    return steps;
  }

  /** Mostly a little out of order, sometimes wholly. */
  private static void shuffle(Random random, List<Op> list) {
    int reach = random.nextInt(4) == 0 ? list.size() : 3;
    for (int i = list.size() - 1; i > 0; i--) {
      int j = Math.max(0, i - random.nextInt(reach));
      Op op = list.get(i);
      list.set(i, list.get(j));
      list.set(j, op);
    }
  }

  private static Op step(Random random, int visits, boolean gentle) {
    int visit = random.nextInt(visits);
    return switch (random.nextInt(40)) {
      case 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 -> new Op.Begin(visit);
      case 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 ->
          new Op.Call(visit, fault(random, gentle), random.nextInt(DETAILS));
      case 21, 22, 23, 24, 25, 26, 27, 28, 29, 30 -> new Op.Finish(visit);
      case 31, 32 -> new Op.Crash(random.nextBoolean());
      case 33 ->
          new Op.Wait(
              gentle
                  ? Duration.ofSeconds(random.nextInt(3))
                  : Duration.ofMinutes(random.nextInt(30)));
      case 34 -> new Op.Raise(lockdown(random), random.nextInt(4) > 0);
      case 35 -> new Op.Lock(fault(random, gentle), random.nextInt(DETAILS));
      case 36 -> random.nextInt(3) == 0 ? new Op.Release() : new Op.Lock(Fault.NONE, 0);
      case 37 -> new Op.Compare();
      case 38 -> random.nextInt(4) == 0 ? new Op.Stray(visit) : new Op.Begin(visit);
      default -> new Op.Call(visit, Fault.NONE, 0);
    };
  }

  private static Fault fault(Random random, boolean gentle) {
    if (random.nextInt(2) == 0) {
      return Fault.NONE;
    }
    Fault fault = any(random, List.of(Fault.values()));
    return gentle && fault == Fault.REJECTED ? Fault.NONE : fault;
  }

  private static VisitorEvent lockdown(Random random) {
    EventType type =
        random.nextInt(3) == 0 ? EventType.LOCKDOWN_DEACTIVATED : EventType.LOCKDOWN_ACTIVATED;
    Instant at = BEGIN.minusSeconds(random.nextInt(5) == 0 ? 3600 : random.nextInt(4) * 10);
    return event(
        "lock" + random.nextInt(5) + at.getEpochSecond(),
        type,
        random.nextInt(4) == 0 ? SCREENED : SOURCE,
        SITE,
        at,
        at);
  }

  private static VisitorEvent event(
      String id, EventType type, String source, String site, Instant occurred, Instant received) {
    VisitorEvent event = new VisitorEvent();
    event.setEventId(id);
    event.setRevision("r");
    event.setType(type);
    event.setVendor("envoy");
    event.setSource(source);
    event.setAccount("acme");
    event.setOccurredAt(occurred);
    event.setOccurredAtBasis(OccurredAtBasis.VENDOR);
    event.setReceivedAt(received);
    event.setPath("webhook");
    event.setVisit(new Visit());
    event.setPerson(new Person());
    event.setHost(new Host());
    event.setSite(new Site());
    event.getSite().setId(site);
    event.setCredential(new AccessCredential());
    event.setOutcome(new Outcome());
    event.setAttributes(Map.of());
    event.setSensitivity(Sensitivity.STANDARD);
    event.setOrigin(new Position("visitor.raw.envoy", 0, 0L));
    return event;
  }

  /** One step a line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("seed ").append(seed).append(' ').append(nature);
    text.append(gentle ? " gentle" : " rough").append('\n');
    for (Op op : steps) {
      text.append("  ").append(op);
      if (op instanceof Op.Deliver(int visit, int fact)) {
        text.append("  ").append(shown(facts.get(visit).get(fact)));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String shown(Fact fact) {
    return fact instanceof Fact.Reported reported
        ? String.join(
            " ",
            Arrays.asList(
                reported.event().getType().name(),
                reported.event().getSource(),
                reported.event().getSite().getId(),
                "occurred " + reported.event().getOccurredAt(),
                "received " + reported.event().getReceivedAt(),
                "until " + reported.event().getVisit().getExpectedAt(),
                String.valueOf(reported.verdict()),
                reported.event().getPath() + "/" + reported.path(),
                reported.late() ? "late" : "",
                "card " + reported.event().getCredential().getId(),
                reported.event().getCredential().getState(),
                reported.event().getCredential().getFingerprint()))
        : fact.toString();
  }
}
