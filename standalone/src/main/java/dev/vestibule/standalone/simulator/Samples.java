package dev.vestibule.standalone.simulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.Vendor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Example messages of every vendor: {@code samples/<vendor>/<name>.json} on the class path, listed
 * in {@code names.txt} beside them. Where a sample says {@code {{visit}}} a value is filled in, so
 * each load is a new fact. {@code {{visit|text}}} makes a text of a number.
 */
public final class Samples {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{([a-z.]+)(\\|text)?}}");
  private static final ObjectMapper JSON = new ObjectMapper();

  private Samples() {}

  /** Names of a vendor's samples, in alphabetical order. */
  public static List<String> names(Vendor vendor) {
    return new String(resource(vendor, "names.txt"), StandardCharsets.UTF_8).lines().toList();
  }

  /**
   * A sample with new ids and the given time.
   *
   * @throws IllegalArgumentException when there is no such sample; the message lists those there
   *     are
   */
  public static Message load(Vendor vendor, String name, Random random, Instant now) {
    Scene scene = Scene.fresh(random, now);
    return Message.of(vendor, name, Scene.deliveryId(random), tree(vendor, name, scene));
  }

  static ObjectNode tree(Vendor vendor, String name, Scene scene) {
    List<String> names = names(vendor);
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "no sample " + name + " for " + vendor + ", expected one of: " + String.join(" ", names));
    }
    try {
      return (ObjectNode) filled(JSON.readTree(resource(vendor, name + ".json")), scene);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode filled(JsonNode node, Scene scene) {
    return switch (node) {
      case ObjectNode object -> {
        ObjectNode copy = JSON.createObjectNode();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
          copy.set(field.getKey(), filled(field.getValue(), scene));
        }
        yield copy;
      }
      case ArrayNode array -> {
        ArrayNode copy = JSON.createArrayNode();
        array.forEach(element -> copy.add(filled(element, scene)));
        yield copy;
      }
      default -> node.isTextual() ? filled(node.textValue(), scene) : node;
    };
  }

  private static JsonNode filled(String text, Scene scene) {
    Matcher whole = PLACEHOLDER.matcher(text);
    if (whole.matches()
        && whole.group(2) == null
        && scene.value(whole.group(1)) instanceof Long id) {
      return JsonNodeFactory.instance.numberNode(id);
    }
    return JsonNodeFactory.instance.textNode(
        PLACEHOLDER
            .matcher(text)
            .replaceAll(match -> Matcher.quoteReplacement(scene.value(match.group(1)).toString())));
  }

  private static byte[] resource(Vendor vendor, String file) {
    String path = "/samples/" + vendor.id() + "/" + file;
    try (InputStream stream = Samples.class.getResourceAsStream(path)) {
      if (stream == null) {
        throw new IllegalStateException(path + " is not on the class path");
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
