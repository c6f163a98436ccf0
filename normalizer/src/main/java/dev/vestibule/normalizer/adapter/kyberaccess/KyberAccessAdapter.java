package dev.vestibule.normalizer.adapter.kyberaccess;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.first;
import static dev.vestibule.normalizer.adapter.Json.text;
import static dev.vestibule.normalizer.adapter.Json.word;
import static java.util.Map.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Sensitivities;
import dev.vestibule.normalizer.adapter.Times;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * KyberAccess webhooks. The envelope ({@code id}, {@code event}, {@code timestamp}, {@code
 * account_id}, {@code data}) and the 21 names are documented; {@code data} is documented for {@code
 * visitor.checked_in} only, so nothing inside it is required.
 *
 * @see <a
 *     href="https://help.kyberaccess.com/hc/kyberaccess/articles/1777137538-webhook-configuration">Webhook
 *     configuration</a>
 */
public final class KyberAccessAdapter implements Adapter {
  private static final Map<String, EventType> TYPES =
      Map.ofEntries(
          entry("visitor.checked_in", EventType.SIGNED_IN),
          entry("visitor.checked_out", EventType.SIGNED_OUT),
          entry("visitor.denied", EventType.DENIED),
          entry("visitor.pre_registered", EventType.PRE_REGISTERED),
          entry("visitor.pre_registration_cancelled", EventType.PRE_REGISTRATION_CANCELLED),
          entry("visitor.updated", EventType.UPDATED),
          entry("visitor.deleted", EventType.ERASED),
          entry("screening.watchlist_hit", EventType.WATCHLIST_HIT),
          entry("screening.bolo_alert", EventType.BOLO_ALERT),
          entry("screening.cleared", EventType.SCREENING_CLEARED),
          entry("emergency.lockdown_activated", EventType.LOCKDOWN_ACTIVATED),
          entry("emergency.lockdown_deactivated", EventType.LOCKDOWN_DEACTIVATED),
          entry("emergency.evacuation_activated", EventType.EVACUATION_ACTIVATED),
          entry("document.nda_signed", EventType.DOCUMENT_SIGNED),
          entry("document.nda_declined", EventType.DOCUMENT_DECLINED),
          entry("delivery.received", EventType.DELIVERY_RECEIVED),
          entry("delivery.picked_up", EventType.DELIVERY_PICKED_UP),
          entry("delivery.notified", EventType.DELIVERY_NOTIFIED),
          entry("user.login", EventType.USER_LOGIN),
          entry("user.login_failed", EventType.USER_LOGIN_FAILED),
          entry("settings.updated", EventType.SETTINGS_UPDATED));

  /** What {@code GET /check-in-events} can bring too; its other names never leave the webhook. */
  private static final Set<EventType> ON_OTHER_PATHS =
      Set.of(EventType.SIGNED_IN, EventType.SIGNED_OUT, EventType.DENIED, EventType.PRE_REGISTERED);

  private static final Set<String> MAPPED_DATA =
      Set.of(
          "visitor",
          "visitor_id",
          "host",
          "location",
          "location_id",
          "check_in_time",
          "check_out_time",
          "badge_number",
          "screening_status",
          "purpose",
          "status");
  private static final Set<String> MAPPED_VISITOR =
      Set.of(
          "id",
          "first_name",
          "last_name",
          "full_name",
          "name",
          "email",
          "phone",
          "company",
          "purpose",
          "badge_number",
          "status",
          "visitor_type");
  private static final Set<String> MAPPED_PLACE = Set.of("id", "name", "timezone");
  private static final Set<String> MAPPED_HOST = Set.of("id", "name", "email");

  /** Accusations about a person: kept on restricted events only. */
  private static final Set<String> SCREENING_DETAIL =
      Set.of("screening_results", "watchlist_cleared", "watchlist", "bolo");

  @Override
  public Normalization<Draft> adapt(Delivery delivery, JsonNode body) {
    for (String required : new String[] {"id", "event", "timestamp", "account_id"}) {
      if (word(body, required) == null) {
        return Normalization.missing(required, "text");
      }
    }
    JsonNode data = at(body, "data");
    if (!data.isObject()) {
      return Normalization.missing("data", "an object");
    }
    Instant occurredAt = Times.parse(word(body, "timestamp"));
    return occurredAt == null
        ? Normalization.malformed("timestamp", "an ISO 8601 date-time")
        : Normalization.event(draft(delivery, body, data, occurredAt));
  }

  private static Draft draft(Delivery delivery, JsonNode body, JsonNode data, Instant occurredAt) {
    String event = word(body, "event");
    EventType type = TYPES.getOrDefault(event == null ? "" : event, EventType.OTHER);
    String visitorId = visitorId(data);
    Draft draft = new Draft(type, event);
    draft.occurred(occurredAt);
    draft.keys(keys(delivery, body, type, visitorId, occurredAt));
    fillVisit(draft, data, visitorId);
    fillPerson(draft, data, visitorId);
    fillHostAndSite(draft, data);
    draft.screening(word(data, "screening_status"));
    boolean restricted = Sensitivities.isRestricted(type);
    draft.attributes("", strip(data, restricted), MAPPED_DATA);
    draft.attributes("visitor.", strip(at(data, "visitor"), restricted), MAPPED_VISITOR);
    return draft;
  }

  private static Keys keys(
      Delivery delivery,
      JsonNode body,
      EventType type,
      @Nullable String visitorId,
      Instant occurredAt) {
    Keys keys =
        Keys.about("visitor", visitorId)
            .withDelivery(
                word(body, "account_id"),
                word(body, "event"),
                word(body, "id"),
                word(body, "timestamp"))
            .withHint(delivery.deliveryId());
    return visitorId == null || !ON_OTHER_PATHS.contains(type)
        ? keys
        : keys.withFact("visitor", visitorId, type.name(), Times.second(occurredAt));
  }

  /** Documented nowhere but for the nested form; the other two are inferred. */
  private static @Nullable String visitorId(JsonNode data) {
    String own = word(data, "id");
    return first(
        word(data, "visitor", "id"),
        word(data, "visitor_id"),
        own != null && own.startsWith("vis_") ? own : null);
  }

  private static void fillVisit(Draft draft, JsonNode data, @Nullable String visitorId) {
    draft.visit().setId(visitorId);
    draft.visit().setExpectedAt(Times.parse(word(data, "expected_date")));
    draft
        .visit()
        .setSignedInAt(
            first(
                Times.parse(word(data, "check_in_time")),
                draft.type() == EventType.SIGNED_IN ? draft.occurredAt() : null));
    draft
        .visit()
        .setSignedOutAt(
            first(
                Times.parse(word(data, "check_out_time")),
                draft.type() == EventType.SIGNED_OUT ? draft.occurredAt() : null));
    draft.visit().setPurpose(first(word(data, "visitor", "purpose"), word(data, "purpose")));
    draft
        .visit()
        .setBadgeNumber(first(word(data, "badge_number"), word(data, "visitor", "badge_number")));
    draft.visit().setStatus(first(word(data, "status"), word(data, "visitor", "status")));
  }

  private static void fillPerson(Draft draft, JsonNode data, @Nullable String visitorId) {
    JsonNode visitor = at(data, "visitor");
    draft.person().setId(visitorId);
    draft.person().setFirstName(word(visitor, "first_name"));
    draft.person().setLastName(word(visitor, "last_name"));
    draft.person().setFullName(first(word(visitor, "full_name"), word(visitor, "name")));
    draft.person().setEmail(word(visitor, "email"));
    draft.person().setPhone(word(visitor, "phone"));
    draft.person().setCompany(word(visitor, "company"));
    draft.person().setKind(word(visitor, "visitor_type"));
  }

  /** Host and location are objects in webhooks, plain names in some REST answers. */
  private static void fillHostAndSite(Draft draft, JsonNode data) {
    draft.host().setId(word(data, "host", "id"));
    draft.host().setFullName(first(word(data, "host", "name"), word(data, "host")));
    draft.host().setEmail(word(data, "host", "email"));
    draft.attributes("host.", at(data, "host"), MAPPED_HOST);
    draft.site().setId(first(word(data, "location", "id"), word(data, "location_id")));
    draft.site().setName(first(word(data, "location", "name"), word(data, "location")));
    draft.site().setTimezone(text(data, "location", "timezone"));
    draft.attributes("location.", at(data, "location"), MAPPED_PLACE);
  }

  private static JsonNode strip(JsonNode node, boolean restricted) {
    if (restricted || !(node instanceof ObjectNode object)) {
      return node;
    }
    return object.deepCopy().remove(SCREENING_DETAIL);
  }
}
