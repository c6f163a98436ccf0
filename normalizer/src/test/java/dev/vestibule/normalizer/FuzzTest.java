package dev.vestibule.normalizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vestibule.contract.KeyScheme;
import dev.vestibule.contract.Vendor;
import dev.vestibule.events.Sensitivity;
import dev.vestibule.events.VisitorEvent;
import dev.vestibule.normalizer.adapter.Normalization;
import dev.vestibule.normalizer.adapter.Normalization.Events;
import dev.vestibule.normalizer.adapter.Normalization.Ignored;
import dev.vestibule.normalizer.adapter.Normalization.Reason;
import dev.vestibule.normalizer.adapter.Normalization.Unprocessable;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Changes real bodies at random, by structure and by byte. Whatever comes out of it: one outcome,
 * no exception, nothing empty, nothing that must not travel in clear. The seed is in the name of
 * the test.
 */
class FuzzTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int ROUNDS = 400;

  /** Planted in every body under the names that hold such things. */
  private static final String[] MARKERS = {
    "CARD-0012345678", "PIN-990011", "DOCNO-X777", "img.example", "778899001122", "TOKEN-ABC"
  };

  static IntStream seeds() {
    return IntStream.rangeClosed(1, 25);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void changedBodiesNeverBreakARule(int seed) throws IOException {
    // Given
    Random random = new Random(seed);
    Normalizer normalizer =
        new Normalizer(
            Fixtures.IDENTITY, Fixtures.CREDENTIAL_KEY, Map.of(), KeyScheme.OF_THIS_BUILD);
    List<Scenario> bodies =
        Scenario.all().filter(s -> s.content().has("body") || s.content().has("text")).toList();

    for (int round = 0; round < ROUNDS; round++) {
      // When
      Scenario scenario = bodies.get(random.nextInt(bodies.size()));
      byte[] body = mutated(random, scenario);
      RawRecord raw =
          Fixtures.raw(scenario.vendor(), Fixtures.headers(scenario.vendor()), "hq:x", body);
      Normalization<Normalized> outcome = normalizer.normalize(raw);

      // Then
      switch (outcome) {
        case Events<Normalized>(List<Normalized> events) ->
            events.forEach(event -> assertSound(scenario.vendor(), event));
        case Ignored<Normalized> ignored -> assertThat(ignored.reason()).isNotNull();
        case Unprocessable<Normalized> why ->
            assertThat(why.reason())
                .as(new String(body, StandardCharsets.UTF_8))
                .isNotEqualTo(Reason.INTERNAL_ERROR);
      }
    }
  }

  private static void assertSound(Vendor vendor, Normalized normalized) {
    VisitorEvent event = normalized.event();
    List<String> texts = new ArrayList<>();
    collect(event, texts);
    texts.addAll(normalized.headers().values());
    assertThat(texts).noneMatch(String::isBlank);
    String all = String.join("\n", texts);
    assertThat(all).doesNotContain(MARKERS);
    assertThat(event.getEventId()).hasSize(36);
    assertThat(event.getRevision()).hasSize(16);
    assertThat(event.getSensitivity()).isIn(vendor.baseSensitivity(), Sensitivity.RESTRICTED);
    if (vendor == Vendor.CURACEL) {
      assertThat(event.getSensitivity()).isEqualTo(Sensitivity.HEALTH);
    }
    // Avro is the last judge: what it cannot write would stop the stream.
    assertThat(AvroBytes.of(event)).isNotEmpty();
  }

  private static void collect(SpecificRecord record, List<String> texts) {
    for (Schema.Field field : record.getSchema().getFields()) {
      switch (record.get(field.pos())) {
        case SpecificRecord group -> collect(group, texts);
        case Map<?, ?> map ->
            map.forEach((key, value) -> {
              texts.add(key.toString());
              texts.add(value.toString());
            });
        case String text -> texts.add(text);
        case null, default -> {
          // Numbers, enums, times, sealed bytes.
        }
      }
    }
  }

  private static byte[] mutated(Random random, Scenario scenario) throws IOException {
    JsonNode tree;
    try {
      tree = MAPPER.readTree(scenario.body());
    } catch (IOException e) {
      return scenario.body();
    }
    if (!(tree instanceof ObjectNode object)) {
      return scenario.body();
    }
    plant(object);
    ObjectNode copy = object.deepCopy();
    int changes = random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      change(random, copy);
    }
    byte[] bytes = copy.toString().getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(20) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      // A broken byte can turn a name into another, which no rule by name can see.
      return containsMarker(bytes) ? new byte[] {'{'} : bytes;
    }
    return bytes;
  }

  private static boolean containsMarker(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    for (String marker : MARKERS) {
      if (text.contains(marker)) {
        return true;
      }
    }
    return false;
  }

  private static void plant(ObjectNode root) {
    for (ObjectNode object : objects(root)) {
      object.put("cardNumberKiosk", MARKERS[0]);
      object.put("pin", MARKERS[1]);
      object.put("documentNumber", MARKERS[2]);
      object.put("faceImageUrl", "https://img.example/" + object.size());
      object.put("portrait", "https://img.example/unforeseen");
      object.put("secret-token", MARKERS[5]);
    }
    if (root.path("data").has("enrollee_id")) {
      ((ObjectNode) root.path("data")).put("enrollee_id", 778899001122L);
    }
  }

  private static List<ObjectNode> objects(JsonNode node) {
    List<ObjectNode> objects = new ArrayList<>();
    if (node instanceof ObjectNode object) {
      objects.add(object);
    }
    node.forEach(child -> objects.addAll(objects(child)));
    return objects;
  }

  private static void change(Random random, ObjectNode root) {
    List<ObjectNode> objects = objects(root);
    ObjectNode object = objects.get(random.nextInt(objects.size()));
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    if (names.isEmpty()) {
      return;
    }
    String name = names.get(random.nextInt(names.size()));
    JsonNode value = object.get(name);
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    switch (random.nextInt(5)) {
      case 0 -> object.remove(name);
      case 1 -> object.set(name, odd(random));
      case 2 -> object.set(name, nodes.arrayNode().add(value).add(odd(random)));
      case 3 -> object.set(name, nodes.objectNode().set(name, value));
      default -> object.set("extra " + random.nextInt(3), odd(random));
    }
  }

  private static JsonNode odd(Random random) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    ArrayNode nested = nodes.arrayNode();
    return switch (random.nextInt(12)) {
      case 0 -> nodes.nullNode();
      case 1 -> nodes.textNode("");
      case 2 -> nodes.textNode(" \t\n");
      case 3 -> nodes.booleanNode(random.nextBoolean());
      case 4 -> nodes.numberNode(new BigInteger("123456789012345678901234567890"));
      case 5 -> nodes.numberNode(new BigDecimal("1e400"));
      case 6 -> nodes.numberNode(-random.nextInt());
      case 7 -> nodes.textNode("9999-12-31T23:59:59.999999999Z");
      case 8 -> nodes.textNode("0001-01-01T00:00:00-18:00");
      case 9 -> nodes.textNode("\ud800\u0000\u202e😀");
      case 10 -> nested.add(nodes.objectNode()).add("x");
      default -> nodes.objectNode().put("id", "inner").put("status", "approved");
    };
  }
}
