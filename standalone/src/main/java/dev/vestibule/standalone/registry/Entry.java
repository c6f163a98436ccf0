package dev.vestibule.standalone.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One record of the registry's topic. Key and value are JSON in the manner of Confluent's own
 * topic. Of several records with one key the last counts.
 */
sealed interface Entry {
  ObjectMapper JSON = new ObjectMapper();

  /** Key of the record. */
  String key();

  /** Value of the record. */
  String value();

  /**
   * A version of a subject.
   *
   * @param id the schema's id, or null when this record is the first with this schema: then its
   *     place in the topic gives the id, so that no two schemas can ever get the same one
   */
  record Version(String subject, int version, @Nullable Integer id, String schema)
      implements Entry {
    @Override
    public String key() {
      return keyOf("SCHEMA").put("subject", subject).put("version", version).toString();
    }

    @Override
    public String value() {
      return JSON.createObjectNode()
          .put("subject", subject)
          .put("version", version)
          .put("id", id)
          .put("schema", schema)
          .toString();
    }
  }

  /**
   * A compatibility level.
   *
   * @param subject whose level it is, or null for all that have none of their own
   */
  record Level(@Nullable String subject, CompatibilityLevel level) implements Entry {
    @Override
    public String key() {
      return keyOf("CONFIG").put("subject", subject).toString();
    }

    @Override
    public String value() {
      return JSON.createObjectNode().put("compatibilityLevel", level.name()).toString();
    }
  }

  /** Where the registry listens now. */
  record Address(String url) implements Entry {
    @Override
    public String key() {
      return keyOf("ADDRESS").toString();
    }

    @Override
    public String value() {
      return JSON.createObjectNode().put("url", url).toString();
    }
  }

  private static ObjectNode keyOf(String type) {
    return JSON.createObjectNode().put("keytype", type);
  }

  /** The entry of a record; empty for one that this registry did not write. */
  static Optional<Entry> read(@Nullable String key, @Nullable String value) {
    if (key == null || value == null) {
      return Optional.empty();
    }
    try {
      JsonNode k = JSON.readTree(key);
      JsonNode v = JSON.readTree(value);
      return switch (k.path("keytype").asText()) {
        case "SCHEMA" ->
            Optional.of(
                new Version(
                    k.path("subject").asText(),
                    k.path("version").asInt(),
                    v.path("id").isInt() ? v.path("id").intValue() : null,
                    v.path("schema").asText()));
        case "CONFIG" ->
            CompatibilityLevel.of(v.path("compatibilityLevel").asText())
                .map(level -> new Level(k.path("subject").textValue(), level));
        case "ADDRESS" -> Optional.of(new Address(v.path("url").asText()));
        default -> Optional.empty();
      };
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
