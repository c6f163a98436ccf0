package dev.vestibule.sink.access;

import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.Verdict;
import dev.vestibule.events.AccessCredential;
import dev.vestibule.events.EventType;
import dev.vestibule.events.Host;
import dev.vestibule.events.Outcome;
import dev.vestibule.events.Person;
import dev.vestibule.events.Position;
import dev.vestibule.events.Site;
import dev.vestibule.events.Visit;
import dev.vestibule.events.VisitorEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One visit at one house, and what is said about it. */
public final class Facts {
  public static final Instant NINE = Instant.parse("2026-03-02T09:00:00Z");
  public static final String TARGET = "doors";
  public static final IdentityKey IDENTITY = new IdentityKey(new byte[32]);
  public static final GrantKeys KEYS = new GrantKeys(IDENTITY, TARGET);
  public static final String VISIT = IDENTITY.visit("acme", "v-1");
  public static final Rules RULES =
      new RulesFile(List.of("lobby", "door"), List.of(TARGET, "gates"))
          .parse(
              """
              sites:
                - { source: lobby, site: hq, target: doors, zones: [lobby], on: [signed-in, updated],
                    from: signed-in - 15m, until: expected + 8h }
                - { source: door, site: hq, target: doors, zones: [lobby],
                    from: signed-in, until: signed-in + 8h }
                - { source: lobby, site: annex, target: gates, zones: [gate],
                    from: signed-in, until: signed-in + 8h }
              lockdowns:
                - { source: lobby, site: hq, target: doors, zones: [all] }
              credentials:
                - { source: lobby, site: hq, target: doors, kinds: [card] }
              """);
  public static final AccessMachine MACHINE =
      new AccessMachine(RULES, TARGET, Set.of("door"), true, true);
  public static final IdentityKey CREDENTIAL_KEY = new IdentityKey(new byte[32]);

  private Facts() {}

  public static VisitorEvent event(String id, EventType type, Instant at) {
    return VisitorEvent.newBuilder()
        .setEventId(id)
        .setRevision("r1")
        .setType(type)
        .setVendor("envoy")
        .setSource("lobby")
        .setAccount("acme")
        .setOccurredAt(at)
        .setReceivedAt(at.plusSeconds(1))
        .setPath("webhook")
        .setVisit(Visit.newBuilder().setId("v-1").setExpectedAt(NINE).build())
        .setPerson(Person.newBuilder().setFullName("Alice Example").build())
        .setHost(Host.newBuilder().build())
        .setSite(Site.newBuilder().setId("hq").build())
        .setCredential(AccessCredential.newBuilder().build())
        .setOutcome(Outcome.newBuilder().build())
        .setOrigin(new Position("visitor.raw.envoy", 0, 0L))
        .build();
  }

  public static Fact.Reported fact(VisitorEvent event) {
    return new Fact.Reported(event, Verdict.NEW, false, "webhook");
  }

  public static Fact.Reported fact(String id, EventType type, int minute) {
    return fact(event(id, type, NINE.plus(Duration.ofMinutes(minute))));
  }

  /** A card of the visit: who has it, and its number sealed. */
  public static VisitorEvent card(
      String id, @Nullable String card, String state, String number, int minute) {
    VisitorEvent event = event(id, EventType.CREDENTIAL_CHANGED, at(minute));
    event.setCredential(credential(card, state, number));
    return event;
  }

  public static AccessCredential credential(@Nullable String card, String state, String number) {
    String json = "{\"cardNumberKiosk\":\"" + number + "\"}";
    return AccessCredential.newBuilder()
        .setId(card)
        .setKind("card")
        .setState(state)
        .setFingerprint(IDENTITY.hash("credential", json))
        .setSealed(
            ByteBuffer.wrap(
                CREDENTIAL_KEY.seal("credential", json.getBytes(StandardCharsets.UTF_8))))
        .build();
  }

  public static Fact.Reported from(
      String source, String site, String id, EventType type, int minute) {
    VisitorEvent event = event(id, type, NINE.plus(Duration.ofMinutes(minute)));
    event.setSource(source);
    event.getSite().setId(site);
    return fact(event);
  }

  public static Instant at(int minute) {
    return NINE.plus(Duration.ofMinutes(minute));
  }
}
