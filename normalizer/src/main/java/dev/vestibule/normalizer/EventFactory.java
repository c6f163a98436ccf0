package dev.vestibule.normalizer;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.EventType;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.events.Person;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Sensitivities;
import dev.vestibule.normalizer.adapter.Times;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns drafts into events: hashes their keys, derives ids and revision, and sees to what holds for
 * every event of every vendor (no empty text, a subject key, one name).
 */
final class EventFactory {
  private final IdentityKey identity;
  private final KeyScheme scheme;

  EventFactory(IdentityKey identity, KeyScheme scheme) {
    this.identity = identity;
    this.scheme = scheme;
  }

  Normalized event(RawRecord raw, Vendor vendor, Delivery delivery, Draft draft) {
    complete(delivery, draft);
    VisitorEvent event =
        VisitorEvent.newBuilder()
            .setEventId("")
            .setRevision("")
            .setType(draft.type())
            .setVendor(vendor.id())
            .setSource(delivery.sourceName())
            .setAccount(delivery.account())
            .setVendorEventType(blankToNull(draft.vendorEventType()))
            .setOccurredAt(draft.occurredAt() == null ? delivery.receivedAt() : draft.occurredAt())
            .setOccurredAtBasis(draft.basis())
            .setReceivedAt(delivery.receivedAt().truncatedTo(ChronoUnit.MICROS))
            .setPath(delivery.path().id())
            .setVisit(draft.visit())
            .setPerson(draft.person())
            .setHost(draft.host())
            .setSite(draft.site())
            .setScreening(blankToNull(draft.screening()))
            .setCredential(draft.credential())
            .setOutcome(draft.outcome())
            .setAttributes(draft.attributes())
            .setSensitivity(Sensitivities.of(vendor, draft.type()))
            .setOrigin(raw.origin())
            .build();
    KeyHashes hashes = new KeyHashes(vendor, delivery, draft);
    event.setEventId(hashes.eventId(identity).toString());
    event.setRevision(Revision.of(identity, event));
    Map<String, String> headers = headers(raw, delivery, event);
    headers.putAll(hashes.headers(identity.under(scheme.current()), scheme.current()));
    Keys.Snapshot snapshot = draft.keys().snapshot();
    if (snapshot != null && !snapshot.facts().isEmpty()) {
      headers.put(Headers.SNAPSHOT_FACTS, String.join(",", snapshot.facts()));
    }
    String previous = scheme.previous();
    if (previous != null) {
      hashes
          .headers(identity.under(previous), previous)
          .forEach((name, hash) -> headers.put(Headers.previous(name), hash));
    }
    return new Normalized(event, headers);
  }

  private void complete(Delivery delivery, Draft draft) {
    for (SpecificRecord group :
        List.of(
            draft.visit(),
            draft.person(),
            draft.host(),
            draft.site(),
            draft.credential(),
            draft.outcome())) {
      blanksToNull(group);
    }
    Person person = draft.person();
    String first = person.getFirstName();
    String last = person.getLastName();
    if (person.getFullName() == null && (first != null || last != null)) {
      person.setFullName(first == null ? last : last == null ? first : first + " " + last);
    }
    person.setSubjectKey(subjectKey(delivery.account(), person));
  }

  private @Nullable String subjectKey(String account, Person person) {
    String email = person.getEmail();
    String handle =
        person.getId() != null || email == null
            ? person.getId()
            : email.strip().toLowerCase(Locale.ROOT);
    return handle == null ? null : identity.hash("subject", account, handle);
  }

  private static void blanksToNull(SpecificRecord group) {
    for (Schema.Field field : group.getSchema().getFields()) {
      if (group.get(field.pos()) instanceof String text && text.isBlank()) {
        group.put(field.pos(), null);
      }
    }
  }

  private static @Nullable String blankToNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text;
  }

  private static Map<String, String> headers(RawRecord raw, Delivery delivery, VisitorEvent event) {
    Map<String, String> headers = new LinkedHashMap<>(CloudEventHeaders.of(raw, event));
    headers.put(Headers.SOURCE, event.getSource());
    headers.put(Headers.ACCOUNT, event.getAccount());
    headers.put(Headers.VENDOR, event.getVendor());
    headers.put(Headers.REQUEST_ID, delivery.requestId());
    headers.put(Headers.PATH, event.getPath());
    headers.put(Headers.RAW, CloudEventHeaders.position(raw.origin()));
    headers.put(Headers.REVISION, event.getRevision());
    headers.put(Headers.SENSITIVITY, event.getSensitivity().name());
    headers.put(Headers.WINDOW_DELIVERY, DedupeWindow.DAY.id());
    headers.put(Headers.WINDOW_FACT, DedupeWindow.WEEK.id());
    return headers;
  }

  /** The keys of one event, hashed as a key scheme says. */
  private record KeyHashes(Vendor vendor, Delivery delivery, Draft draft) {

    /** By the names of their headers. */
    Map<String, String> headers(IdentityKey identity, String scheme) {
      Keys keys = draft.keys();
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put(Headers.KEY_SCHEME, scheme);
      headers.put(Headers.KEY_TRANSPORT, transport(identity));
      if (keys.delivery() != null) {
        headers.put(Headers.KEY_DELIVERY, delivered(identity, keys.delivery()));
      }
      if (keys.fact() != null) {
        headers.put(Headers.KEY_FACT, scoped(identity, "fact", keys.fact()));
      }
      if (keys.hint() != null) {
        headers.put(
            Headers.KEY_HINT, identity.hash("hint", delivery.account(), vendor.id(), keys.hint()));
      }
      headers.put(Headers.IDENTITY, self(identity));
      Keys.Snapshot snapshot = keys.snapshot();
      if (snapshot != null) {
        headers.put(Headers.KEY_SNAPSHOT, scoped(identity, "snapshot", snapshot.object()));
        headers.put(Headers.SNAPSHOT_FINGERPRINT, fingerprint(identity, snapshot));
      }
      return headers;
    }

    /**
     * The fact if there is one, so that every path gives the same id. A state without a time of its
     * own may come back later, which only the request tells. For the rest the vendor's delivery id
     * stands, with the identity beside it: a reused delivery id must not merge two facts.
     *
     * @param identity of the permanent scheme: an id outlives every change of keys
     */
    UUID eventId(IdentityKey identity) {
      Keys keys = draft.keys();
      Keys.Snapshot snapshot = keys.snapshot();
      if (snapshot != null) {
        return identity.eventId(
            "snapshot",
            scoped(identity, "snapshot", snapshot.object()),
            fingerprint(identity, snapshot),
            delivery.requestId());
      }
      if (keys.fact() != null) {
        return identity.eventId("fact", scoped(identity, "fact", keys.fact()));
      }
      if (keys.delivery() != null) {
        return identity.eventId("delivery", delivered(identity, keys.delivery()), self(identity));
      }
      return identity.eventId("transport", delivery.account(), transport(identity));
    }

    private String index() {
      return Integer.toString(draft.index());
    }

    private String transport(IdentityKey identity) {
      return identity.hash("transport", delivery.requestId(), index());
    }

    private String delivered(IdentityKey identity, List<@Nullable String> key) {
      return scoped(identity, "delivery", key, index());
    }

    private String self(IdentityKey identity) {
      return scoped(identity, "identity", identityParts());
    }

    private static String fingerprint(IdentityKey identity, Keys.Snapshot snapshot) {
      return identity.hash("snapshot-fingerprint", snapshot.canonical());
    }

    /** Object, type and time; an unknown event counts as a type of its own. */
    private List<@Nullable String> identityParts() {
      List<@Nullable String> parts = new ArrayList<>(draft.keys().object());
      parts.add(draft.type().name());
      parts.add(draft.type() == EventType.OTHER ? draft.vendorEventType() : null);
      parts.add(draft.basis() == OccurredAtBasis.VENDOR ? Times.second(draft.occurredAt()) : null);
      return parts;
    }

    private String scoped(
        IdentityKey identity, String kind, List<@Nullable String> parts, String... more) {
      List<@Nullable String> all = new ArrayList<>();
      all.add(delivery.account());
      all.add(vendor.id());
      all.addAll(parts);
      all.addAll(List.of(more));
      return identity.hash(kind, all.toArray(new @Nullable String[0]));
    }
  }
}
