package dev.vestibule.sink.access;

import dev.vestibule.events.EventType;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.sink.access.target.AccessTarget;
import dev.vestibule.sink.access.target.Allowance;
import dev.vestibule.sink.access.target.Effect;
import dev.vestibule.sink.access.target.Grant;
import dev.vestibule.sink.access.target.GrantKey;
import dev.vestibule.sink.access.target.Lockdown;
import dev.vestibule.sink.access.target.Observed;
import dev.vestibule.sink.access.target.TargetException;
import dev.vestibule.sink.access.target.TargetException.Kind;
import dev.vestibule.sink.lane.Answer;
import dev.vestibule.sink.lane.Destination;
import dev.vestibule.sink.lane.Handler;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Doors in memory that cannot be asked what they have. Each event prolongs its visit, so that each
 * of them is a call.
 */
final class DoorDestination implements Destination {
  private static final Rules RULES =
      new RulesFile(List.of("hq"), List.of(Facts.TARGET))
          .parse(
              """
              sites:
                - { source: hq, site: hq, target: doors, zones: [lobby],
                    from: signed-in - 15m, until: expected + 8h }
              """);

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<GrantKey, List<Instant>> granted = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final DoorKeeper keeper =
      new DoorKeeper(
          new AccessMachine(RULES, Facts.TARGET, Set.of(), false, false),
          RULES,
          Facts.TARGET,
          new Target(),
          Facts.KEYS,
          new MemoryStates(),
          () -> Facts.at(1),
          (_, _) -> {},
          null);
  private volatile Answer answer = new Answer.Takes();

  @Override
  public Handler handler() {
    DoorHandler.Session session =
        new DoorHandler.Session() {
          @Override
          public DoorKeeper keeper() {
            return keeper;
          }

          @Override
          public DoorKeeper.Outcome drive(String visit) throws InterruptedException {
            return keeper.drive(visit);
          }

          @Override
          public void wake(String visit) {}

          @Override
          public void wakeLockdowns() {}
        };
    return new DoorHandler(Facts.KEYS, () -> session);
  }

  @Override
  public VisitorEvent event(String visit, int number) {
    VisitorEvent event =
        Facts.event(id(visit, number), EventType.SIGNED_IN, Facts.NINE.plusSeconds(number));
    event.setSource("hq");
    event.setAccount("hq");
    event.setSensitivity(Sensitivity.STANDARD);
    event.getVisit().setId(visit);
    event.getVisit().setExpectedAt(Facts.at(number));
    return event;
  }

  private static String id(String visit, long number) {
    return visit + "." + number;
  }

  @Override
  public void answer(@Nullable String visit, Answer now) {
    if (visit == null) {
      answer = now;
    } else {
      answers.put(visit, now);
    }
  }

  @Override
  public List<String> taken(String visit) {
    return granted.getOrDefault(key(visit), List.of()).stream()
        .map(until -> id(visit, Duration.between(Facts.at(8 * 60), until).toMinutes()))
        .toList();
  }

  private static GrantKey key(String visit) {
    return Facts.KEYS.of(Facts.IDENTITY.visit("hq", visit));
  }

  @Override
  public int calls() {
    return calls.get();
  }

  private final class Target implements AccessTarget {
    @Override
    public Set<Capability> capabilities() {
      return Set.of();
    }

    @Override
    public Allowance pace() {
      return new Allowance(64, 0);
    }

    @Override
    public Effect ensureGranted(Grant grant) throws TargetException {
      calls.incrementAndGet();
      switch (said(grant.key())) {
        case Answer.Takes _ ->
            granted
                .computeIfAbsent(grant.key(), _ -> new CopyOnWriteArrayList<>())
                .add(grant.validUntil());
        case Answer.Breaks _ -> throw new TargetException(Kind.RETRY, "broken");
        case Answer.IsBusy(Duration after) -> throw new TargetException(Kind.RETRY, "busy", after);
        case Answer.Refuses _ -> throw new TargetException(Kind.REJECTED, "refused");
        case Answer.LocksOut _ -> throw new TargetException(Kind.AUTH, "locked out");
      }
      return Effect.DONE;
    }

    private Answer said(GrantKey key) {
      return answers.entrySet().stream()
          .filter(visit -> key(visit.getKey()).equals(key))
          .map(Map.Entry::getValue)
          .findFirst()
          .orElse(answer);
    }

    @Override
    public Effect ensureRevoked(GrantKey key, long sequence) {
      return Effect.DONE;
    }

    @Override
    public Optional<Observed> find(GrantKey key) throws TargetException {
      throw new TargetException(Kind.REJECTED, "cannot be asked");
    }

    @Override
    public List<Observed> listManaged() throws TargetException {
      throw new TargetException(Kind.REJECTED, "cannot be asked");
    }

    @Override
    public Lockdown lockDown(Set<String> zones) throws TargetException {
      throw new TargetException(Kind.REJECTED, "cannot lock");
    }

    @Override
    public Lockdown release(Set<String> zones) throws TargetException {
      throw new TargetException(Kind.REJECTED, "cannot lock");
    }

    @Override
    public Effect assignCard(GrantKey key, String number) throws TargetException {
      throw new TargetException(Kind.REJECTED, "takes no cards");
    }

    @Override
    public Effect returnCard(GrantKey key, String number) throws TargetException {
      throw new TargetException(Kind.REJECTED, "takes no cards");
    }

    @Override
    public Effect erase(GrantKey key) {
      return Effect.DONE;
    }

    @Override
    public void close() {}
  }
}
