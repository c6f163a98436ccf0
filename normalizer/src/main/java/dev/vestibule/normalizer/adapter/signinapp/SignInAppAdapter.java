package dev.vestibule.normalizer.adapter.signinapp;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.first;
import static dev.vestibule.normalizer.adapter.Json.text;
import static dev.vestibule.normalizer.adapter.Json.word;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.events.EventType;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.CanonicalJson;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.FieldMapping;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Times;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sign In App webhooks: {@code visitor.signin} and {@code visitor.signout} (documented), with a
 * hyphen in the wild (observed). {@code pushed_at} changes with every attempt and is not kept.
 *
 * @see <a href="https://signinapp.com/docs/client-api/webhooks.html">Webhooks</a>
 */
public final class SignInAppAdapter implements Adapter {
  private static final Set<String> MAPPED_VISITOR =
      Set.of("id", "returning_visitor_id", "name", "photo_url", "badge_url", "additional_files");
  private static final Set<String> MAPPED_SITE = Set.of("id", "name", "timezone");
  private static final Set<String> MAPPED_HOST = Set.of("id", "name", "email");
  private static final Set<String> MAPPED_ROOT =
      Set.of("event", "event_at", "pushed_at", "idempotency_key", "site", "visitor", "visiting");

  @Override
  public Normalization<Draft> adapt(Delivery delivery, JsonNode body) {
    String event = word(body, "event");
    if (event == null) {
      return Normalization.missing("event", "text");
    }
    EventType type = type(event);
    if (type != EventType.OTHER && word(body, "visitor", "id") == null) {
      return Normalization.missing("visitor.id", "a number or text");
    }
    return Normalization.event(draft(delivery, body, event, type));
  }

  private static EventType type(String event) {
    return switch (event.toLowerCase(Locale.ROOT)) {
      case "visitor.signin", "visitor.sign-in" -> EventType.SIGNED_IN;
      case "visitor.signout", "visitor.sign-out" -> EventType.SIGNED_OUT;
      default -> EventType.OTHER;
    };
  }

  private static Draft draft(Delivery delivery, JsonNode body, String event, EventType type) {
    JsonNode visitor = at(body, "visitor");
    Draft draft = new Draft(type, event);
    Instant eventAt = Times.parse(word(body, "event_at"));
    draft.occurred(eventAt);
    draft.keys(keys(body, type, eventAt));
    draft.visit().setId(word(visitor, "id"));
    draft.visit().setSignedInAt(type == EventType.SIGNED_IN ? eventAt : null);
    draft.visit().setSignedOutAt(type == EventType.SIGNED_OUT ? eventAt : null);
    draft.person().setId(word(visitor, "returning_visitor_id"));
    draft.person().setFullName(word(visitor, "name"));
    draft.person().setKind(isRemote(body) ? "remote" : null);
    draft.host().setId(word(body, "visiting", "id"));
    draft.host().setFullName(first(word(body, "visiting", "name"), word(body, "visiting")));
    draft.host().setEmail(word(body, "visiting", "email"));
    draft.site().setId(word(body, "site", "id"));
    draft.site().setName(word(body, "site", "name"));
    draft.site().setTimezone(word(body, "site", "timezone"));
    draft.attributes("", body, MAPPED_ROOT);
    draft.attributes("", visitor, MAPPED_VISITOR);
    draft.attributes("site.", at(body, "site"), MAPPED_SITE);
    draft.attributes("visiting.", at(body, "visiting"), MAPPED_HOST);
    delivery
        .source()
        .mapping()
        .forEach((field, question) -> FieldMapping.fill(draft, field, answer(visitor, question)));
    return draft;
  }

  private static Keys keys(JsonNode body, EventType type, @Nullable Instant eventAt) {
    String site = word(body, "site", "id");
    String visitor = word(body, "visitor", "id");
    String visit = site + ":" + visitor;
    Keys keys = Keys.about("visit", visit);
    if (type != EventType.OTHER && eventAt != null) {
      keys = keys.withFact("visit", visit, type.name(), Times.second(eventAt));
    }
    String delivery = word(body, "idempotency_key");
    if (delivery != null) {
      return keys.withDelivery("idempotency_key", delivery);
    }
    // Documented as required. Without it and without a fact, only the content is left.
    return keys.fact() != null ? keys : keys.withDelivery("content", content(body));
  }

  private static String content(JsonNode body) {
    ObjectNode stable = body.deepCopy();
    stable.remove("pushed_at");
    return CanonicalJson.of(stable);
  }

  /** Presence in the building is what it is not; the vendor says so in two places. */
  private static boolean isRemote(JsonNode body) {
    return at(body, "visitor", "is_remote").asBoolean()
        || "remote".equalsIgnoreCase(word(body, "site", "type"));
  }

  private static @Nullable String answer(JsonNode visitor, String question) {
    return first(text(visitor, "additional", question), text(visitor, "personal_fields", question));
  }
}
