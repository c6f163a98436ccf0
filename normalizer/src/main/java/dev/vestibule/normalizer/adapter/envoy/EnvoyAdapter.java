package dev.vestibule.normalizer.adapter.envoy;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.first;
import static dev.vestibule.normalizer.adapter.Json.word;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.BodyHash;
import dev.vestibule.normalizer.adapter.CanonicalJson;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.DeliveryPath;
import dev.vestibule.normalizer.adapter.Discretion;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Times;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Envoy webhooks and hook calls. Apps of the developer dashboard send {@code meta} and {@code
 * payload}, the Webhooks app {@code event} and {@code payload} (both documented); the payload is
 * the same JSON:API resource, whose fields are known from the vendor's SDK.
 *
 * <p>A hook call asks whether a visitor may enter. It is always {@code SCREENING_REQUESTED},
 * whatever event name it bears, and claims no arrival.
 *
 * @see <a href="https://developers.envoy.com/hub/reference/events">Events</a>
 */
public final class EnvoyAdapter implements Adapter {
  private static final String ENTRIES = "entries";
  private static final String INVITES = "invites";

  /** Report details are accusations; links and tokens are nobody's business downstream. */
  private static final Set<String> MAPPED_ATTRIBUTES =
      Set.of(
          "full-name",
          "email",
          "phone-number",
          "host",
          "host-email",
          "inviter-name",
          "inviter-email",
          "flow-name",
          "signed-in-at",
          "signed-out-at",
          "expected-arrival-time",
          "visitor-profile-id",
          "approval-status",
          "thumbnails",
          "nda",
          "legal-docs",
          "photo-url",
          "qr-code",
          "secret-token",
          "edit-token");

  private static final Set<String> PURPOSE_LABELS =
      Set.of(
          "purpose",
          "purpose of visit",
          "purpose of your visit",
          "visit purpose",
          "reason for visit",
          "reason for your visit");

  private static final Set<String> COMPANY_LABELS =
      Set.of("company", "company name", "your company", "organization", "organisation");

  @Override
  public Normalization<Draft> adapt(Delivery delivery, JsonNode body) {
    boolean hook = delivery.path() == DeliveryPath.HOOK;
    String received = first(word(body, "meta", "event"), word(body, "event"));
    if (received == null && !hook) {
      return Normalization.missing("meta.event", "text, there or in event");
    }
    JsonNode payload = at(body, "payload");
    EventName name = EventName.of(received == null ? "" : received);
    EventType type =
        hook
            ? EventType.SCREENING_REQUESTED
            : name.type(word(payload, "attributes", "approval-status", "status"));
    if (type != EventType.OTHER && word(payload, "id") == null) {
      return Normalization.missing("payload.id", "text or a number");
    }
    return Normalization.event(draft(body, payload, name, type, hook));
  }

  private static Draft draft(
      JsonNode body, JsonNode payload, EventName name, EventType type, boolean hook) {
    JsonNode attributes = at(payload, "attributes");
    String resource = first(word(payload, "type"), name.resource());
    Draft draft = new Draft(type, name.received());
    if (!hook) {
      draft.occurred(factTime(name, attributes));
    }
    draft.keys(keys(body, payload, name, type, resource, hook));
    fillVisit(draft, payload, resource, hook);
    fillPerson(draft, payload);
    fillHost(draft, payload);
    fillSite(draft, body, payload, resource);
    draft.attributes("", attributes, MAPPED_ATTRIBUTES);
    draft.attribute("changed-fields", at(payload, "changed-fields"));
    return draft;
  }

  private static @Nullable Instant factTime(EventName name, JsonNode attributes) {
    String attribute = name.discriminator();
    return attribute == null || attribute.isEmpty()
        ? null
        : Times.parse(word(attributes, attribute));
  }

  private static Keys keys(
      JsonNode body,
      JsonNode payload,
      EventName name,
      EventType type,
      @Nullable String resource,
      boolean hook) {
    String id = word(payload, "id");
    Keys keys = Keys.about(resource, id);
    if (!hook && id != null && name.discriminator() != null) {
      Instant at = factTime(name, at(payload, "attributes"));
      String what = type == EventType.OTHER ? name.plain() : type.name();
      keys = keys.withFact(resource, id, what, at == null ? "" : Times.second(at));
    }
    // A hook call and the event that follows it are two deliveries even if they share a job.
    String kind = hook ? "hook" : "job";
    String job = word(body, "meta", "job", "id");
    if (job != null) {
      return keys.withDelivery(kind, job);
    }
    return keys.fact() != null
        ? keys
        : keys.withDelivery(kind + "-content", name.plain(), content(payload));
  }

  /** Hash of the payload without what differs between attempts: links and tokens. */
  private static String content(JsonNode payload) {
    JsonNode stable = Discretion.scrub(payload);
    String canonical = stable == null ? "" : CanonicalJson.of(stable);
    return BodyHash.sha256(canonical.getBytes(StandardCharsets.UTF_8));
  }

  private static void fillVisit(
      Draft draft, JsonNode payload, @Nullable String resource, boolean hook) {
    JsonNode attributes = at(payload, "attributes");
    boolean entry = ENTRIES.equals(resource);
    if (entry || INVITES.equals(resource)) {
      draft.visit().setId(word(payload, "id"));
    }
    draft.visit().setExpectedAt(Times.parse(word(attributes, "expected-arrival-time")));
    if (hook) {
      draft.attribute("signed-in-at", at(attributes, "signed-in-at"));
    } else {
      draft.visit().setSignedInAt(Times.parse(word(attributes, "signed-in-at")));
      draft.visit().setSignedOutAt(Times.parse(word(attributes, "signed-out-at")));
    }
    draft.visit().setPurpose(answer(attributes, PURPOSE_LABELS));
    String approval = word(attributes, "approval-status", "status");
    draft.visit().setStatus(approval);
    draft.screening(entry ? approval : null);
  }

  private static void fillPerson(Draft draft, JsonNode payload) {
    JsonNode attributes = at(payload, "attributes");
    draft
        .person()
        .setId(first(word(payload, "visitor-profile-id"), word(attributes, "visitor-profile-id")));
    draft.person().setFullName(word(attributes, "full-name"));
    draft.person().setEmail(word(attributes, "email"));
    draft.person().setPhone(word(attributes, "phone-number"));
    draft.person().setCompany(answer(attributes, COMPANY_LABELS));
    draft.person().setKind(word(attributes, "flow-name"));
  }

  private static void fillHost(Draft draft, JsonNode payload) {
    JsonNode attributes = at(payload, "attributes");
    draft.host().setId(word(payload, "relationships", "employee", "data", "id"));
    draft.host().setFullName(first(word(attributes, "host"), word(attributes, "inviter-name")));
    draft.host().setEmail(first(word(attributes, "host-email"), word(attributes, "inviter-email")));
  }

  private static void fillSite(
      Draft draft, JsonNode body, JsonNode payload, @Nullable String resource) {
    JsonNode location = "locations".equals(resource) ? payload : at(body, "meta", "location");
    draft
        .site()
        .setId(
            first(word(location, "id"), word(payload, "relationships", "location", "data", "id")));
    draft.site().setName(word(location, "attributes", "name"));
    draft.site().setTimezone(word(location, "attributes", "timezone"));
  }

  /** Labels are free text of the customer; only unmistakable ones are understood. */
  private static @Nullable String answer(JsonNode attributes, Set<String> labels) {
    JsonNode answers = at(attributes, "user-data");
    for (JsonNode answer : answers) {
      String label = word(answer, "field");
      if (label != null && labels.contains(label.strip().toLowerCase(Locale.ROOT))) {
        String value = word(answer, "value");
        if (value != null) {
          return value;
        }
      }
    }
    return null;
  }
}
