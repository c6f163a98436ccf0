package dev.vestibule.sink.slack.card;

import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import java.time.Instant;

/** One visit of Ada Lovelace to Sam Rivers at HQ. */
public final class Visits {
  public static final Instant NINE = Instant.parse("2026-01-15T09:00:00Z");

  private Visits() {}

  public static VisitorEvent event(EventType type, int minute) {
    return event("v-1001", type, NINE.plusSeconds(60L * minute));
  }

  public static VisitorEvent event(String visit, EventType type, Instant at) {
    return VisitorEvent.newBuilder()
        .setEventId(visit + "-" + type + "-" + at)
        .setRevision("r1")
        .setType(type)
        .setVendor("envoy")
        .setSource("lobby")
        .setAccount("acme")
        .setOccurredAt(at)
        .setReceivedAt(at.plusSeconds(1))
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).build())
        .setPerson(
            Person.newBuilder()
                .setFullName("Ada Lovelace")
                .setEmail("ada@example.com")
                .setPhone("+15550100")
                .setCompany("Example Ltd")
                .build())
        .setHost(Host.newBuilder().setFullName("Sam Rivers").setEmail("sam@example.com").build())
        .setSite(Site.newBuilder().setId("hq").setName("HQ").build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setSensitivity(dev.vestibule.events.Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.envoy", 0, 0L))
        .build();
  }
}
