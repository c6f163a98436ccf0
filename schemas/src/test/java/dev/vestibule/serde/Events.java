package dev.vestibule.serde;

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
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;

/** The events that the tests of this package speak of. */
final class Events {
  static final Instant ARRIVAL = Instant.parse("2026-01-27T14:40:10.123456Z");

  private Events() {}

  /** A sign-in with every kind of field: present, absent, time, bytes, map, enum. */
  static VisitorEvent aliceSignsIn() {
    return VisitorEvent.newBuilder()
        .setEventId("0198c0de-0000-8000-8000-000000000001")
        .setRevision("00112233445566ff")
        .setType(EventType.SIGNED_IN)
        .setVendor("kyberaccess")
        .setSource("hq-kyber")
        .setAccount("hq")
        .setVendorEventType("visitor.checked_in")
        .setOccurredAt(ARRIVAL)
        .setOccurredAtBasis(OccurredAtBasis.VENDOR)
        .setReceivedAt(ARRIVAL.plusMillis(250))
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId("v-1").setSignedInAt(ARRIVAL).build())
        .setPerson(Person.newBuilder().setId("p-1").setFullName("Alice Ærø").build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().setId("s-1").setTimezone("Europe/Berlin").build())
        .setCredential(
            AccessCredential.newBuilder().setSealed(ByteBuffer.wrap(new byte[] {1, 2, -1})).build())
        .setOutcome(Outcome.newBuilder().build())
        .setAttributes(Map.of("lunch", "{\"vegan\":true}"))
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.kyberaccess", 3, 17L))
        .build();
  }
}
