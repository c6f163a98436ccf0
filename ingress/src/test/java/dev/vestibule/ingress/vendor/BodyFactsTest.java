package dev.vestibule.ingress.vendor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyFactsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":{\"id\":\"x\"}}|x",
        "{\"a\":{\"id\":19}}|19",
        "{\"a\":{\"id\":123456789012345678901234567890}}|123456789012345678901234567890",
        "{\"a\":{\"id\":1.50}}|1.50",
        "{\"a\":{\"id\":\"\\u0078\"}}|x",
        "{\"\\u0061\":{\"id\":1}}|1",
        "{\"a\":{\"id\":1},\"a\":{\"id\":2}}|2",
        "{\"a\":{\"id\":1,\"id\":2}}|2",
        "{\"a\":{\"id\":1},\"a\":{}}|",
        "{\"a\":{\"id\":1},\"a\":7}|",
        "{\"a\":{\"id\":1,\"id\":null}}|",
        "{\"a\":{\"id\":1,\"id\":{\"id\":2}}}|",
        "{\"a\":{\"id\":true}}|",
        "{\"a\":{\"id\":[1]}}|",
        "{\"a\":[{\"id\":1}]}|",
        "{\"b\":{\"a\":{\"id\":1}}}|",
        "{\"a.id\":1}|",
        "{}|"
      })
  void valueIsTheExactTextOfTheLastOccurrence(String body, @Nullable String expected) {
    BodyFacts facts = scan(body);

    assertThat(facts.readable()).isTrue();
    assertThat(facts.text("a.id")).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "1", "{", "{\"a\":{\"id\":1}", "{\"a\":{\"id\":1}} x", "x"})
  void whatIsNotOneObjectIsUnreadable(String body) {
    BodyFacts facts = scan(body);

    assertThat(facts.readable()).isFalse();
    assertThat(facts.text("a.id")).isNull();
  }

  @Test
  void byteOrderMarkIsSkipped() {
    assertThat(scan("\uFEFF{\"a\":{\"id\":1}}").text("a.id")).isEqualTo("1");
  }

  @Test
  void agreesWithATreeParseOnGeneratedBodies() throws IOException {
    long seed = Long.getLong("vestibule.seed", new Random().nextLong());
    Random random = new Random(seed);
    ObjectMapper mapper = new ObjectMapper();
    for (int round = 0; round < 5000; round++) {
      String body = object(random, 0);
      JsonNode id = mapper.readTree(body).at("/a/id");
      String expected = id.isTextual() || id.isNumber() ? id.asText() : null;

      assertThat(scan(body).text("a.id")).as("seed %d round %d", seed, round).isEqualTo(expected);
    }
  }

  private static String object(Random random, int depth) {
    StringBuilder text = new StringBuilder("{");
    int count = random.nextInt(4);
    for (int index = 0; index < count; index++) {
      text.append(index == 0 ? "" : ",").append(random.nextBoolean() ? "\"a\":" : "\"id\":");
      text.append(
          switch (random.nextInt(depth > 3 ? 3 : 6)) {
            case 0 -> "\"s" + random.nextInt(9) + "\"";
            case 1 -> Integer.toString(random.nextInt(100));
            case 2 -> "null";
            case 3 -> "[" + object(random, depth + 1) + "]";
            default -> object(random, depth + 1);
          });
    }
    return text.append('}').toString();
  }

  private static BodyFacts scan(String body) {
    return BodyFacts.scan(body.getBytes(StandardCharsets.UTF_8), BodyFacts.Paths.of("a.id"));
  }
}
