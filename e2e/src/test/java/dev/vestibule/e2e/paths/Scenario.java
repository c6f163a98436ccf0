package dev.vestibule.e2e.paths;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.Vendor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A file: deliveries in the order of their arrival, and what each becomes.
 *
 * <p>{@code bodies} are named: text is taken byte for byte, an object is written without blanks. A
 * delivery has a {@code body} (a name), {@code with} (members laid over it), {@code path}
 * (webhook), {@code at} (time since the start), {@code request} (a name that stands for one request
 * id; else each delivery has its own), {@code deliveryId}, {@code key} (the visit's ordering key),
 * {@code times} (how often it comes), {@code expect} and {@code reports} (key kinds of conflict
 * reports).
 *
 * <p>Each expectation is one event: its type, {@code NEW}, {@code REVISION}, {@code CONFLICT},
 * {@code DUPLICATE} with the key kind that told, or {@code REPLAY} alone; {@code late} where it is
 * marked so; and a label in brackets: equal labels are equal event ids, different ones are not. A
 * dead letter is {@code DEAD} with its reason.
 */
record Scenario(String name, JsonNode content) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Path FOLDER = Path.of("src/test/resources/paths");

  static Stream<Scenario> all() {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream()
          .map(Scenario::load);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Scenario of(String name) {
    return load(FOLDER.resolve(name + ".json"));
  }

  private static Scenario load(Path file) {
    try {
      return new Scenario(
          FOLDER.relativize(file).toString(), MAPPER.readTree(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Vendor vendor() {
    return Vendor.byId(content.path("vendor").asText()).orElseThrow();
  }

  List<Arrival> arrivals() {
    List<Arrival> arrivals = new ArrayList<>();
    Map<String, UUID> requests = new HashMap<>();
    Duration at = Duration.ZERO;
    for (JsonNode delivery : content.path("deliveries")) {
      at = delivery.has("at") ? Duration.parse(delivery.get("at").textValue()) : at;
      for (int i = 0; i < delivery.path("times").asInt(1); i++) {
        String request = delivery.path("request").asText("own " + arrivals.size());
        arrivals.add(
            new Arrival(
                at,
                requests.computeIfAbsent(request, name -> id(requests.size())),
                delivery.path("path").asText("webhook"),
                delivery.path("deliveryId").textValue(),
                delivery.path("key").asText("hq:visit"),
                body(delivery),
                texts(delivery.path("expect")),
                texts(delivery.path("reports"))));
        at = at.plusSeconds(1);
      }
    }
    return arrivals;
  }

  private static UUID id(int number) {
    return new UUID(0x01938e5a00007000L, 0x8000000000000000L + number);
  }

  private byte[] body(JsonNode delivery) {
    String name = delivery.path("body").textValue();
    JsonNode body = content.path("bodies").path(name);
    if (body.isMissingNode()) {
      throw new IllegalStateException(this + " has no body named " + name);
    }
    String text =
        body.isTextual()
            ? body.textValue()
            : merged(body.deepCopy(), delivery.path("with")).toString();
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode merged(JsonNode base, JsonNode over) {
    for (Map.Entry<String, JsonNode> member : over.properties()) {
      JsonNode before = base.path(member.getKey());
      JsonNode after =
          before.isObject() && member.getValue().isObject()
              ? merged(before, member.getValue())
              : member.getValue();
      ((ObjectNode) base).set(member.getKey(), after);
    }
    return base;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(text -> texts.add(text.textValue()));
    return texts;
  }

  @Override
  public String toString() {
    return name;
  }

  /**
   * One delivery.
   *
   * @param at time since the start of the scenario
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Arrival(
      Duration at,
      UUID requestId,
      String path,
      @Nullable String deliveryId,
      String key,
      byte[] body,
      List<String> expected,
      List<String> reports) {}
}
