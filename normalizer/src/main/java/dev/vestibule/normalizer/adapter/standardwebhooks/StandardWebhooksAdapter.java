package dev.vestibule.normalizer.adapter.standardwebhooks;

import static dev.vestibule.normalizer.adapter.Json.at;
import static dev.vestibule.normalizer.adapter.Json.text;
import static dev.vestibule.normalizer.adapter.Json.word;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.vestibule.config.SourceConfig;
import dev.vestibule.events.EventType;
import dev.vestibule.events.OccurredAtBasis;
import dev.vestibule.normalizer.adapter.Adapter;
import dev.vestibule.normalizer.adapter.BodyHash;
import dev.vestibule.normalizer.adapter.Delivery;
import dev.vestibule.normalizer.adapter.Draft;
import dev.vestibule.normalizer.adapter.FieldMapping;
import dev.vestibule.normalizer.adapter.Keys;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Times;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Standard Webhooks. The specification fixes the signature and recommends {@code type}, {@code
 * timestamp} and {@code data} in the body; which event fields they fill is the source's mapping:
 * {@code type:<vendor type>} to an event type, an event field to a JSON pointer.
 *
 * @see <a href="https://github.com/standard-webhooks/standard-webhooks">Standard Webhooks</a>
 */
public final class StandardWebhooksAdapter implements Adapter {
  private static final String TYPE_PREFIX = "type:";
  private static final Set<String> MAPPED_ROOT = Set.of("type", "timestamp", "data");

  @Override
  public Normalization<Draft> adapt(Delivery delivery, JsonNode body) {
    return Normalization.event(draft(delivery, body));
  }

  private static Draft draft(Delivery delivery, JsonNode body) {
    String vendorType = word(body, "type");
    Draft draft = new Draft(type(delivery.source(), vendorType), vendorType);
    // The signed time is that of the attempt, so the body's own comes first.
    draft.occurred(delivery.signedAt(), OccurredAtBasis.SIGNED_HEADER);
    draft.occurred(Times.parse(word(body, "timestamp")));
    delivery
        .source()
        .mapping()
        .forEach((field, pointer) -> FieldMapping.fill(draft, field, value(body, pointer)));
    draft.keys(
        Keys.about("visit", draft.visit().getId())
            .withDelivery(
                delivery.deliveryId() == null
                    ? new String[] {"content", BodyHash.sha256(delivery.body())}
                    : new String[] {"webhook-id", delivery.deliveryId()}));
    draft.attributes("", body, MAPPED_ROOT);
    if (at(body, "data").isObject()) {
      draft.attributes("", at(body, "data"), Set.of());
    } else {
      draft.attribute("data", at(body, "data"));
    }
    return draft;
  }

  private static EventType type(SourceConfig source, @Nullable String vendorType) {
    String mapped = vendorType == null ? null : source.mapping().get(TYPE_PREFIX + vendorType);
    return mapped == null ? EventType.OTHER : FieldMapping.type(mapped).orElse(EventType.OTHER);
  }

  private static @Nullable String value(JsonNode body, String pointer) {
    return pointer.startsWith("/") ? text(body.at(JsonPointer.compile(pointer))) : null;
  }
}
