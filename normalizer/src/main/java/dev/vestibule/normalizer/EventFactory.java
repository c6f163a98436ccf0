package dev.vestibule.normalizer;

import dev.vestibule.contract.DedupeWindow;
import dev.vestibule.contract.Headers;
import dev.vestibule.contract.IdentityKey;
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
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns drafts into events: hashes their keys, derives ids and revision, and sees to what holds for
 * every event of every vendor (no empty text, a subject key, one name).
 */
final class EventFactory {
  private final IdentityKey identity;

  EventFactory(IdentityKey identity) {
    this.identity = identity;
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
    KeyHashes hashes = new KeyHashes(identity, vendor, delivery, draft);
    event.setEventId(hashes.eventId());
    event.setRevision(Revision.of(identity, event));
    return new Normalized(event, headers(raw, delivery, event, hashes));
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

  private static Map<String, String> headers(
      RawRecord raw, Delivery delivery, VisitorEvent event, KeyHashes hashes) {
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
    headers.putAll(hashes.headers());
    return headers;
  }

  /** The hashed keys of one event. */
  private static final class KeyHashes {
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final String eventId;

    KeyHashes(IdentityKey identity, Vendor vendor, Delivery delivery, Draft draft) {
      Keys keys = draft.keys();
      String[] scope = {delivery.account(), vendor.id()};
      String index = Integer.toString(draft.index());
      String self = identity.hash("identity", parts(scope, identityParts(draft)));
      headers.put(Headers.KEY_SCHEME, IdentityKey.SCHEME);
      headers.put(Headers.KEY_TRANSPORT, identity.hash("transport", delivery.requestId(), index));
      put(Headers.KEY_DELIVERY, hash(identity, "delivery", scope, keys.delivery(), index));
      put(Headers.KEY_FACT, hash(identity, "fact", scope, keys.fact()));
      if (keys.hint() != null) {
        headers.put(
            Headers.KEY_HINT, identity.hash("hint", delivery.account(), vendor.id(), keys.hint()));
      }
      headers.put(Headers.IDENTITY, self);
      Keys.Snapshot snapshot = keys.snapshot();
      if (snapshot != null) {
        put(Headers.KEY_SNAPSHOT, hash(identity, "snapshot", scope, snapshot.object()));
        headers.put(
            Headers.SNAPSHOT_FINGERPRINT,
            identity.hash("snapshot-fingerprint", snapshot.canonical()));
        if (!snapshot.facts().isEmpty()) {
          headers.put(Headers.SNAPSHOT_FACTS, String.join(",", snapshot.facts()));
        }
      }
      eventId = identity.eventId(eventIdParts(delivery, draft, scope, self)).toString();
    }

    String eventId() {
      return eventId;
    }

    Map<String, String> headers() {
      return headers;
    }

    /** Object, type and time; an unknown event counts as a type of its own. */
    private static List<@Nullable String> identityParts(Draft draft) {
      List<@Nullable String> parts = new ArrayList<>(draft.keys().object());
      parts.add(draft.type().name());
      parts.add(draft.type() == EventType.OTHER ? draft.vendorEventType() : null);
      parts.add(draft.basis() == OccurredAtBasis.VENDOR ? Times.second(draft.occurredAt()) : null);
      return parts;
    }

    /**
     * The fact if there is one, so that every path gives the same id. A state without a time of its
     * own may come back later, which only the request tells. For the rest the vendor's delivery id
     * stands, with the identity beside it: a reused delivery id must not merge two facts.
     */
    private @Nullable String[] eventIdParts(
        Delivery delivery, Draft draft, String[] scope, String self) {
      Keys keys = draft.keys();
      if (keys.snapshot() != null) {
        return new String[] {
          "snapshot",
          headers.get(Headers.KEY_SNAPSHOT),
          headers.get(Headers.SNAPSHOT_FINGERPRINT),
          delivery.requestId()
        };
      }
      if (keys.fact() != null) {
        return new String[] {"fact", headers.get(Headers.KEY_FACT)};
      }
      if (keys.delivery() != null) {
        return new String[] {"delivery", headers.get(Headers.KEY_DELIVERY), self};
      }
      return new String[] {"transport", scope[0], headers.get(Headers.KEY_TRANSPORT)};
    }

    private void put(String name, @Nullable String hash) {
      if (hash != null) {
        headers.put(name, hash);
      }
    }

    private static @Nullable String hash(
        IdentityKey identity,
        String kind,
        String[] scope,
        @Nullable List<@Nullable String> parts,
        String... more) {
      if (parts == null) {
        return null;
      }
      List<@Nullable String> all = new ArrayList<>(parts);
      all.addAll(List.of(more));
      return identity.hash(kind, parts(scope, all));
    }

    private static @Nullable String[] parts(String[] scope, List<@Nullable String> rest) {
      List<@Nullable String> all = new ArrayList<>(List.of(scope));
      all.addAll(rest);
      return all.toArray(new @Nullable String[0]);
    }
  }
}
