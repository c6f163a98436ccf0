package dev.vestibule.sink.warehouse;

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
import dev.vestibule.sink.Decoded;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/** The events that the tests of this package speak of. */
final class Events {
  static final Instant NINE = Instant.parse("2026-03-02T09:00:00Z");
  static final TopicPartition P0 = new TopicPartition("visitor.events", 0);

  private Events() {}

  /** A bare fact about a visit; received two seconds after it happened. */
  static VisitorEvent event(String id, EventType type, String visit, Instant at) {
    return VisitorEvent.newBuilder()
        .setEventId(id)
        .setRevision("00000000000000aa")
        .setType(type)
        .setVendor("kyberaccess")
        .setSource("hq-kyber")
        .setAccount("hq")
        .setVendorEventType("visitor." + type.name())
        .setOccurredAt(at)
        .setOccurredAtBasis(OccurredAtBasis.VENDOR)
        .setReceivedAt(at.plusSeconds(2))
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).build())
        .setPerson(Person.newBuilder().setSubjectKey("subject-" + visit).build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().setId("s-1").build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setAttributes(Map.of())
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.kyberaccess", 1, 42L))
        .build();
  }

  static VisitorEvent signIn(String visit, Instant at) {
    return event("in-" + visit, EventType.SIGNED_IN, visit, at);
  }

  static VisitorEvent signOut(String visit, Instant at) {
    return event("out-" + visit, EventType.SIGNED_OUT, visit, at);
  }

  /** Alice with every field that a warehouse may or may not keep. */
  static VisitorEvent aliceSignsIn() {
    VisitorEvent event = signIn("v-alice", NINE);
    event.setPerson(
        Person.newBuilder()
            .setId("p-alice")
            .setSubjectKey("subject-v-alice")
            .setFullName("Alice Ærø")
            .setFirstName("Alice")
            .setLastName("Ærø")
            .setEmail("alice@example.com")
            .setPhone("+45 1234")
            .setCompany("Ærø & Sons")
            .setKind("Contractor")
            .build());
    event.setHost(
        Host.newBuilder()
            .setId("h-1")
            .setFullName("Henry Host")
            .setEmail("henry@example.com")
            .build());
    event.setAttributes(Map.of("lunch", "{\"vegan\":true}", "answer", "I am Alice"));
    event.getVisit().setPurpose("Interview with Alice");
    event.getOutcome().setMessage("Alice was late");
    return event;
  }

  static EventRow row(VisitorEvent event, long offset) {
    return row(event, P0, offset);
  }

  static EventRow row(VisitorEvent event, TopicPartition source, long offset) {
    return new EventRow(new Decoded.Event(event, 7, Verdict.NEW, false, "webhook"), source, offset);
  }

  static EventRow lateRow(VisitorEvent event, long offset) {
    return new EventRow(new Decoded.Event(event, 7, Verdict.NEW, true, "webhook"), P0, offset);
  }
}
