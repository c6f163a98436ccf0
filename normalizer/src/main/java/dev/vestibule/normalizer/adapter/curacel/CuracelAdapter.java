package dev.vestibule.normalizer.adapter.curacel;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.word;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.contract.IdentityKey;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.BodyHash;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Normalization.Ignored;
import dev.vestibule.normalizer.adapter.Normalization.IgnoredReason;
import dev.vestibule.normalizer.adapter.Times;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Curacel Health's {@code checkin.outcome} (documented). Everything is health data: only the fields
 * named here leave, and the insured person only as a keyed hash. Other events hold diagnoses and
 * are never kept.
 *
 * @see <a href="https://docs.curacel.co/docs/guides/curacel-health/webhook-for-checkins">Webhook
 *     for check-ins</a>
 */
public final class CuracelAdapter implements Adapter {
  private static final String CHECK_IN_OUTCOME = "checkin.outcome";
  private static final String[] KEPT_BESIDES = {"hmo_id", "http_status", "confirmed_at"};

  private final IdentityKey identity;

  public CuracelAdapter(IdentityKey identity) {
    this.identity = identity;
  }

  @Override
  public Normalization<Draft> adapt(Delivery delivery, JsonNode body) {
    String event = word(body, "event");
    if (event == null) {
      return Normalization.missing("event", "text");
    }
    if (!event.equals(CHECK_IN_OUTCOME)) {
      return new Ignored<>(IgnoredReason.NEVER_STORED);
    }
    JsonNode data = at(body, "data");
    return data.isObject()
        ? Normalization.event(draft(delivery, event, data))
        : Normalization.missing("data", "an object");
  }

  private Draft draft(Delivery delivery, String event, JsonNode data) {
    String checkIn = word(data, "checkin_id");
    String person = person(delivery.account(), data);
    Draft draft = new Draft(type(word(data, "status")), event);
    draft.occurred(Times.parse(word(data, "occurred_at")));
    draft.keys(
        Keys.about("enrollee", person).withDelivery("event_id", deliveryKey(delivery, data)));
    draft.visit().setId(checkIn);
    draft.person().setId(person);
    draft.site().setId(word(data, "provider_id"));
    draft.outcome().setStatus(word(data, "status"));
    draft.outcome().setMethod(word(data, "auth_type"));
    draft.outcome().setReasonCode(word(data, "reason_code"));
    draft.outcome().setMessage(withoutEnrollee(word(data, "message"), data));
    for (String name : KEPT_BESIDES) {
      String value = word(data, name);
      if (value != null) {
        draft.attribute(name, at(data, name));
      }
    }
    return draft;
  }

  private static EventType type(@Nullable String status) {
    return switch (status) {
      case "succeeded" -> EventType.CHECK_IN_SUCCEEDED;
      case "failed" -> EventType.CHECK_IN_FAILED;
      case null, default -> EventType.OTHER;
    };
  }

  private @Nullable String person(String account, JsonNode data) {
    String hmo = word(data, "hmo_id");
    String enrollee = word(data, "enrollee_id");
    return hmo == null || enrollee == null ? null : identity.enrollee(account, hmo, enrollee);
  }

  /** The documented UUID; a missing or malformed one is replaced by the hash of the body. */
  private static String deliveryKey(Delivery delivery, JsonNode data) {
    String id = word(data, "event_id");
    if (id != null) {
      try {
        return UUID.fromString(id.strip()).toString().toLowerCase(Locale.ROOT);
      } catch (IllegalArgumentException e) {
        // Falls through: no UUID.
      }
    }
    return BodyHash.sha256(delivery.body());
  }

  /** The message is free text of the vendor; the one clear id it might quote is taken out. */
  private static @Nullable String withoutEnrollee(@Nullable String message, JsonNode data) {
    String enrollee = word(data, "enrollee_id");
    if (message == null || enrollee == null) {
      return message;
    }
    return Pattern.compile("(?<![\\p{L}\\p{N}])" + Pattern.quote(enrollee) + "(?![\\p{L}\\p{N}])")
        .matcher(message)
        .replaceAll("***");
  }
}
