package dev.vestibule.normalizer.adapter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads vendor JSON as a tree, without trusting any type in it: a fact of the wrong type counts as
 * absent. The last of duplicate keys wins; numbers keep every digit.
 */
public final class Json {
  private static final int MAX_DEPTH = 1_000;
  private static final int MAX_NUMBER_CHARS = 10_000;
  private static final int MAX_STRING_CHARS = 64 * 1024 * 1024;

  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(MAX_STRING_CHARS)
                          .maxNumberLength(MAX_NUMBER_CHARS)
                          .build())
                  // An error must not be able to quote the body.
                  .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private Json() {}

  /** The body as a tree, or null when it is not one JSON value. A byte order mark is accepted. */
  public static @Nullable JsonNode read(byte[] body) {
    try {
      JsonNode node = MAPPER.readTree(body);
      return node == null || node.isMissingNode() ? null : node;
    } catch (IOException | RuntimeException e) {
      // Whatever a hostile body provokes in the parser, the body is what cannot be read.
      return null;
    }
  }

  /** The node at the end of the path, or a missing node. */
  public static JsonNode at(JsonNode node, String... path) {
    JsonNode current = node;
    for (String name : path) {
      current = current.isObject() ? current.path(name) : MissingNode.getInstance();
    }
    return current;
  }

  /** A scalar as text, numbers with their exact digits; null when absent, blank or nested. */
  public static @Nullable String text(JsonNode node, String... path) {
    JsonNode value = at(node, path);
    if (!value.isTextual() && !value.isNumber() && !value.isBoolean()) {
      return null;
    }
    String text = value.asText();
    return text.isBlank() ? null : text;
  }

  /** Like {@link #text}, but true and false are no ids, names or times. */
  public static @Nullable String word(JsonNode node, String... path) {
    return at(node, path).isBoolean() ? null : text(node, path);
  }

  /** The first that is not null. */
  @SafeVarargs
  public static <T> @Nullable T first(@Nullable T... candidates) {
    for (T candidate : candidates) {
      if (candidate != null) {
        return candidate;
      }
    }
    return null;
  }
}
