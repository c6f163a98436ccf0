package dev.vestibule.normalizer.adapter.essentry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.normalizer.adapter.CanonicalJson;

/**
 * The canonical form of a snapshot, by which repeats are told from changes: sorted members, no
 * nulls, no image links, since those may be signed anew on every send.
 */
final class Canonical {
  private Canonical() {}

  static String checkIn(JsonNode checkIn) {
    ObjectNode stable = checkIn.deepCopy();
    if (stable.get("trustedId") instanceof ObjectNode trustedId) {
      trustedId.remove("images");
    }
    return wrapped("checkIn", stable);
  }

  static String accessCredential(JsonNode credential) {
    return wrapped("accessCredential", credential);
  }

  private static String wrapped(String kind, JsonNode object) {
    return CanonicalJson.of(JsonNodeFactory.instance.objectNode().set(kind, object));
  }
}
