package dev.vestibule.ingress.vendor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A few scalar values of a JSON body, found in one pass without building a tree.
 *
 * <p>Agrees with a tree parse where names repeat: the last occurrence wins and takes with it what
 * an earlier one held. Values are the exact text, so that ids beyond 64 bit and the digits of a
 * number stay as they were sent.
 */
public final class BodyFacts {
  private static final BodyFacts UNREADABLE = new BodyFacts(false, Map.of());

  private final boolean readable;
  private final Map<String, String> values;

  private BodyFacts(boolean readable, Map<String, String> values) {
    this.readable = readable;
    this.values = values;
  }

  /**
   * Reads a body.
   *
   * @param paths what to look for
   */
  public static BodyFacts scan(byte[] body, Paths paths) {
    Map<String, String> found = new HashMap<>();
    int start = Json.bomLength(body);
    try (JsonParser parser = Json.FACTORY.createParser(body, start, body.length - start)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return UNREADABLE;
      }
      readObject(parser, paths.root, found);
      return parser.nextToken() == null ? new BodyFacts(true, found) : UNREADABLE;
    } catch (IOException e) {
      return UNREADABLE;
    }
  }

  /** Whether the body is one JSON object from its first byte to its last. */
  public boolean readable() {
    return readable;
  }

  /** The text of a string or number that was asked for, or null. */
  public @Nullable String text(String path) {
    return values.get(path);
  }

  private static void readObject(JsonParser parser, Node node, Map<String, String> found)
      throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      Node child = node.children.get(parser.currentName());
      JsonToken value = parser.nextToken();
      if (child == null) {
        parser.skipChildren();
        continue;
      }
      child.forget(found);
      if (value == JsonToken.START_OBJECT) {
        readObject(parser, child, found);
      } else if (value == JsonToken.START_ARRAY) {
        parser.skipChildren();
      } else if (child.path != null && (value == JsonToken.VALUE_STRING || value.isNumeric())) {
        found.put(child.path, parser.getText());
      }
    }
  }

  /** Which values are wanted; made once, since every body of a vendor is asked for the same. */
  public static final class Paths {
    private final Node root = new Node();

    private Paths() {}

    /**
     * @param paths names joined by full stops, from the root object; arrays are not entered
     */
    public static Paths of(String... paths) {
      Paths all = new Paths();
      for (String path : paths) {
        all.root.add(path);
      }
      return all;
    }
  }

  /** A name that leads to a path; only a leaf has the path itself. */
  private static final class Node {
    private final Map<String, Node> children = new HashMap<>();
    private @Nullable String path;

    void add(String wanted) {
      Node node = this;
      for (String name : wanted.split("\\.")) {
        node = node.children.computeIfAbsent(name, key -> new Node());
      }
      node.path = wanted;
    }

    void forget(Map<String, String> found) {
      if (path != null) {
        found.remove(path);
      }
      children.values().forEach(child -> child.forget(found));
    }
  }

  /** How bodies are read: UTF-8 only, with no limit but the body's own size, and depth. */
  static final class Json {
    static final JsonFactory FACTORY =
        JsonFactory.builder()
            .disable(JsonFactory.Feature.CHARSET_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            // The default keeps buffers per thread, and every request has a thread of its own.
            .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(1000)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private Json() {}

    /** Length of a UTF-8 byte order mark at the start: 3 or 0. */
    static int bomLength(byte[] body) {
      return body.length >= 3
              && body[0] == (byte) 0xEF
              && body[1] == (byte) 0xBB
              && body[2] == (byte) 0xBF
          ? 3
          : 0;
    }
  }
}
