package dev.vestibule.deduper.unscreened;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.Decision;
import dev.vestibule.events.DecisionBasis;
import dev.vestibule.events.DecisionOutcome;
import dev.vestibule.events.DecisionPhase;
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
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The visits that the tests of this package speak of. */
final class Visits {
  static final IdentityKey KEY = new IdentityKey(new byte[32]);
  static final Instant NINE = Instant.parse("2026-11-20T09:00:00Z");

  private Visits() {}

  /** Alice signs in at nine, with every field that tells who she is. */
  static VisitorEvent signsIn(@Nullable String visit) {
    return VisitorEvent.newBuilder()
        .setEventId("event-" + visit)
        .setRevision("00000000000000aa")
        .setType(EventType.SIGNED_IN)
        .setVendor("envoy")
        .setSource("hq-envoy")
        .setAccount("hq")
        .setVendorEventType("entry_sign_in")
        .setOccurredAt(NINE)
        .setOccurredAtBasis(OccurredAtBasis.VENDOR)
        .setReceivedAt(NINE)
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId(visit).setPurpose("Alice's purpose").build())
        .setPerson(
            Person.newBuilder()
                .setId("Alice's id")
                .setFullName("Alice's name")
                .setEmail("alice@example.com")
                .setPhone("Alice's phone")
                .setCompany("Alice's company")
                .setSubjectKey("Alice's subject")
                .build())
        .setHost(Host.newBuilder().setFullName("Alice's host").build())
        .setSite(Site.newBuilder().setId("143").build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setAttributes(Map.of("private-notes", "Alice's notes"))
        .setSensitivity(Sensitivity.STANDARD)
        .setOrigin(new Position("visitor.raw.envoy", 1, 42L))
        .build();
  }

  static SignIn signIn(@Nullable String visit) {
    return SignIn.of(signsIn(visit), KEY, NINE);
  }

  static SignIn signIn(String visit, Instant at) {
    VisitorEvent event = signsIn(visit);
    event.setReceivedAt(at);
    return SignIn.of(event, KEY, at);
  }

  /** The same sign-in, found in the vendor's history at nine. */
  static SignIn fetched(String visit, Instant occurredAt) {
    VisitorEvent event = signsIn(visit);
    event.setPath("backfill");
    event.setOccurredAt(occurredAt);
    return SignIn.of(event, KEY, NINE);
  }

  static String visitKey(String visit) {
    return KEY.visit("hq", visit);
  }

  static Decision decided(String visit, Instant at) {
    return Decision.newBuilder()
        .setDecisionId("decision-" + visit)
        .setRequestId("request-" + visit)
        .setPhase(DecisionPhase.DECIDED)
        .setSource("hq-envoy")
        .setVendor("envoy")
        .setAccount("hq")
        .setVisitKey(visitKey(visit))
        .setOutcome(DecisionOutcome.REVIEW)
        .setBasis(DecisionBasis.FALLBACK)
        .setReason("no_snapshot")
        .setRequestedAt(at)
        .setDecidedAt(at)
        .setLatencyMicros(1000)
        .build();
  }
}
