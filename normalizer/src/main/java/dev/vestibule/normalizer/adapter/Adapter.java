package dev.vestibule.normalizer.adapter;

import com.fasterxml.jackson.databind.JsonNode;

/** Reads one vendor's webhook format. */
public interface Adapter {

  /**
   * Drafts the events that a delivery proves. The same delivery always gives the same drafts (but
   * for sealed bytes, whose nonce is random).
   */
  default Normalization<Draft> adapt(Delivery delivery) {
    JsonNode body = Json.read(delivery.body());
    if (body == null) {
      return Normalization.unreadable();
    }
    return body.isObject() ? adapt(delivery, body) : Normalization.unexpectedShape(expectedShape());
  }

  /**
   * The same for a body that can be read.
   *
   * @param body a JSON object
   */
  Normalization<Draft> adapt(Delivery delivery, JsonNode body);

  /** What a body should be, for those who read the dead letter. */
  default String expectedShape() {
    return "an object";
  }
}
