package dev.vestibule.sink.lane;

import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One that lives in memory. */
final class MemoryDestination implements Destination {
  private static final Instant NINE = Instant.parse("2026-03-02T09:00:00Z");

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, List<String>> taken = new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile Answer answer = new Answer.Takes();

  @Override
  public Handler handler() {
    return this::handle;
  }

  private Outcome handle(Work work) {
    calls.incrementAndGet();
    VisitorEvent event = work.event().event();
    return switch (answers.getOrDefault(work.key(), answer)) {
      case Answer.Takes _ -> {
        taken
            .computeIfAbsent(work.key(), _ -> new CopyOnWriteArrayList<>())
            .add(event.getEventId());
        yield new Outcome.Done("taken");
      }
      case Answer.Breaks _ -> new Outcome.Retry(null, "http_500");
      case Answer.IsBusy(Duration after) -> new Outcome.Retry(after, "http_429");
      case Answer.Refuses _ -> new Outcome.Reject("http_400");
      case Answer.LocksOut _ -> new Outcome.Blocked("http_401");
    };
  }

  @Override
  public VisitorEvent event(String visit, int number) {
    return VisitorEvent.newBuilder()
        .setEventId(visit + "." + number)
        .setRevision("r-1")
        .setType(EventType.SIGNED_IN)
        .setVendor("envoy")
        .setSource("hq")
        .setAccount("hq")
        .setOccurredAt(NINE.plusSeconds(number))
        .setReceivedAt(NINE.plusSeconds(number))
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).build())
        .setPerson(Person.newBuilder().build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(dev.vestibule.events.Outcome.newBuilder().build())
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.envoy", 0, (long) number))
        .build();
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
    List<String> ids = taken.getOrDefault(visit, List.of());
    return List.copyOf(ids);
  }

  @Override
  public int calls() {
    return calls.get();
  }
}
